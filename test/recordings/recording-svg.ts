import type { Frame, Recording, Span } from "./recorder.ts"

const FONT_SIZE = 14
const ADVANCE = 8.43
const LINE_HEIGHT = 20
const PADDING = 16
/** How long the last frame stays before the recording begins anew, in milliseconds. */
const HOLD = 5000

const TEXT = "#d4d8e0"
const BACKGROUND = "#1b1f27"
const PALETTE: readonly string[] = [
  "#4b5263",
  "#f0717b",
  "#9ccf78",
  "#e8c171",
  "#6fb3f2",
  "#cf8ee6",
  "#5fc4cf",
  "#d4d8e0",
  "#7f8796",
  "#ff8b94",
  "#b5e48f",
  "#ffd98a",
  "#8cc8ff",
  "#e0a6f5",
  "#7fdde8",
  "#ffffff",
]

/**
 * A recording as a picture that moves, for pages that run no scripts. Whoever wants less motion sees the end; readers
 * of screens get the text.
 * @param title what is shown: `storages ls`
 */
export function recordingSvg({ columns, frames, text }: Recording, title: string): string {
  const rows = Math.max(...frames.map((frame) => frame.rows.length))
  const width = Math.round(columns * ADVANCE + 2 * PADDING)
  const height = rows * LINE_HEIGHT + 2 * PADDING
  const duration = frames.at(-1)!.at + HOLD
  const lines = linesOf(frames)
  const moments = new Map(lines.map((line) => [momentOf(line), line]))
  const style = [
    `text{font:${FONT_SIZE}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:${TEXT};white-space:pre}`,
    ".b{font-weight:bold}.d{opacity:.6}",
    `g{visibility:hidden;animation:${duration}ms step-end infinite}`,
    ...[...moments].map(([moment, line]) => keyframes(moment, line, duration)),
    "@media (prefers-reduced-motion:reduce){g{animation:none!important}.l{visibility:visible}}",
  ]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="t d">`,
    `<title id="t">${escaped(title)}</title>`,
    `<desc id="d">${escaped(text)}</desc>`,
    `<style>${style.join("")}</style>`,
    `<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>`,
    ...lines.map(lineSvg),
    "</svg>\n",
  ].join("\n")
}

/** What stands in a row from one moment to another, in milliseconds. */
interface ShownLine {
  readonly row: number
  readonly spans: readonly Span[]
  readonly from: number
  /** Undefined: to the end. */
  readonly until: number | undefined
}

function linesOf(frames: readonly Frame[]): ShownLine[] {
  const rows = Math.max(...frames.map((frame) => frame.rows.length))
  return Array.from({ length: rows }, (_, row) => linesOfRow(frames, row)).flat()
}

function linesOfRow(frames: readonly Frame[], row: number): ShownLine[] {
  const lines: ShownLine[] = []
  let from = 0
  frames.forEach((frame, index) => {
    const spans = frame.rows[row] ?? []
    const next = frames[index + 1]
    if (next !== undefined && JSON.stringify(next.rows[row] ?? []) === JSON.stringify(spans)) return
    if (spans.length > 0) lines.push({ row, spans, from, until: next?.at })
    from = next?.at ?? 0
  })
  return lines
}

/** The name of its keyframes, which lines that come and go together share. */
function momentOf({ from, until }: ShownLine): string {
  return `m${from}-${until ?? ""}`
}

/** The text that a recording ends with. */
export function textOfSvg(svg: string): string {
  const text = /<desc id="d">([^<]*)<\/desc>/.exec(svg)?.[1] ?? ""
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&")
}

function keyframes(name: string, { from, until }: ShownLine, duration: number): string {
  const percent = (time: number): string => `${((time / duration) * 100).toFixed(3)}%`
  const before = from === 0 ? "" : "0%{visibility:hidden}"
  const after = until === undefined ? "" : `${percent(until)}{visibility:hidden}`
  return `@keyframes ${name}{${before}${percent(from)}{visibility:visible}${after}}`
}

function lineSvg(line: ShownLine): string {
  const y = PADDING + (line.row + 0.75) * LINE_HEIGHT
  const last = line.until === undefined ? ' class="l"' : ""
  const spans = line.spans.map((span) => spanSvg(span, y)).join("")
  return `<g${last} style="animation-name:${momentOf(line)}">${spans}</g>`
}

function spanSvg({ column, text, width, color, bold, dim }: Span, y: number): string {
  const classes = [bold ? "b" : "", dim ? "d" : ""].filter((name) => name !== "").join(" ")
  const fill = color === undefined ? "" : ` style="fill:${PALETTE[color] ?? TEXT}"`
  const className = classes === "" ? "" : ` class="${classes}"`
  // The width is given, so that columns stay where they are whatever font there is.
  const x = (PADDING + column * ADVANCE).toFixed(1)
  const given = width > 1 ? ` textLength="${(width * ADVANCE).toFixed(1)}" lengthAdjust="spacingAndGlyphs"` : ""
  return `<text x="${x}" y="${y}"${given}${className}${fill}>${escaped(text)}</text>`
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
}
