/** One line of a table: column titles and what stands in them. */
export type Row = Readonly<Record<string, string | number>>

/** Prints rows as a Markdown table. */
export function printTable(rows: readonly Row[]): void {
  const titles = Object.keys(rows[0] ?? {})
  const cells = [titles, ...rows.map((row) => titles.map((title) => String(row[title] ?? "")))]
  const widths = titles.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)))
  const print = (line: readonly string[]) =>
    console.log(`| ${line.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`)
  print(cells[0]!)
  print(widths.map((width) => "-".repeat(width)))
  for (const line of cells.slice(1)) print(line)
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]!
}

/** How often a second each candidate can do its work: rounds interleaved, medians. */
export async function rates(
  candidates: Readonly<Record<string, () => unknown>>,
  { rounds = 7, milliseconds = 250 }: { rounds?: number; milliseconds?: number } = {},
): Promise<Record<string, number>> {
  const measured: Record<string, number[]> = {}
  for (let round = 0; round <= rounds; round++) {
    for (const [name, work] of Object.entries(candidates)) {
      const start = performance.now()
      let count = 0
      while (performance.now() - start < milliseconds) {
        for (let turn = 0; turn < 10; turn++, count++) await work()
      }
      // The first round only warms up.
      if (round > 0) (measured[name] ??= []).push((count / (performance.now() - start)) * 1000)
    }
  }
  return Object.fromEntries(Object.entries(measured).map(([name, values]) => [name, median(values)]))
}
