/** What was typed up to the cursor, without its quotes. */
export interface TypedLine {
  /** The words before the one that is being typed, without the command's own name. */
  readonly words: readonly string[]
  readonly current: string
  /** The quote that is open at the cursor. */
  readonly quote: '"' | "'" | ""
}

/** Splits a line as shells do: quotes, and backslashes outside of single ones. Variables are left as they are. */
export function splitLine(line: string): TypedLine {
  const words: string[] = []
  let current = ""
  let quote: TypedLine["quote"] = ""
  let begun = false
  for (let index = 0; index < line.length; index++) {
    const character = line[index]!
    if (character === "\\" && quote !== "'" && index + 1 < line.length) {
      current += line[++index]!
      begun = true
    } else if (quote !== "") {
      if (character === quote) quote = ""
      else current += character
    } else if (character === '"' || character === "'") {
      quote = character
      begun = true
    } else if (/\s/.test(character)) {
      if (begun) words.push(current)
      current = ""
      begun = false
    } else {
      current += character
      begun = true
    }
  }
  // `NAME=value storages …`: assignments come before the command's name.
  while (words.length > 1 && /^\w+=/.test(words[0]!)) words.shift()
  return { words: words.slice(1), current, quote }
}

/** Characters that every shell takes as they are. */
const SAFE = /^[\w@%+=:,./-]$/

/** A text as Bash reads it back, outside of quotes. A tilde at the beginning keeps its meaning. */
export function escaped(text: string): string {
  return Array.from(text, (character, index) =>
    SAFE.test(character) || (character === "~" && index === 0) ? character : `\\${character}`,
  ).join("")
}
