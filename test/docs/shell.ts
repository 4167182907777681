/** Enough of a shell's grammar to read what documents tell people to type. */

/** One command with its words, without variables before it and without redirections. */
export interface ShellCommand {
  /** Of its first line in the block, counted from 0. */
  readonly line: number
  readonly words: readonly string[]
  /** `NAME=value` before the command. */
  readonly variables: readonly string[]
}

const SEPARATORS: ReadonlySet<string> = new Set(["&&", "||", "|", ";", "&"])

/** @throws Error for a quote that is not closed */
export function shellCommands(lines: readonly string[]): ShellCommand[] {
  const commands: ShellCommand[] = []
  let words: string[] = []
  let first = 0
  const end = () => {
    const start = words.findIndex((word) => !/^[A-Z_][A-Z0-9_]*=/.test(word))
    const count = start === -1 ? words.length : start
    if (words.length > 0) commands.push({ line: first, words: words.slice(count), variables: words.slice(0, count) })
    words = []
  }
  for (const [index, line] of lines.entries()) {
    if (words.length === 0) first = index
    const continued = line.endsWith("\\")
    for (const word of wordsOf(continued ? line.slice(0, -1) : line)) {
      if (SEPARATORS.has(word)) end()
      else words.push(word)
    }
    if (!continued) end()
  }
  end()
  return commands
}

/** The words of a line, without quotes and comments; separators are words of their own, redirections are left out. */
function wordsOf(line: string): string[] {
  const words: string[] = []
  const token = /\s*(?:(#.*)|(&&|\|\||[;|&])|[12]?>>?\s*\S+|((?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'\\;|&<>])+))/y
  while (token.lastIndex < line.trimEnd().length) {
    const at = token.lastIndex
    const match = token.exec(line)
    if (match === null) throw new Error(`can't be read from here: ${line.slice(at)}`)
    const [, comment, separator, word] = match
    if (comment !== undefined) break
    if (separator !== undefined) words.push(separator)
    if (word !== undefined) words.push(unquoted(word))
  }
  return words
}

function unquoted(word: string): string {
  return word.replaceAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/g, (_, double?: string, single?: string, one?: string) =>
    double === undefined ? (single ?? one!) : double.replaceAll(/\\(["\\$`])/g, "$1"),
  )
}
