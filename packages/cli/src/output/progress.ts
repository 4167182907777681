import type { Output } from "./output.ts"
import { bytes, count } from "./text.ts"

/** How often a terminal's line is drawn again, and a line is added to a pipe, in milliseconds. */
const REDRAW = 80
const REPEAT = 10_000

const BAR_WIDTH = 24

/** How far a command is. */
export interface Step {
  readonly done: number
  /** Undefined where nobody knows. */
  readonly total?: number | undefined
  readonly bytes?: number | undefined
  /** Where it is known, the bar is that of the bytes. */
  readonly totalBytes?: number | undefined
  /** What is done now: the name of a file. */
  readonly current?: string | undefined
}

/** A bar on a terminal; in a pipe, a line every ten seconds. `end` removes the bar. */
export class Progress {
  readonly #output: Output
  readonly #title: string
  #drawn = 0
  readonly #began = Date.now()
  #told = this.#began

  /** @param title what is being done: `"Collecting"` */
  constructor(output: Output, title: string) {
    this.#output = output
    this.#title = title
  }

  step(step: Step): void {
    const now = Date.now()
    if (this.#output.interactive) {
      if (now - this.#drawn < REDRAW) return
      this.#drawn = now
      this.#output.status(this.#line(step))
    } else if (now - this.#told >= REPEAT) {
      this.#told = now
      this.#output.note(this.#plain(step))
    }
  }

  end(): void {
    this.#output.status("")
  }

  #line(step: Step): string {
    const { done, total, bytes: size = 0, totalBytes = 0, current = "" } = step
    const [part, whole] = totalBytes > 0 ? [size, totalBytes] : [done, total ?? 0]
    if (whole === 0) return `${this.#plain(step)} ${current}`
    const filled = Math.min(BAR_WIDTH, Math.round((part / whole) * BAR_WIDTH))
    const bar = `${"█".repeat(filled)}${"░".repeat(BAR_WIDTH - filled)}`
    const files = total === undefined || (total === 1 && totalBytes > 0) ? "" : ` ${done}/${total}`
    const sizes = totalBytes > 0 ? ` ${bytes(size)} of ${bytes(totalBytes)}${this.#rate(size)}` : ""
    return `${this.#title} ${bar}${files}${sizes} ${current}`
  }

  #plain({ done, total, bytes: size, totalBytes }: Step): string {
    const files = total === undefined ? count(done, "file") : `${done} of ${count(total, "file")}`
    if (size === undefined) return `${this.#title}: ${files}`
    return `${this.#title}: ${files}, ${bytes(size)}${totalBytes ? ` of ${bytes(totalBytes)}` : ""}${this.#rate(size)}`
  }

  /** On the average so far. */
  #rate(size: number): string {
    const seconds = (Date.now() - this.#began) / 1000
    return size === 0 || seconds < 1 ? "" : `, ${bytes(Math.round(size / seconds))}/s`
  }
}
