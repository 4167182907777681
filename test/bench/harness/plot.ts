import type { RowResult } from "./measure.ts"
import { duration } from "./tables.ts"

const [WIDTH, HEIGHT] = [720, 420]
const [LEFT, RIGHT, TOP, BOTTOM] = [80, 210, 48, 56]
/** Told apart by who can't tell red from green as well (Okabe and Ito). */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f"]

/** Cost against size, both on logarithmic scales: what grows in step with the size is a straight line. */
export function plotOf({ title, unit, measured, ratioOf }: RowResult): string {
  const sized = measured.filter(({ size }) => size > 0)
  const xs = sized.map(({ size }) => size)
  const ys = sized.map((each) => each[ratioOf] * each.size)
  const x = scale(xs, LEFT, WIDTH - RIGHT)
  const y = scale(ys, HEIGHT - BOTTOM, TOP)
  const subjects = [...new Set(sized.map(({ subject }) => subject))]
  const lines = subjects.map((subject, index) => {
    const points = sized.filter((each) => each.subject === subject)
    const colour = COLOURS[index % COLOURS.length]!
    const at = points.map((each) => [x.at(each.size), y.at(each[ratioOf] * each.size)] as const)
    return [
      `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${at.map((point) => point.join(",")).join(" ")}"/>`,
      ...at.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3.5" fill="${colour}"/>`),
      `<text class="name" x="${WIDTH - RIGHT + 40}" y="${TOP + 22 * index + 12}">${escaped(subject)}</text>`,
      `<line stroke="${colour}" stroke-width="2" x1="${WIDTH - RIGHT + 14}" x2="${WIDTH - RIGHT + 34}" y1="${TOP + 22 * index + 8}" y2="${TOP + 22 * index + 8}"/>`,
      `<title>${escaped(subject)}: ${points.map((each) => `${count(each.size)}: ${duration(each[ratioOf] * each.size)}`).join(", ")}</title>`,
    ].join("\n")
  })
  const grid = [
    ...x.ticks.map((tick) => vertical(x.at(tick), count(tick))),
    ...y.ticks.map((tick) => horizontal(y.at(tick), duration(tick))),
  ]
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(title)}">
<style>
text { font: 13px system-ui, sans-serif; fill: #57606a }
.title { font-weight: 600; font-size: 15px }
.grid { stroke: #8c959f; stroke-opacity: 0.3 }
</style>
<text class="title" x="${LEFT}" y="24">${escaped(title)}</text>
${grid.join("\n")}
${lines.map((line) => `<g>\n${line}\n</g>`).join("\n")}
<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 12}" text-anchor="middle">${escaped(unit)}s; ${ratioOf === "cpu" ? "processor time" : "time"} of all, both logarithmic</text>
</svg>
`
}

interface Scale {
  readonly ticks: readonly number[]
  at(value: number): number
}

/** Powers of ten from one end of a side to the other. */
function scale(values: readonly number[], from: number, to: number): Scale {
  const low = Math.floor(Math.log10(Math.min(...values)))
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))))
  const at = (value: number) => Math.round((from + ((Math.log10(value) - low) / (high - low)) * (to - from)) * 10) / 10
  return { ticks: Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index)), at }
}

function vertical(x: number, text: string): string {
  return `<line class="grid" x1="${x}" x2="${x}" y1="${TOP}" y2="${HEIGHT - BOTTOM}"/><text x="${x}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${text}</text>`
}

function horizontal(y: number, text: string): string {
  return `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}"/><text x="${LEFT - 8}" y="${y + 4}" text-anchor="end">${text}</text>`
}

function count(value: number): string {
  return value.toLocaleString("en")
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;")
}
