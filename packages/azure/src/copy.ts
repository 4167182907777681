import { randomUUID } from "node:crypto"
import { BlobClient, type BlobGetPropertiesResponse } from "@azure/storage-blob"
import { type CopyOptions, type FileInfo, StorageError, throwIfAborted } from "@node-storages/core"
import { commit, defined, pool, takenError } from "@node-storages/core/adapter"
import { azureErrorCode } from "./azure-errors.ts"
import { MOST_BLOCKS } from "./azure-options.ts"
import { cancelledBy, type Connection, targetOf } from "./connection.ts"
import { httpHeaders, infoOfBlob, propertiesOf, type StoredAnswer } from "./headers.ts"
import { isDirectory } from "./metadata.ts"

const PARALLEL_BLOCKS = 8

/** What is copied: a blob that can be asked about, and an address at which the service itself can read it. */
export interface CopySource {
  readonly blob: BlobClient
  /** Valid for long enough to begin a request with it. */
  readonly url: (signal: AbortSignal | undefined) => Promise<string>
}

/** Another storage's blob, of which only an address is known. */
export async function sourceAt(
  url: (signal: AbortSignal | undefined) => Promise<string>,
  signal: AbortSignal | undefined,
): Promise<CopySource> {
  return { blob: new BlobClient(await url(signal)), url }
}

/**
 * Copies by the service, with headers, metadata and tags: up to 256 MiB in one request, above it by blocks that are
 * committed together. Undefined where there is no source.
 *
 * The service's asynchronous Copy Blob, which has no such limit, is not used: it replaces the destination when it begins,
 * shows it while it is pending, and leaves an empty blob when it is aborted.
 */
export async function copyBlob(
  connection: Connection,
  source: CopySource,
  to: string,
  { ifAbsent, signal }: CopyOptions,
): Promise<FileInfo | undefined> {
  const { settings } = connection
  let before: BlobGetPropertiesResponse
  try {
    before = await source.blob.getProperties(cancelledBy(signal))
  } catch (error) {
    if (azureErrorCode(error) === "not-found") return undefined
    throw error
  }
  if (isDirectory(before.metadata)) return undefined
  const size = before.contentLength ?? 0
  const job: CopyJob = { source, before, size, to, ifAbsent: ifAbsent === true, signal }
  try {
    const { etag, lastModified } = await (size > settings.copyBlockSize ? copyBlocks : copyWhole)(connection, job)
    return infoOfBlob(settings, to, { ...propertiesOf(before), etag, lastModified }, size)
  } catch (error) {
    const code = azureErrorCode(error)
    if (ifAbsent && !StorageError.is(error) && (code === "already-exists" || code === "precondition-failed")) {
      throw takenError(targetOf(settings), to, error)
    }
    throw error
  }
}

interface CopyJob {
  readonly source: CopySource
  readonly before: BlobGetPropertiesResponse
  readonly size: number
  readonly to: string
  readonly ifAbsent: boolean
  readonly signal: AbortSignal | undefined
}

/** What a copy does not inherit. */
function destinationParameters({ settings }: Connection, key: string) {
  const { tier, encryptionScope, immutabilityPolicy, legalHold } = settings.objectParameters(key)
  return {
    ...(tier !== undefined && { tier }),
    ...(encryptionScope !== undefined && { encryptionScope }),
    ...(immutabilityPolicy && { immutabilityPolicy }),
    ...(legalHold !== undefined && { legalHold }),
  }
}

async function copyWhole(connection: Connection, job: CopyJob): Promise<StoredAnswer> {
  const { source, before, to, ifAbsent, signal } = job
  const url = await source.url(signal)
  const answer = await commit(signal, (cut) =>
    connection.client.getBlobClient(to).syncCopyFromURL(url, {
      ...destinationParameters(connection, to),
      ...(before.tagCount !== undefined && before.tagCount > 0 && { copySourceTags: "COPY" as const }),
      conditions: ifAbsent ? { ifNoneMatch: "*" } : {},
      sourceConditions: before.etag === undefined ? {} : { ifMatch: before.etag },
      ...cancelledBy(cut),
    }),
  )
  if (answer.copyStatus === "success") return answer
  throw new StorageError(
    "unavailable",
    `${JSON.stringify(to)} was not copied: the service answered ${answer.copyStatus}.`,
  )
}

async function copyBlocks(connection: Connection, job: CopyJob): Promise<StoredAnswer> {
  const { source, before, size, to, ifAbsent, signal } = job
  const { client, settings } = connection
  const blob = client.getBlockBlobClient(to)
  const parameters = destinationParameters(connection, to)
  const { encryptionScope } = parameters
  const blockSize = Math.max(settings.copyBlockSize, Math.ceil(size / MOST_BLOCKS))
  const copy = randomUUID()
  const blocks = Array.from({ length: Math.ceil(size / blockSize) }, (_, index) => ({
    id: Buffer.from(`${copy}-${String(index).padStart(11, "0")}`).toString("base64"),
    start: index * blockSize,
  }))
  const stop = new AbortController()
  const abortSignal = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal
  try {
    await pool(blocks, PARALLEL_BLOCKS, async ({ id, start }) => {
      try {
        throwIfAborted(abortSignal, "copy")
        const url = await source.url(abortSignal)
        await blob.stageBlockFromURL(id, url, start, Math.min(blockSize, size - start), {
          ...(encryptionScope !== undefined && { encryptionScope }),
          abortSignal,
        })
      } catch (error) {
        stop.abort(error)
        throw error
      }
    })
  } catch (error) {
    throwIfAborted(signal, "copy")
    throw error
  }
  const tags = before.tagCount ? (await source.blob.getTags(cancelledBy(signal))).tags : undefined
  await checkUnchanged(job)
  return commit(signal, (cut) =>
    blob.commitBlockList(
      blocks.map(({ id }) => id),
      {
        ...parameters,
        blobHTTPHeaders: { ...httpHeaders(before), ...defined({ blobContentMD5: before.contentMD5 }) },
        ...(before.metadata && { metadata: before.metadata }),
        ...(tags && { tags }),
        conditions: ifAbsent ? { ifNoneMatch: "*" } : {},
        ...cancelledBy(cut),
      },
    ),
  )
}

/** Put Block From URL has no condition on its source in the SDK: blocks of two versions are never committed together. */
async function checkUnchanged({ source, before, signal }: CopyJob): Promise<void> {
  const now = await source.blob.getProperties(cancelledBy(signal))
  if (now.etag === before.etag) return
  throw new StorageError("conflict", "The source changed while it was being copied. Nothing was stored.", {
    operation: "copy",
  })
}
