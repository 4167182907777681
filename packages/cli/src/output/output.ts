import { once } from "node:events"
import { styleText } from "node:util"
import { printable } from "./text.ts"

type Style = Parameters<typeof styleText>[0]

/**
 * Where the command writes: results to standard output, everything else to standard error, so that a pipe gets
 * results alone. With `--json` each result is one line of JSON. Colours only on a terminal, and not with NO_COLOR.
 */
export class Output {
  readonly json: boolean
  readonly verbose: boolean
  /** Whether standard error is a terminal, on which a line can be drawn again. */
  readonly interactive: boolean
  #status = ""

  constructor(options: { json: boolean; verbose: boolean }) {
    this.json = options.json
    this.verbose = options.verbose
    this.interactive = process.stderr.isTTY && process.env["TERM"] !== "dumb"
  }

  /** One line of the result; with `--json` the value instead. Waits where the reader of a pipe is slow. */
  async result(text: string, value: unknown): Promise<void> {
    await this.write(`${this.json ? JSON.stringify(value) : text}\n`)
  }

  /** Bytes or text of the result as they are. */
  async write(data: string | Uint8Array): Promise<void> {
    this.#eraseStatus()
    if (!process.stdout.write(data)) await once(process.stdout, "drain")
    this.#drawStatus()
  }

  /** A line for the person who watches, not part of the result. */
  note(text: string): void {
    this.#eraseStatus()
    process.stderr.write(`${text}\n`)
    this.#drawStatus()
  }

  /** As a note, with `--verbose` only. */
  detail(text: string): void {
    if (this.verbose) this.note(this.style("dim", text))
  }

  warn(text: string): void {
    this.note(`${this.style("yellow", "warning:")} ${printable(text)}`)
  }

  /** The last line of a terminal, drawn again and again. `""` removes it. Elsewhere nothing happens. */
  status(text: string): void {
    if (!this.interactive) return
    this.#eraseStatus()
    this.#status = text.slice(0, Math.max(0, (process.stderr.columns || 80) - 1))
    this.#drawStatus()
  }

  /** Colours for standard error; results are styled by `resultStyle`. */
  style(style: Style, text: string): string {
    return styleText(style, text, { stream: process.stderr })
  }

  resultStyle(style: Style, text: string): string {
    return styleText(style, text, { stream: process.stdout })
  }

  #eraseStatus(): void {
    if (this.#status !== "") process.stderr.write("\r\u001b[K")
  }

  #drawStatus(): void {
    if (this.#status !== "") process.stderr.write(this.#status)
  }
}
