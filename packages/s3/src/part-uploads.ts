import { createHash } from "node:crypto"
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListPartsCommand,
  type Part,
} from "@aws-sdk/client-s3"
import {
  type DriverMultipart,
  type FileInfo,
  type MultipartOptions,
  StorageError,
  type UploadedPart,
} from "@node-storages/core"
import { commit } from "@node-storages/core/adapter"
import { cancelledBy, type Connection, targetOf } from "./connection.ts"
import { customerKey, putParameters, quoted } from "./headers.ts"
import { dropUpload, type UploadTarget } from "./multipart.ts"
import { s3ErrorCode, statusOf } from "./s3-errors.ts"
import { LARGEST_PUT, MOST_PARTS, SMALLEST_PART } from "./s3-options.ts"
import type { SignedRequests } from "./signed-requests.ts"

/**
 * Multipart uploads whose parts a client sends with signed URLs.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 *
 * @param head what is stored under a key
 */
export function partUploads(
  connection: () => Connection,
  signed: SignedRequests,
  head: (key: string) => Promise<FileInfo | undefined>,
): DriverMultipart {
  const uploadOf = (key: string, UploadId: string) => ({ Bucket: connection().settings.bucket, Key: key, UploadId })
  return {
    limits: { smallest: SMALLEST_PART, largest: LARGEST_PUT, count: MOST_PARTS },
    start: (key, options) => start(connection(), key, options),
    signPart: (key, uploadId, number, options) => signed.part(key, uploadId, number, options),
    parts: (key, uploadId, { signal }) => listParts(connection(), uploadOf(key, uploadId), signal),
    async complete(key, uploadId, parts, { signal }) {
      const etag = await complete(connection(), uploadOf(key, uploadId), parts, signal, head)
      // The file is there: that it can't be looked at any more is no failure of the upload.
      const stored = await head(key).catch(() => undefined)
      if (stored) return stored
      const size = parts.reduce((sum, part) => sum + part.size, 0)
      return { name: key, size, modified: new Date(), ...(etag !== undefined && { etag }) }
    },
    abort: (key, uploadId, { signal }) => dropUpload(connection().client, uploadOf(key, uploadId), signal),
  }
}

async function start({ client, settings }: Connection, key: string, options: MultipartOptions): Promise<string> {
  const { signal } = options
  // A digest that is asked for here would be asked for of every part, and a browser sends none.
  const { ChecksumAlgorithm: _, ...parameters } = putParameters(settings, key, options)
  if (customerKey(parameters).SSECustomerKey !== undefined) {
    throw new StorageError(
      "unsupported",
      `${targetOf(settings)}: parts of an object that is encrypted with the customer's own key (SSE-C) can't be sent by ` +
        "signed URLs, because each must carry the key. Let the upload pass through the app: save().",
    )
  }
  const command = new CreateMultipartUploadCommand(parameters)
  const { UploadId } = await commit(signal, (cut) => client.send(command, cancelledBy(cut)))
  if (!UploadId) throw new Error("The service began a multipart upload without telling its id.")
  return UploadId
}

async function listParts(
  { client }: Connection,
  upload: UploadTarget,
  signal: AbortSignal | undefined,
): Promise<UploadedPart[]> {
  const parts: UploadedPart[] = []
  let marker: string | undefined
  do {
    const command = new ListPartsCommand({ ...upload, ...(marker !== undefined && { PartNumberMarker: marker }) })
    const answer = await client.send(command, cancelledBy(signal))
    parts.push(...(answer.Parts ?? []).map(toPart))
    marker = answer.IsTruncated ? answer.NextPartNumberMarker : undefined
  } while (marker !== undefined)
  return parts.toSorted((a, b) => a.number - b.number)
}

function toPart({ PartNumber = 0, Size = 0, ETag }: Part): UploadedPart {
  return { number: PartNumber, size: Size, ...(ETag !== undefined && { etag: quoted(ETag)! }) }
}

/** @returns the entity tag, where the service tells it */
async function complete(
  connection: Connection,
  upload: UploadTarget & { readonly Key: string },
  parts: readonly UploadedPart[],
  signal: AbortSignal | undefined,
  head: (key: string) => Promise<FileInfo | undefined>,
): Promise<string | undefined> {
  const Parts = parts.map(({ number, etag }) => ({ PartNumber: number, ETag: etag }))
  const command = new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } })
  try {
    const { ETag } = await commit(signal, (cut) => connection.client.send(command, cancelledBy(cut)))
    return quoted(ETag || undefined)
  } catch (error) {
    const gone = await goneUpload(connection, upload, error)
    if (gone === undefined) throw error
    // Completed by these very parts already: the SDK repeats a request whose answer was lost.
    const expected = etagOf(parts)
    if (expected !== undefined && (await head(upload.Key))?.etag === expected) return expected
    throw gone
  }
}

/** The error that says that there is no such upload, where a completion failed for that. Ceph calls it a fault of its own. */
async function goneUpload(connection: Connection, upload: UploadTarget, error: unknown): Promise<unknown> {
  if (s3ErrorCode(error) === "not-found") return error
  if ((statusOf(error) ?? 0) < 500) return undefined
  try {
    await listParts(connection, upload, undefined)
    return undefined
  } catch (failure) {
    return s3ErrorCode(failure) === "not-found" ? failure : undefined
  }
}

/** The entity tag of an object in parts: the MD5 of their MD5s, where their tags are that, and their number. */
function etagOf(parts: readonly UploadedPart[]): string | undefined {
  const digests = parts.map(({ etag = "" }) => /^"([0-9a-f]{32})"$/i.exec(etag)?.[1])
  if (digests.includes(undefined)) return undefined
  return `"${createHash("md5").update(digests.join(""), "hex").digest("hex")}-${parts.length}"`
}
