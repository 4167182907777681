import type { StorageErrorCode } from "@node-storages/core"
import { codeOfStatus, isNetworkError, retryAfterOf } from "@node-storages/core/adapter"

interface ServiceError {
  readonly name?: string
  readonly code?: unknown
  readonly message?: string
  readonly statusCode?: number
  readonly details?: { readonly errorCode?: string }
  readonly response?: { readonly headers?: { get(name: string): string | undefined } }
}

/** https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes, and those of the SDK. */
const BY_CODE: Readonly<Record<string, StorageErrorCode>> = {
  AccountIsDisabled: "permission-denied",
  AuthenticationFailed: "unauthenticated",
  BlobAlreadyExists: "already-exists",
  BlobArchived: "conflict",
  BlobBeingRehydrated: "conflict",
  BlobImmutableDueToPolicy: "permission-denied",
  BlobNotFound: "not-found",
  ConditionNotMet: "precondition-failed",
  ContainerBeingDeleted: "bucket-not-found",
  ContainerDisabled: "permission-denied",
  ContainerNotFound: "bucket-not-found",
  Crc64Mismatch: "checksum-mismatch",
  InsufficientAccountPermissions: "permission-denied",
  InternalError: "unavailable",
  InvalidAuthenticationInfo: "unauthenticated",
  InvalidBlobOrBlock: "conflict",
  InvalidBlobType: "conflict",
  InvalidBlockList: "conflict",
  InvalidMd5: "checksum-mismatch",
  InvalidResourceName: "invalid-name",
  InvalidUri: "invalid-name",
  Md5Mismatch: "checksum-mismatch",
  NoAuthenticationInformation: "unauthenticated",
  OperationTimedOut: "unavailable",
  PARSE_ERROR: "network",
  REQUEST_SEND_ERROR: "network",
  ServerBusy: "rate-limited",
  SourceConditionNotMet: "conflict",
  TargetConditionNotMet: "precondition-failed",
}

/** Errors of the SDK and of @azure/identity that have no code. */
const BY_NAME: Readonly<Record<string, StorageErrorCode>> = {
  // Also what the SDK makes of a connection that was cut in the middle of a body. Where a signal has aborted, core knows.
  AbortError: "network",
  AggregateAuthenticationError: "unauthenticated",
  AuthenticationError: "unauthenticated",
  AuthenticationRequiredError: "unauthenticated",
  CredentialUnavailableError: "unauthenticated",
}

export function statusOf(error: unknown): number | undefined {
  return (error as ServiceError | undefined)?.statusCode
}

/** The service's own word for what went wrong. An answer to HEAD has it in a header only. */
export function serviceCodeOf(error: unknown): string | undefined {
  const { details, code, response } = (error ?? {}) as ServiceError
  const told = details?.errorCode ?? (typeof code === "string" ? code : undefined)
  return told ?? response?.headers?.get("x-ms-error-code")
}

/** An answer to HEAD has no words, and the SDK makes an empty message of it: the service's code is better than none. */
export function worded(error: unknown): unknown {
  const code = serviceCodeOf(error)
  if (error instanceof Error && error.message === "" && code !== undefined) error.message = code
  return error
}

export function azureErrorCode(error: unknown): StorageErrorCode | undefined {
  const { name = "", message = "" } = (error ?? {}) as ServiceError
  const serviceCode = serviceCodeOf(error) ?? ""
  const known = BY_CODE[serviceCode] ?? BY_NAME[name]
  if (known) return known
  // Every error of a lease says that somebody else holds the blob.
  if (serviceCode.startsWith("Lease")) return "conflict"
  if (isNetworkError(error) || message.startsWith("Data corruption failure")) return "network"
  return codeOfStatus(statusOf(error))
}

/** Retry-After in seconds, where the answer has one. */
export function azureRetryAfter(error: unknown): number | undefined {
  return retryAfterOf((error as ServiceError | undefined)?.response?.headers?.get("retry-after"))
}
