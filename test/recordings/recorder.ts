import { spawn } from "@lydell/node-pty"
import headless, { type IBufferCell } from "@xterm/headless"
import { environment } from "../cli/run-command.ts"
import { PATIENCE } from "../patience.ts"

/** A piece of text in one style. */
export interface Span {
  readonly column: number
  readonly text: string
  /** How many columns it takes. */
  readonly width: number
  /** 0 to 15, of the terminal's palette; undefined for its own. */
  readonly color: number | undefined
  readonly bold: boolean
  readonly dim: boolean
}

/** What a terminal shows at a moment. */
export interface Frame {
  /** Milliseconds from the beginning. */
  readonly at: number
  readonly rows: readonly (readonly Span[])[]
}

export interface Recording {
  readonly columns: number
  readonly frames: readonly Frame[]
  /** What is shown at the end, as text. */
  readonly text: string
}

/** Keys that are typed when the screen shows something. */
interface Answer {
  readonly shows: string
  readonly types: string
}

export interface RecordOptions {
  /** The file of the built command. */
  readonly command: string
  readonly cwd: string
  readonly columns: number
  /** What is shown instead of the folder, whose name is another one each time. */
  readonly shownAs: string
  readonly env?: Readonly<Record<string, string>> | undefined
}

/** Commands that are typed one after another into one terminal. */
export interface Line {
  readonly args: readonly string[]
  readonly answers?: readonly Answer[] | undefined
}

const ROWS = 200

/** How long typing a character takes, and how long the longest silence is shown, in milliseconds. */
const PER_KEY = 35
const LONGEST_SILENCE = 700

/** Runs commands in a pseudo-terminal, and keeps what it shows from moment to moment. */
export async function record(lines: readonly Line[], options: RecordOptions): Promise<Recording> {
  const { columns } = options
  const terminal = new headless.Terminal({ cols: columns, rows: ROWS, allowProposedApi: true })
  const frames: Frame[] = []
  let clock = 0
  let last = Date.now()
  const show = async (data: string, after: number): Promise<void> => {
    clock += Math.min(after, LONGEST_SILENCE)
    await new Promise<void>((resolve) => terminal.write(data, resolve))
    frames.push({ at: clock, rows: rowsOf(terminal) })
  }
  for (const { args, answers = [] } of lines) {
    await show("$ ", 0)
    for (const key of `storages ${args.map(quoted).join(" ")}`) await show(key, PER_KEY)
    await show("\r\n", 300)
    last = Date.now()
    let shown = Promise.resolve()
    const open = [...answers]
    await new Promise<void>((resolve, reject) => {
      const child = spawn(process.execPath, [options.command, ...args], {
        name: "xterm-256color",
        cols: columns,
        rows: ROWS,
        cwd: options.cwd,
        env: { ...environment(options.env), TERM: "xterm-256color", LC_ALL: "C.UTF-8" },
      })
      child.onData((data) => {
        const now = Date.now()
        const after = now - last
        last = now
        const showNext = async (before: Promise<void>): Promise<void> => {
          await before
          await show(data.replaceAll(options.cwd, options.shownAs), after)
          if (open[0] !== undefined && textOf(terminal).includes(open[0].shows)) child.write(open.shift()!.types)
        }
        shown = showNext(shown)
      })
      // A command that has not ended by then waits for an answer that it is not given.
      const limit = setTimeout(() => {
        child.kill("SIGKILL")
        reject(new Error(`storages ${args.join(" ")} does not end:\n${textOf(terminal)}`))
      }, PATIENCE)
      child.onExit(() => {
        clearTimeout(limit)
        resolve()
      })
    })
    await shown
  }
  const text = textOf(terminal)
  terminal.dispose()
  return { columns, frames: distinct(frames), text }
}

function quoted(text: string): string {
  return /^[\w./:=@,+-]+$/.test(text) ? text : `'${text}'`
}

function textOf(terminal: headless.Terminal): string {
  const { active } = terminal.buffer
  const lines = Array.from({ length: active.length }, (_, index) => active.getLine(index)!.translateToString(true))
  return lines.join("\n").trimEnd()
}

function rowsOf(terminal: headless.Terminal): Span[][] {
  const { active } = terminal.buffer
  const rows = Array.from({ length: active.length }, (_, index) => spansOf(active.getLine(index)!, terminal.cols))
  while (rows.at(-1)?.length === 0) rows.pop()
  return rows
}

function spansOf(line: { getCell(column: number): IBufferCell | undefined }, columns: number): Span[] {
  const spans: Span[] = []
  for (let column = 0; column < columns; column++) {
    const cell = line.getCell(column)
    const text = cell?.getChars() ?? ""
    if (cell === undefined || text.trim() === "") continue
    const style = {
      color: cell.isFgPalette() ? cell.getFgColor() : undefined,
      bold: cell.isBold() !== 0,
      dim: cell.isDim() !== 0,
    }
    const before = spans.at(-1)
    const gap = before === undefined ? -1 : column - before.column - before.width
    const same = before?.color === style.color && before?.bold === style.bold && before?.dim === style.dim
    if (before !== undefined && same && gap >= 0 && gap <= 1) {
      spans[spans.length - 1] = { ...before, text: before.text + " ".repeat(gap) + text, width: before.width + gap + 1 }
    } else spans.push({ column, text, width: 1, ...style })
  }
  return spans
}

/** Frames that differ from the one before; of those that follow within 40 ms the last. */
function distinct(frames: readonly Frame[]): Frame[] {
  const kept: Frame[] = []
  for (const frame of frames) {
    const before = kept.at(-1)
    if (before !== undefined && JSON.stringify(before.rows) === JSON.stringify(frame.rows)) continue
    if (before !== undefined && frame.at - before.at < 30) kept.pop()
    kept.push(frame)
  }
  return kept
}
