import type { RowResult } from "./measure.ts"
import { ratioIn, shown } from "./ratios.ts"

/** The result of a row as a Markdown table, with its goals below; with the ratios of another run, where there is one. */
export function markdownOf(result: RowResult, again?: RowResult): string {
  const { measured, unit, ratioOf, base } = result
  const sizes = [...new Set(measured.map(({ size }) => size))]
  const withSizes = sizes.length > 1
  const withServer = measured.some(({ seen }) => seen !== undefined)
  const titles = [
    "",
    ...(withSizes ? ["size"] : []),
    ...(withSizes ? ["wall", "CPU"] : [`wall per ${unit}`, `CPU per ${unit}`]),
    `× ${base} (${ratioOf === "cpu" ? "CPU" : "wall"})`,
    ...(again ? ["again"] : []),
    "grew by",
    ...(withServer ? ["requests", "connections"] : []),
  ]
  const lines = measured.map((each) => {
    const scale = withSizes ? each.size || 1 : 1
    return [
      each.subject,
      ...(withSizes ? [each.size.toLocaleString("en")] : []),
      duration(each.wall * scale),
      duration(each.cpu * scale),
      ratioText(result, each.subject, each.size),
      ...(again ? [ratioText(again, each.subject, each.size)] : []),
      bytes(each.growth),
      ...(withServer ? [String(each.seen?.requests ?? ""), String(each.seen?.connections ?? "")] : []),
    ]
  })
  return [table(titles, lines), ...notes(result)].join("\n")
}

function ratioText(row: RowResult, subject: string, size: number): string {
  const ratio = ratioIn(row, subject, size)
  return ratio === undefined ? "" : shown(ratio)
}

function notes({ goals, notHere }: RowResult): string[] {
  const lines = goals.map(({ base, atMost, plus, ratio }) => {
    const goal = `Goal: at most ${shown(atMost)} of ${base}${plus === undefined ? "" : `, and ${duration(plus)}`}`
    if (ratio === undefined) return `${goal}; not measured.`
    return `${goal}; measured ${shown(ratio)}${ratio <= atMost ? "" : ": missed"}.`
  })
  for (const [subject, reason] of Object.entries(notHere)) lines.push(`${subject} was not measured: ${reason}`)
  return lines.length > 0 ? ["", ...lines.flatMap((line) => [line, ""])].slice(0, -1) : []
}

/** A Markdown table, padded as oxfmt pads it. */
export function table(titles: readonly string[], lines: readonly (readonly string[])[]): string {
  const widths = titles.map((title, column) => Math.max(3, title.length, ...lines.map((line) => line[column]!.length)))
  const print = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join(" | ")} |`
  const rule = widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`))
  return [print(titles), `| ${rule.join(" | ")} |`, ...lines.map(print)].join("\n")
}

/** @param milliseconds with three digits, in the unit that fits */
export function duration(milliseconds: number): string {
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toPrecision(3)} s`
  if (milliseconds >= 1) return `${Number(milliseconds.toPrecision(3))} ms`
  return `${Number((milliseconds * 1000).toPrecision(3))} µs`
}

function bytes(count: number): string {
  return `${(count / 1024 / 1024).toFixed(count < 10 * 1024 * 1024 ? 1 : 0)} MiB`
}
