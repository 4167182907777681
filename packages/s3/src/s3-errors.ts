import type { StorageErrorCode } from "@node-storages/core"

interface ServiceError {
  readonly name?: string
  readonly code?: string
  readonly Code?: string
  readonly message?: string
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number }
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> }
}

/** By the name that the service gives, https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const BY_NAME: Readonly<Record<string, StorageErrorCode>> = {
  AbortError: "aborted",
  AccessDenied: "permission-denied",
  AccountProblem: "permission-denied",
  AllAccessDisabled: "permission-denied",
  AuthorizationHeaderMalformed: "wrong-region",
  BadDigest: "checksum-mismatch",
  ConditionalRequestConflict: "conflict",
  CredentialsProviderError: "unauthenticated",
  ExpiredToken: "unauthenticated",
  ExpiredTokenException: "unauthenticated",
  IllegalLocationConstraintException: "wrong-region",
  InvalidAccessKeyId: "unauthenticated",
  InvalidBucketName: "invalid-option",
  InvalidDigest: "checksum-mismatch",
  InvalidSecurity: "unauthenticated",
  InvalidToken: "unauthenticated",
  KeyTooLongError: "invalid-name",
  NoSuchBucket: "bucket-not-found",
  NoSuchKey: "not-found",
  NotImplemented: "unsupported",
  OperationAborted: "conflict",
  PermanentRedirect: "wrong-region",
  PreconditionFailed: "precondition-failed",
  QuotaExceeded: "no-space",
  RequestTimeTooSkewed: "unauthenticated",
  RequestTimeout: "network",
  SignatureDoesNotMatch: "unauthenticated",
  SlowDown: "rate-limited",
  ThrottlingException: "rate-limited",
  TimeoutError: "network",
  TooManyRequests: "rate-limited",
  TooManyRequestsException: "rate-limited",
  XAmzContentSHA256Mismatch: "checksum-mismatch",
}

const BY_STATUS: Readonly<Record<number, StorageErrorCode>> = {
  301: "wrong-region",
  307: "wrong-region",
  401: "unauthenticated",
  403: "permission-denied",
  404: "not-found",
  405: "unsupported",
  408: "network",
  409: "conflict",
  412: "precondition-failed",
  429: "rate-limited",
  501: "unsupported",
  503: "rate-limited",
  507: "no-space",
}

/** Codes of Node's sockets, DNS and TLS. */
const NETWORK =
  /^(E(CONN|PIPE|AI_|TIMEDOUT|HOST|NET|NOTFOUND|PROTO)|UND_ERR|ERR_(SSL|TLS|STREAM_PREMATURE_CLOSE)|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HPE_)/

export function statusOf(error: unknown): number | undefined {
  return (error as ServiceError | undefined)?.$metadata?.httpStatusCode
}

/** How many times the SDK sent the request. */
export function attemptsOf(error: unknown): number {
  return (error as ServiceError | undefined)?.$metadata?.attempts ?? 1
}

export function nameOf(error: unknown): string | undefined {
  const { name, Code } = (error ?? {}) as ServiceError
  return name !== undefined && name !== "Error" ? name : (Code ?? name)
}

export function s3ErrorCode(error: unknown): StorageErrorCode | undefined {
  const { code, message = "" } = (error ?? {}) as ServiceError
  const byName = BY_NAME[nameOf(error) ?? ""]
  if (byName) return byName
  if (typeof code === "string" && NETWORK.test(code)) return "network"
  if (/socket hang up|^aborted$/.test(message)) return "network"
  if (message.startsWith("Region is missing")) return "invalid-option"
  if (/Could not load credentials|Resolved credential object is not valid/.test(message)) return "unauthenticated"
  const status = statusOf(error)
  if (status === undefined) return undefined
  // A HEAD to the wrong region is a bare 400: only this header tells.
  if (status === 400 && headersOf(error)["x-amz-bucket-region"] !== undefined) return "wrong-region"
  return BY_STATUS[status] ?? (status >= 500 ? "unavailable" : undefined)
}

function headersOf(error: unknown): Readonly<Record<string, string>> {
  return (error as ServiceError | undefined)?.$response?.headers ?? {}
}

/** Retry-After in seconds, where the answer has one. */
export function s3RetryAfter(error: unknown): number | undefined {
  const value = headersOf(error)["retry-after"]
  const seconds = value === undefined ? Number.NaN : Number(value)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined
}
