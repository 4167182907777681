/** What went wrong with static files. `docs/static.md` gives cause and remedy of each. */
export type StaticErrorCode =
  | "invalid-option"
  | "invalid-name"
  | "unknown-name"
  | "unreadable-source"
  | "unreadable-file"
  | "name-clash"
  | "unresolved-references"
  | "source-in-target"
  | "invalid-manifest"
  | "newer-manifest"
  | "missing-manifest"
  | "collect-in-progress"
  | "publish-failed"

/** What a StaticError tells besides its code and message. */
export interface StaticErrorOptions {
  readonly cause?: unknown
  /** The file or name that it is about. */
  readonly file?: string | undefined
  /** With `unresolved-references`: each of them. */
  readonly problems?: readonly ReferenceProblem[] | undefined
}

/** A reference that leads nowhere. */
export interface ReferenceProblem {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 code units. */
  readonly column: number
  /** As written. */
  readonly reference: string
  readonly reason: string
  /** Only told, not a failure: a source map that is missing. */
  readonly warning: boolean
}

/** The one error class of this package. What storages throw passes as it is. */
export class StaticError extends Error {
  override readonly name = "StaticError"
  readonly code: StaticErrorCode
  readonly file: string | undefined
  readonly problems: readonly ReferenceProblem[] | undefined

  constructor(code: StaticErrorCode, message: string, options: StaticErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.file = options.file
    this.problems = options.problems
  }
}
