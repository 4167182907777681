import type { StorageErrorCode } from "@node-storages/core"
import { codeOfStatus, isNetworkError, retryAfterOf } from "@node-storages/core/adapter"
import { textOf } from "./xml.ts"

interface ErrorAnswer {
  readonly error?: string | { readonly message?: string; readonly errors?: readonly { readonly reason?: string }[] }
  readonly error_description?: string
}

/** What the transport throws. */
interface TransportError {
  readonly message?: string
  readonly code?: string | number
  readonly response?: { readonly status?: number; readonly headers?: Headers; readonly data?: unknown }
  readonly cause?: unknown
}

/** A failed request: what the service said, without the request itself, which holds tokens and the file's bytes. */
export class ServiceError extends Error {
  override readonly name = "ServiceError"
  /** The HTTP status; undefined where there was no answer. */
  readonly status: number | undefined
  /** The service's word for it: `"conditionNotMet"`, `"forbidden"`. */
  readonly reason: string | undefined
  /** The connection's error code, where there was no answer. */
  readonly code: string | undefined
  /** In seconds, as the service asked. */
  readonly retryAfter: number | undefined
  /** How often the request was sent. */
  readonly attempts: number

  constructor(
    message: string,
    details: { status?: number | undefined; reason?: string | undefined; code?: string | undefined } = {},
    retryAfter?: number,
    attempts = 1,
  ) {
    super(message)
    this.status = details.status
    this.reason = details.reason
    this.code = details.code
    this.retryAfter = retryAfter
    this.attempts = attempts
  }

  /** Whether the same request may succeed in a moment. */
  get passing(): boolean {
    const code = gcsErrorCode(this)
    return code === "network" || code === "rate-limited" || code === "unavailable"
  }

  static of(error: unknown, attempts: number): ServiceError {
    const { response, code, message = String(error), cause } = (error ?? {}) as TransportError
    const { error: told, error_description } = answerOf(response?.data)
    const reason = typeof told === "string" ? told : told?.errors?.[0]?.reason
    const text = typeof told === "string" ? (error_description ?? told) : (told?.message ?? message)
    const causeCode = (cause as TransportError | undefined)?.code
    const details = {
      status: response?.status,
      reason,
      code: [code, causeCode].find((each) => typeof each === "string"),
    }
    return new ServiceError(text, details, retryAfterOf(response?.headers?.get("retry-after")), attempts)
  }

  /** The part of a batch's answer that tells a failure. */
  static ofPart(status: number, body: string): ServiceError {
    const { error } = answerOf(body)
    const { message, errors } = typeof error === "object" ? error : {}
    return new ServiceError(message ?? `The service answered ${status}.`, { status, reason: errors?.[0]?.reason })
  }
}

function answerOf(data: unknown): ErrorAnswer {
  if (typeof data !== "string") return (data as ErrorAnswer | undefined) ?? {}
  const code = textOf(data, "Code")
  if (code !== undefined) return { error: { message: textOf(data, "Message") ?? code, errors: [{ reason: code }] } }
  try {
    return JSON.parse(data) as ErrorAnswer
  } catch {
    return {}
  }
}

/** https://cloud.google.com/storage/docs/json_api/v1/status-codes, and those of the XML API in capitals */
const BY_REASON: Readonly<Record<string, StorageErrorCode>> = {
  EntityTooLarge: "invalid-content",
  EntityTooSmall: "invalid-content",
  // A part that is not the one which was listed.
  InvalidPart: "conflict",
  NoSuchBucket: "bucket-not-found",
  NoSuchUpload: "not-found",
  authError: "unauthenticated",
  conditionNotMet: "precondition-failed",
  conflict: "conflict",
  forbidden: "permission-denied",
  insufficientPermissions: "permission-denied",
  invalid_grant: "unauthenticated",
  invalid_client: "unauthenticated",
  notFound: "not-found",
  quotaExceeded: "rate-limited",
  rateLimitExceeded: "rate-limited",
  required: "unauthenticated",
  userRateLimitExceeded: "rate-limited",
  UserProjectMissing: "invalid-option",
}

/** Failures that have no reason or status of their own. */
const BY_MESSAGE: readonly (readonly [RegExp, StorageErrorCode])[] = [
  [/could not load the default credentials|unable to detect|could not refresh access token/i, "unauthenticated"],
  [/DECODER routines|invalid key|no start line|unsupported/i, "unauthenticated"],
  [/bucket does not exist/i, "bucket-not-found"],
  [/(md5|crc32c|hash).*(match|mismatch)|(match|mismatch).*(md5|crc32c|hash)/i, "checksum-mismatch"],
  [/uniform bucket-level access|requester pays/i, "invalid-option"],
  [/invalid bucket name/i, "invalid-option"],
  [/object name/i, "invalid-name"],
]

export function gcsErrorCode(error: unknown): StorageErrorCode | undefined {
  if (!(error instanceof Error)) return undefined
  const { status, reason, code, message } = error as Partial<ServiceError> & Error
  if (error.name === "AbortError" || code === "AbortError") return "aborted"
  if (status === undefined) {
    if (code === "TimeoutError" || isNetworkError(error) || /premature close/i.test(message)) return "network"
    return BY_MESSAGE[0]![0].test(message) || BY_MESSAGE[1]![0].test(message) ? "unauthenticated" : undefined
  }
  if (status === 400 || status === 404) {
    const byMessage = BY_MESSAGE.find(([pattern]) => pattern.test(message))
    if (byMessage) return byMessage[1]
  }
  // A token that was refused and a name that is not there both come as "required" or "notFound" with their own status.
  return BY_REASON[reason ?? ""] ?? (status === 400 ? undefined : codeOfStatus(status))
}

export function statusOf(error: unknown): number | undefined {
  return error instanceof ServiceError ? error.status : undefined
}

/** How often the request of a failure was sent. */
export function attemptsOf(error: unknown): number {
  return error instanceof ServiceError ? error.attempts : 1
}
