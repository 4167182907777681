import { createHash } from "node:crypto"
import { type Checksums, StorageError } from "@node-storages/core"

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

/** What a request asks for, or an answer tells, of how an object is encrypted. */
type Encryption = Partial<
  Record<"ServerSideEncryption" | "SSECustomerKey" | "SSECustomerAlgorithm", string | undefined>
>

/**
 * Whether the service's entity tag of such an object is the MD5 of its bytes: not with KMS or the customer's key,
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
 */
export function etagIsMd5({ ServerSideEncryption, SSECustomerKey, SSECustomerAlgorithm }: Encryption): boolean {
  return (
    SSECustomerKey === undefined && SSECustomerAlgorithm === undefined && !ServerSideEncryption?.startsWith("aws:kms")
  )
}

/** The digest that an answer's entity tag is; of an upload in parts it is none. Listings don't tell the encryption. */
export function checksumOf(answer: Encryption & { readonly ETag?: string | undefined }): Checksums | undefined {
  const md5 = etagIsMd5(answer) ? MD5_ETAG.exec(answer.ETag ?? "")?.[1] : undefined
  return md5 === undefined ? undefined : { md5: md5.toLowerCase() }
}

export function md5Of(bytes: Uint8Array): Buffer {
  return createHash("md5").update(bytes).digest()
}
