import type { S3Client } from "@aws-sdk/client-s3"
import type { ObjectRequests } from "./requests/object-requests.ts"
import type { S3Settings } from "./s3-options.ts"

/** What every request of a driver needs. */
export interface Connection {
  readonly client: S3Client
  /** For the requests of which there are many. */
  readonly requests: ObjectRequests
  readonly settings: S3Settings
  /** Another service than AWS: older checksums, entity tags compared with MD5. */
  readonly compatible: boolean
}

/** What a storage points at, for messages. */
export function targetOf({ bucket }: Pick<S3Settings, "bucket">): string {
  return `s3://${bucket}`
}

/** The SDK's options of a request that the signal cancels. */
export function cancelledBy(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal ? { abortSignal: signal } : {}
}
