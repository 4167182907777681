import type { Storage, StorageDriver } from "@node-storages/core"
import type { CheckFiles } from "./check-files.ts"

export type StepStatus = "ok" | "warning" | "failed" | "skipped"

/** What a step has found. What it throws is a failure. */
export interface Outcome {
  readonly status: Exclude<StepStatus, "failed">
  /** What was tried and found, in a line. */
  readonly text: string
  readonly code?: string | undefined
  /** The way out, in the provider's words. */
  readonly hint?: string | undefined
}

/** A step that is over, as it is told. */
export interface StepResult {
  readonly step: string
  readonly status: StepStatus
  readonly text: string
  /** How long it took, in seconds. */
  readonly seconds: number
  /** With a failure or a warning: that of the StorageError, or one of the check's own. */
  readonly code?: string | undefined
  readonly hint?: string | undefined
}

/** What the steps of a storage share. */
export interface CheckContext {
  readonly storage: Storage
  /** Undefined for a storage of somebody's own, which tells less. */
  readonly driver: StorageDriver | undefined
  /** The origin of pages that read from the storage and upload to it. */
  readonly origin: string | undefined
  readonly readOnly: boolean
  /** Whether files may be written that go up in parts. */
  readonly large: boolean
  readonly files: CheckFiles
  /** No connection can be made: what needs one does not try again. */
  unreachable: boolean
}

/** One step of a check: it looks at one thing, and knows nothing of the steps before it. */
export interface CheckStep<Context> {
  readonly name: string
  /** What it looks at, for the line that is shown meanwhile: `"writing a file"`. */
  readonly doing: string
  /** Steps without which it makes no sense: where one of them failed or was skipped, this one is skipped. */
  readonly needs: readonly string[]
  /** Aborts on Ctrl-C, and when the step's time is over. */
  run(context: Context, signal: AbortSignal): Promise<Outcome>
}

/** A finding that no StorageError tells of. */
export class CheckProblem extends Error {
  readonly code: string
  readonly hint: string | undefined

  constructor(code: string, message: string, hint?: string) {
    super(message)
    this.code = code
    this.hint = hint
  }
}

export function ok(text: string): Outcome {
  return { status: "ok", text }
}

export function warning(code: string, text: string, hint?: string): Outcome {
  return { status: "warning", code, text, hint }
}

export function skipped(text: string, hint?: string): Outcome {
  return { status: "skipped", text, hint }
}
