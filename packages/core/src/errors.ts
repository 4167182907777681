/** What went wrong, in words that are the same for every adapter. `docs/errors.md` gives cause and remedy of each. */
export type StorageErrorCode =
  | "invalid-name"
  | "invalid-option"
  | "invalid-content"
  | "not-found"
  | "already-exists"
  | "precondition-failed"
  | "permission-denied"
  | "unauthenticated"
  | "bucket-not-found"
  | "wrong-region"
  | "conflict"
  | "read-only"
  | "unsupported"
  | "checksum-mismatch"
  | "source-failed"
  | "partial-failure"
  | "aborted"
  | "timeout"
  | "network"
  | "rate-limited"
  | "unavailable"
  | "no-space"
  | "unknown"

/** The codes after which the same call may succeed later: the network, 429 and 5xx. Never another 4xx. */
const RETRYABLE: ReadonlySet<StorageErrorCode> = new Set(["network", "rate-limited", "unavailable"])

const BRAND: unique symbol = Symbol.for("node-storages.StorageError") as never

/** One of many files that failed, of `deleteMany` or `transfer`. */
export interface NamedFailure {
  readonly name: string
  readonly error: StorageError
}

/** What a StorageError tells besides its code and message. */
export interface StorageErrorOptions {
  /** What was being done: `"write"`, `"read"`, `"stat"`, `"delete"`, `"list"`, `"copy"`, `"move"`, `"url"`, … */
  readonly operation?: string | undefined
  /** What the storage points at, without secrets: `"s3://bucket"`. */
  readonly storage?: string | undefined
  /** The name (or the driver's key) that the call was about. */
  readonly key?: string | undefined
  readonly cause?: unknown
  /** Whether the same call may succeed later. Default: by code. */
  readonly retryable?: boolean | undefined
  /** Seconds that the service asked to wait (Retry-After). */
  readonly retryAfter?: number | undefined
  /** With `partial-failure`, and where `deleteMany` or `transfer` was aborted: each name that failed, and why. */
  readonly failures?: readonly NamedFailure[] | undefined
}

/**
 * The one error class. Branded with a registered symbol, so that `StorageError.is` holds
 * across two installed copies of this package.
 */
export class StorageError extends Error {
  readonly code: StorageErrorCode
  readonly retryable: boolean
  readonly operation: string | undefined
  readonly storage: string | undefined
  readonly key: string | undefined
  readonly retryAfter: number | undefined
  readonly failures: readonly NamedFailure[] | undefined

  constructor(code: StorageErrorCode, message: string, options: StorageErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.retryable = options.retryable ?? RETRYABLE.has(code)
    this.operation = options.operation
    this.storage = options.storage
    this.key = options.key
    this.retryAfter = options.retryAfter
    this.failures = options.failures
    Object.defineProperty(this, BRAND, { value: true })
  }

  /** True for a StorageError of any installed copy of this package, and of this code where one is given. */
  static is(error: unknown, code?: StorageErrorCode): error is StorageError {
    if (typeof error !== "object" || error === null || !(BRAND in error)) return false
    return code === undefined || (error as unknown as StorageError).code === code
  }

  /** The error without its cause: what a service's client puts into an error is not meant for a log line. */
  toJSON(): Record<string, unknown> {
    const { name, code, message, retryable, operation, storage, key } = this
    return { name, code, message, retryable, operation, storage, key }
  }
}

Object.defineProperty(StorageError.prototype, "name", { value: "StorageError", configurable: true, writable: true })
