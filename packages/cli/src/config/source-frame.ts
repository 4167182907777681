/** Literals that may hold a secret: where a configuration has one against all advice, it is not printed. */
const LONG_LITERAL = /(["'`])[^"'`\n]{16,}\1/g

/**
 * The lines around a place in a file, with a mark below it. Long texts in quotes are left out: nothing that may be a
 * secret is printed.
 * @param line from 1
 * @param column from 1
 */
export function sourceFrame(source: string, line: number, column: number): string {
  const lines = source.split("\n")
  const first = Math.max(1, line - 1)
  const last = Math.min(lines.length, line + 1)
  const width = String(last).length
  const shown: string[] = []
  for (let number = first; number <= last; number++) {
    const text = lines[number - 1]!
    const masked = text.replace(
      LONG_LITERAL,
      (literal) => literal[0]! + "…".padEnd(literal.length - 2, "…") + literal[0]!,
    )
    shown.push(`${number === line ? ">" : " "} ${String(number).padStart(width)} | ${masked}`)
    if (number === line) shown.push(`  ${" ".repeat(width)} | ${" ".repeat(column - 1)}^`)
  }
  return shown.join("\n")
}
