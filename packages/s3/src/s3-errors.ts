import type { StorageErrorCode } from "@node-storages/core"
import { codeOfStatus, isNetworkError, retryAfterOf } from "@node-storages/core/adapter"

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
  EntityTooLarge: "invalid-content",
  EntityTooSmall: "invalid-content",
  ExpiredToken: "unauthenticated",
  ExpiredTokenException: "unauthenticated",
  IllegalLocationConstraintException: "wrong-region",
  InvalidAccessKeyId: "unauthenticated",
  InvalidBucketName: "invalid-option",
  InvalidDigest: "checksum-mismatch",
  // A part that is not the one which was listed.
  InvalidPart: "conflict",
  InvalidSecurity: "unauthenticated",
  InvalidToken: "unauthenticated",
  KeyTooLongError: "invalid-name",
  NoSuchBucket: "bucket-not-found",
  NoSuchKey: "not-found",
  NoSuchUpload: "not-found",
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
  const { message = "" } = (error ?? {}) as ServiceError
  const byName = BY_NAME[nameOf(error) ?? ""]
  if (byName) return byName
  if (isNetworkError(error)) return "network"
  if (message.startsWith("Region is missing")) return "invalid-option"
  if (/Could not load credentials|Resolved credential object is not valid/.test(message)) return "unauthenticated"
  const status = statusOf(error)
  // A HEAD to the wrong region is a bare 400: only this header tells.
  if (status === 400 && headersOf(error)["x-amz-bucket-region"] !== undefined) return "wrong-region"
  return codeOfStatus(status)
}

function headersOf(error: unknown): Readonly<Record<string, string>> {
  return (error as ServiceError | undefined)?.$response?.headers ?? {}
}

/** Retry-After in seconds, where the answer has one. */
export function s3RetryAfter(error: unknown): number | undefined {
  return retryAfterOf(headersOf(error)["retry-after"])
}
