import type { BlockBlobClient } from "@azure/storage-blob"
import { type DriverMultipart, type FileInfo, StorageError, type UploadedPart } from "@node-storages/core"
import { commit } from "@node-storages/core/adapter"
import { azureErrorCode } from "./azure-errors.ts"
import { LARGEST_BLOCK, MOST_BLOCKS } from "./azure-options.ts"
import { cancelledBy, type Connection, OWN_CHECKSUMS, targetOf } from "./connection.ts"
import { infoAfterPut, putParameters, type StoredAnswer } from "./headers.ts"
import type { SignedRequests } from "./signed-requests.ts"
import { makeUploadId, readUploadId, type UploadId } from "./upload-id.ts"

/**
 * The number of the block that says that there is an upload: while it has one byte. It is staged when the upload starts,
 * is never committed, and is gone with all that are not when somebody commits. There is no request that drops a block:
 * an upload is aborted by giving its mark another length, and the service drops what is left after a week.
 */
const MARK = 0
const STARTED = Buffer.from("1")
const ABORTED = Buffer.from("00")

/** Uploads in parts as blocks of the blob that they will be, each staged by a client with a signed URL. */
export function partUploads(
  connection: () => Connection,
  signed: SignedRequests,
  head: (key: string) => Promise<FileInfo | undefined>,
): DriverMultipart {
  function notFound(key: string): StorageError {
    const storage = targetOf(connection().settings)
    return new StorageError(
      "not-found",
      `There is no upload in parts of ${JSON.stringify(key)} in ${storage} with this id: it was completed or aborted, or ` +
        "another file was stored under the name, upon which Azure drops what had arrived.",
      { operation: "multipart upload", storage, key },
    )
  }

  /** The upload's id and its parts. @throws StorageError `not-found` */
  async function find(
    key: string,
    uploadId: string,
    signal: AbortSignal | undefined,
  ): Promise<[UploadId, UploadedPart[]]> {
    const id = readUploadId(uploadId)
    const parts = id && (await stagedParts(blobOf(connection(), key), id, signal))
    if (id && parts) return [id, parts]
    throw notFound(key)
  }

  return {
    limits: { smallest: 1, largest: LARGEST_BLOCK, count: MOST_BLOCKS },
    async start(key, options) {
      const uploadId = makeUploadId(options)
      await stageMark(connection(), key, readUploadId(uploadId)!, STARTED, options.signal)
      return uploadId
    },
    async signPart(key, uploadId, number, options) {
      const id = readUploadId(uploadId)
      if (!id) throw notFound(key)
      const { encryptionScope } = connection().settings.objectParameters(key)
      return signed.block(key, id.blockId(number), encryptionScope, options)
    },
    parts: async (key, uploadId, { signal }) => (await find(key, uploadId, signal))[1],
    async complete(key, uploadId, parts, { signal }) {
      const [id, arrived] = await find(key, uploadId, signal)
      checkArrived(key, parts, arrived)
      const { settings } = connection()
      const parameters = putParameters(settings, key, id.headers, undefined)
      const blocks = parts.map(({ number }) => id.blockId(number))
      const answer: StoredAnswer = await commit(signal, (cut) =>
        blobOf(connection(), key).commitBlockList(blocks, { ...parameters, ...cancelledBy(cut) }),
      )
      // The blob is there: that it can't be looked at any more is no failure of the upload.
      const stored = await head(key).catch(() => undefined)
      const size = parts.reduce((sum, part) => sum + part.size, 0)
      return stored ?? infoAfterPut(settings, key, size, undefined, answer, id.headers)
    },
    async abort(key, uploadId, { signal }) {
      const id = readUploadId(uploadId)
      if (!id || !(await stagedParts(blobOf(connection(), key), id, signal))) return
      await stageMark(connection(), key, id, ABORTED, signal)
    },
  }
}

function blobOf({ client }: Connection, key: string): BlockBlobClient {
  return client.getBlockBlobClient(key)
}

async function stageMark(
  connection: Connection,
  key: string,
  id: UploadId,
  mark: Buffer,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { encryptionScope } = connection.settings.objectParameters(key)
  await blobOf(connection, key).stageBlock(id.blockId(MARK), mark, mark.byteLength, {
    ...OWN_CHECKSUMS,
    ...(encryptionScope !== undefined && { encryptionScope }),
    ...cancelledBy(signal),
  })
}

/** The parts that have arrived; undefined where there is no such upload. */
async function stagedParts(
  blob: BlockBlobClient,
  id: UploadId,
  signal: AbortSignal | undefined,
): Promise<UploadedPart[] | undefined> {
  try {
    const { uncommittedBlocks = [] } = await blob.getBlockList("uncommitted", cancelledBy(signal))
    const blocks = uncommittedBlocks.map(({ name, size }) => ({ number: id.numberOf(name), size }))
    if (!blocks.some(({ number, size }) => number === MARK && size === STARTED.byteLength)) return undefined
    return blocks
      .filter((block): block is UploadedPart => block.number !== undefined && block.number !== MARK)
      .toSorted((a, b) => a.number - b.number)
  } catch (error) {
    if (azureErrorCode(error) === "not-found") return undefined
    throw error
  }
}

/** Blocks have no entity tags: their sizes are all that can be compared. */
function checkArrived(key: string, parts: readonly UploadedPart[], arrived: readonly UploadedPart[]): void {
  const sizes = new Map(arrived.map(({ number, size }) => [number, size]))
  const changed = parts.find(({ number, size }) => sizes.get(number) !== size)
  if (!changed) return
  throw new StorageError(
    "conflict",
    `Part ${changed.number} of ${JSON.stringify(key)} has ${sizes.get(changed.number) ?? "no"} bytes, not the ${changed.size} that it ` +
      "was said to have. Ask parts() for what has arrived.",
    { operation: "multipart upload", key },
  )
}
