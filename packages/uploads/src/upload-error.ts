/** What was wrong with an upload. `docs/uploads.md` gives cause and remedy of each. */
export type UploadErrorCode =
  | "not-a-form"
  | "malformed-form"
  | "truncated"
  | "timeout"
  | "file-too-large"
  | "total-too-large"
  | "field-too-large"
  | "headers-too-large"
  | "too-many-files"
  | "too-many-fields"
  | "too-many-parts"
  | "unexpected-file"
  | "type-not-allowed"
  | "malformed-request"
  | "unknown-policy"
  | "invalid-token"
  | "upload-expired"
  | "not-uploaded"
  | "wrong-size"
  | "wrong-digest"

/** The answer that each deserves, by RFC 9110 section 15.5. */
const STATUS: Readonly<Record<UploadErrorCode, number>> = {
  "not-a-form": 415,
  "malformed-form": 400,
  truncated: 400,
  timeout: 408,
  "file-too-large": 413,
  "total-too-large": 413,
  "field-too-large": 413,
  "headers-too-large": 413,
  "too-many-files": 413,
  "too-many-fields": 413,
  "too-many-parts": 413,
  "unexpected-file": 400,
  "type-not-allowed": 415,
  "malformed-request": 400,
  "unknown-policy": 400,
  "invalid-token": 403,
  "upload-expired": 410,
  "not-uploaded": 409,
  "wrong-size": 400,
  "wrong-digest": 400,
}

const BRAND: unique symbol = Symbol.for("node-storages.UploadError") as never

/** What an UploadError tells besides its code and message. */
export interface UploadErrorOptions {
  /** The name of the form's field that it was about. */
  readonly field?: string | undefined
  readonly cause?: unknown
}

/**
 * What a client sent and may not send. Failures of the storage are no UploadErrors: they stay the StorageErrors that
 * they are. Branded with a registered symbol, so that `UploadError.is` holds across two installed copies.
 */
export class UploadError extends Error {
  readonly code: UploadErrorCode
  /** The status of the answer that it deserves, 400 to 415. Express and Fastify answer with it by themselves. */
  readonly status: number
  readonly field: string | undefined

  constructor(code: UploadErrorCode, message: string, options: UploadErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.status = STATUS[code]
    this.field = options.field
    Object.defineProperty(this, BRAND, { value: true })
  }

  /** True for an UploadError of any installed copy of this package, and of this code where one is given. */
  static is(error: unknown, code?: UploadErrorCode): error is UploadError {
    if (typeof error !== "object" || error === null || !(BRAND in error)) return false
    return code === undefined || (error as unknown as UploadError).code === code
  }

  /** The error without its cause, for an answer or a log line. */
  toJSON(): Record<string, unknown> {
    const { name, code, message, status, field } = this
    return { name, code, message, status, field }
  }
}

Object.defineProperty(UploadError.prototype, "name", { value: "UploadError", configurable: true, writable: true })
