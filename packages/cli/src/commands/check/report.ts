import { redacted } from "../../output/redact.ts"
import type { Output } from "../../output/output.ts"
import { printable } from "../../output/text.ts"
import type { StepResult, StepStatus } from "./step.ts"

const MARKS: Readonly<Record<StepStatus, string>> = { ok: "✓", warning: "!", failed: "✗", skipped: "–" }
/** Where the terminal may not have these, and in pipes. */
const PLAIN_MARKS: Readonly<Record<StepStatus, string>> = { ok: "ok", warning: "warn", failed: "FAIL", skipped: "skip" }

const COLOURS = { ok: "green", warning: "yellow", failed: "red", skipped: "dim" } as const

/** What is told of one storage, and with `--json` is one line. */
export interface StorageReport {
  readonly storage: string
  /** What it points at, without secrets; undefined where it can't be made. */
  readonly target: string | undefined
  readonly ok: boolean
  readonly steps: readonly StepResult[]
  /** Files of the check that could not be removed. */
  readonly leftBehind: readonly string[]
}

/** Writes the steps as they end. */
export class LiveReport {
  readonly #output: Output
  readonly #marks: Readonly<Record<StepStatus, string>>
  readonly #markWidth: number

  constructor(output: Output) {
    this.#output = output
    this.#marks = hasUnicode() ? MARKS : PLAIN_MARKS
    this.#markWidth = Math.max(...Object.values(this.#marks).map(({ length }) => length))
  }

  async storage(title: string, target: string | undefined): Promise<void> {
    if (this.#output.json) return
    const shown = target === undefined || target === title ? "" : `  ${target}`
    await this.#line(`${this.#output.resultStyle("bold", title)}${this.#output.resultStyle("dim", redacted(shown))}`)
  }

  begin(title: string, doing: string): void {
    this.#output.status(`${title}: ${doing}`)
  }

  async end(result: StepResult, error: unknown): Promise<void> {
    this.#output.status("")
    if (error instanceof Error) this.#output.detail(printable(redacted(stacksOf(error))))
    if (this.#output.json) return
    const { step, status, text, seconds, code, hint } = result
    const mark = this.#output.resultStyle(COLOURS[status], this.#marks[status].padEnd(this.#markWidth))
    const told = code === undefined || text.startsWith(`${code}:`) ? text : `${code}: ${text}`
    await this.#line(`  ${mark}  ${step.padEnd(13)} ${timeOf(status, seconds).padStart(7)}  ${told}`)
    if (hint !== undefined) await this.#line(`  ${" ".repeat(this.#markWidth)}  ${" ".repeat(22)} ${hint}`)
  }

  async finish(report: StorageReport): Promise<void> {
    if (this.#output.json) {
      await this.#output.write(`${redactedJson(report)}\n`)
      return
    }
    for (const name of report.leftBehind) await this.#line(`  could not be removed: ${name}`)
    await this.#line("")
  }

  async #line(text: string): Promise<void> {
    await this.#output.write(`${redacted(text).trimEnd()}\n`)
  }
}

/** Secrets are looked for in the values, not in the JSON, which writes some characters in another way. */
function redactedJson(report: StorageReport): string {
  return JSON.stringify(report, (_, value: unknown) => (typeof value === "string" ? printable(redacted(value)) : value))
}

function timeOf(status: StepStatus, seconds: number): string {
  if (status === "skipped") return ""
  return seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(1)} s`
}

/** A terminal that is told to be in UTF-8. */
function hasUnicode(): boolean {
  if (!process.stdout.isTTY || process.env["TERM"] === "linux") return false
  if (process.platform === "win32") return Boolean(process.env["WT_SESSION"] ?? process.env["TERM_PROGRAM"])
  const { LC_ALL, LC_CTYPE, LANG } = process.env
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || "")
}

function stacksOf(error: Error): string {
  const stacks: string[] = []
  for (let current: unknown = error; current instanceof Error && stacks.length < 5; current = current.cause) {
    stacks.push(current.stack ?? current.message)
  }
  return stacks.join("\ncaused by ")
}
