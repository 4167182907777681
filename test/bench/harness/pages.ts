import type { RowResult } from "./measure.ts"
import { plotOf } from "./plot.ts"
import { describeMachine, type Results } from "./results.ts"
import { sizesOf } from "./ratios.ts"
import { summaryOf } from "./summary.ts"
import { markdownOf } from "./tables.ts"

const SUMMARY = /(<!-- measured -->\n)[^]*?(<!-- \/measured -->)/

/** docs/performance.md with the summary of two runs in its place. @throws Error where it has no place for it */
export function performancePage(page: string, first: Results, second: Results): string {
  if (!SUMMARY.test(page)) throw new Error("docs/performance.md has no <!-- measured --> … <!-- /measured -->.")
  const text = `\nTwo runs of ${first.machine.date}, on ${describeMachine(first.machine)}.\n\n${summaryOf(first.rows, second.rows)}\n\n`
  return page.replace(SUMMARY, (_, begin: string, end: string) => `${begin}${text}${end}`)
}

/** docs/measurements.md: every row of the first run, with the ratios of the second. */
export function measurementsPage(first: Results, second: Results): string {
  const sections = first.rows.map((row) => {
    const again = second.rows.find(({ name }) => name === row.name)
    const plot = sizesOf(row).length > 1 ? `\n\n![${row.title}: cost against size](measurements/${row.name}.svg)` : ""
    return `## ${row.title}\n\n\`npm run bench -- ${row.name}\`\n\n${markdownOf(row, again)}${plot}\n`
  })
  return `# Measurements

Every figure behind [Performance](performance.md), which says how to read them. Measured on ${describeMachine(first.machine)}, on ${first.machine.date}. Times are medians of one run. The ratios of a second run stand beside those of the first.

${sections.join("\n")}`
}

/** The plots of the rows with several sizes, by the names of their files. */
export function plots({ rows }: Results): Map<string, string> {
  const growing = rows.filter((row: RowResult) => sizesOf(row).length > 1)
  return new Map(growing.map((row) => [`${row.name}.svg`, plotOf(row)]))
}
