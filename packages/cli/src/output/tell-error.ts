import { StorageError } from "@node-storages/core"
import { CommandError } from "../command-error.ts"
import { EXIT, type ExitCode } from "../exit-codes.ts"
import type { Output } from "./output.ts"
import { redacted } from "./redact.ts"
import { printable } from "./text.ts"

/** Failures of single files that are listed; the rest is counted. */
const MOST_LISTED = 20

/** What is told of an error. */
interface Told {
  readonly code: string
  readonly message: string
  readonly lines: readonly string[]
}

/** Codes of StorageErrors with which nothing was attempted: the call or the configuration is wrong. */
const USAGE_CODES: ReadonlySet<string> = new Set(["invalid-name", "invalid-option"])

/** Tells an error on standard error, as one line of JSON with `--json`, and answers with the exit code. */
export function tellError(output: Output, error: unknown): ExitCode {
  output.status("")
  const { code, message, lines } = toldOf(error)
  if (output.json) {
    output.note(JSON.stringify({ error: { code, message, ...(lines.length > 0 && { failures: lines }) } }))
  } else {
    output.note(`${output.style("red", "error:")} ${printable(message)}`)
    const most = error instanceof CommandError ? Infinity : MOST_LISTED
    for (const line of lines.slice(0, most)) output.note(`  ${printable(line)}`)
    if (lines.length > most) output.note(`  and ${lines.length - most} more`)
  }
  if (output.verbose && error instanceof Error) tellStack(output, error)
  return exitCodeOf(error)
}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommandError) return error.exitCode
  const { code } = error as { code?: unknown }
  if (StorageError.is(error, "not-found")) return EXIT.notFound
  if (StorageError.is(error) && USAGE_CODES.has(error.code)) return EXIT.usage
  return isStaticError(error) && code === "invalid-option" ? EXIT.usage : EXIT.failed
}

function toldOf(error: unknown): Told {
  if (!(error instanceof Error)) return { code: "unknown", message: redacted(String(error)), lines: [] }
  const { code } = error as { code?: unknown }
  const lines = linesOf(error).map((line) => redacted(line))
  return { code: typeof code === "string" ? code : "unknown", message: redacted(error.message), lines }
}

/** What an error lists beside its message: the files that failed. */
function linesOf(error: Error): readonly string[] {
  if (error instanceof CommandError) return error.lines
  if (!StorageError.is(error)) return []
  return (error.failures ?? []).map((failure) => `${failure.name}: ${failure.error.message}`)
}

/** By its name: the static package is loaded by commands that need it, and the app may have a copy of its own. */
function isStaticError(error: unknown): error is Error {
  return error instanceof Error && error.name === "StaticError"
}

/** Stacks and messages of the causes, nothing that a service's client has put into its errors beside them. */
function tellStack(output: Output, error: Error): void {
  for (let current: unknown = error, depth = 0; current instanceof Error && depth < 5; depth++) {
    output.detail(`${depth === 0 ? "" : "caused by "}${printable(redacted(current.stack ?? current.message))}`)
    current = current.cause
  }
}
