import type { RowResult } from "./measure.ts"
import { ratioIn, shown, sizesOf } from "./ratios.ts"
import { OURS } from "./row.ts"
import { duration, table } from "./tables.ts"

/** One line for each row: cost as a share of what the row compares with, of two runs. */
export function summaryOf(first: readonly RowResult[], second: readonly RowResult[]): string {
  const lines = first
    .filter((row) => sizesOf(row).length === 1)
    .map((row) => {
      const again = second.find(({ name }) => name === row.name)
      const goal = row.goals.find(({ base }) => base === row.base) ?? row.goals[0]
      const { subject = OURS } = goal ?? {}
      const variant = subject.slice(OURS.length).replace(",", "")
      return [
        row.title,
        `${ratioText(row, subject)}${again ? ` / ${ratioText(again, subject)}` : ""}${variant}`,
        goal?.base === row.base ? goalText(goal) : "",
        row.base,
        bestPeer(row),
        worstPeer(row),
        row.ratioOf === "cpu" ? "CPU" : "time",
      ]
    })
  return table(["Work", "node-storages", "goal", "= 1", "best peer", "dearest peer", "of"], lines)
}

function goalText({ atMost, plus }: RowResult["goals"][number]): string {
  return plus === undefined ? shown(atMost) : `${shown(atMost)} + ${duration(plus)}`
}

function ratioText(row: RowResult, subject: string): string {
  const ratio = ratioIn(row, subject)
  return ratio === undefined ? "–" : shown(ratio)
}

/** Everybody else who does the whole work: no floors, and none of our own variants. */
function peers(row: RowResult): { subject: string; ratio: number }[] {
  return row.measured
    .map(({ subject }) => subject)
    .filter((subject) => !subject.startsWith("floor") && !subject.startsWith(OURS) && !subject.startsWith(row.base))
    .map((subject) => ({ subject, ratio: ratioIn(row, subject) ?? Infinity }))
    .toSorted((one, other) => one.ratio - other.ratio)
}

function bestPeer(row: RowResult): string {
  const [best] = peers(row)
  return best ? `${shown(best.ratio)} ${best.subject}` : ""
}

function worstPeer(row: RowResult): string {
  const all = peers(row)
  const worst = all.length > 1 ? all.at(-1) : undefined
  return worst ? `${shown(worst.ratio)} ${worst.subject}` : ""
}
