import { createHash } from "node:crypto"
import type { PutObjectCommandInput } from "@aws-sdk/client-s3"
import { StorageError } from "@node-storages/core"

const MD5_ETAG = /^"?([0-9a-f]{32})"?$/i

/**
 * Compares an entity tag with the MD5 of the bytes that were sent, where it looks like one.
 * @throws StorageError `checksum-mismatch`
 */
export function checkEtag(etag: string | undefined, md5: Uint8Array, subject: string): void {
  const stored = etag && MD5_ETAG.exec(etag)?.[1]?.toLowerCase()
  const sent = Buffer.from(md5).toString("hex")
  if (!stored || stored === sent) return
  throw new StorageError(
    "checksum-mismatch",
    `${subject} was sent with the MD5 ${sent}, and the service stored ${stored}: the bytes changed on their way.`,
  )
}

/** Whether the service's entity tag of such an object is the MD5 of its bytes: not with KMS or the customer's key. */
export function etagIsMd5(params: Pick<PutObjectCommandInput, "ServerSideEncryption" | "SSECustomerKey">): boolean {
  return params.SSECustomerKey === undefined && !params.ServerSideEncryption?.startsWith("aws:kms")
}

export function md5Of(bytes: Uint8Array): Buffer {
  return createHash("md5").update(bytes).digest()
}
