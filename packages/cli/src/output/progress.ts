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
  /** What is done now: the name of a file. */
  readonly current?: string | undefined
}

/** A bar on a terminal; in a pipe, a line every ten seconds. `end` removes the bar. */
export class Progress {
  readonly #output: Output
  readonly #title: string
  #drawn = 0
  #told = Date.now()

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
    const { done, total, current = "" } = step
    if (total === undefined || total === 0) return `${this.#plain(step)} ${current}`
    const filled = Math.min(BAR_WIDTH, Math.round((done / total) * BAR_WIDTH))
    const bar = `${"█".repeat(filled)}${"░".repeat(BAR_WIDTH - filled)}`
    return `${this.#title} ${bar} ${done}/${total} ${current}`
  }

  #plain({ done, total, bytes: size }: Step): string {
    const files = total === undefined ? count(done, "file") : `${done} of ${count(total, "file")}`
    return `${this.#title}: ${files}${size === undefined ? "" : `, ${bytes(size)}`}`
  }
}
