import { createHash } from "node:crypto"
import { Readable } from "node:stream"
import { type FileInfo, type PutBody, type PutOptions, StorageError } from "@node-storages/core"
import { commit, putBySize, putUnderFreeKey, takenError } from "@node-storages/core/adapter"
import { azureErrorCode, serviceCodeOf, statusOf } from "./azure-errors.ts"
import { BlockUpload } from "./block-upload.ts"
import { cancelledBy, type Connection, OWN_CHECKSUMS, targetOf } from "./connection.ts"
import { hex, infoAfterPut, putParameters, type StoredAnswer } from "./headers.ts"

/** Stores a body by one Put Blob up to the block size, above it in blocks; conditionally where that was asked for. */
export async function putBlob(
  connection: Connection,
  key: string,
  given: PutBody,
  options: PutOptions,
): Promise<FileInfo> {
  const { client, settings } = connection
  return putBySize(given, options, {
    compressedTypes: settings.compressedTypes,
    limit: settings.blockSize,
    whole: (bytes, headers) => putSingle(connection, key, bytes, headers),
    // Blocks belong to the name that they were staged under, and are gone once somebody else has stored a blob of it.
    long: (body, headers) =>
      putUnderFreeKey(key, body, options, {
        target: targetOf(settings),
        async exists(name) {
          try {
            await client.getBlobClient(name).getProperties(cancelledBy(options.signal))
            return true
          } catch (error) {
            if (azureErrorCode(error) === "not-found") return false
            throw error
          }
        },
        send: (name, stream) => new BlockUpload(connection, name, body.size, headers).send(stream),
        isTaken,
      }),
  })
}

/** Whether somebody else has taken the name: the service refuses the commit, or has dropped the blocks already. */
function isTaken(error: unknown): boolean {
  if (StorageError.is(error)) return false
  const code = azureErrorCode(error)
  return code === "already-exists" || code === "precondition-failed" || serviceCodeOf(error) === "InvalidBlockList"
}

async function putSingle(
  connection: Connection,
  key: string,
  bytes: Uint8Array,
  options: PutOptions,
): Promise<FileInfo> {
  const { client, settings } = connection
  const md5 = createHash("md5").update(bytes).digest()
  let target = key
  for (;;) {
    let attempts = 0
    // A function, so that the SDK asks for the bytes at each attempt and a repetition can be told.
    const body = () => {
      attempts++
      return Readable.from(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    }
    const blob = client.getBlockBlobClient(target)
    const parameters = putParameters(settings, target, options, md5)
    try {
      const answer = await commit(options.signal, (cut) =>
        blob.upload(body, bytes.byteLength, {
          ...parameters,
          ...OWN_CHECKSUMS,
          transactionalContentMD5: md5,
          ...cancelledBy(cut),
        }),
      )
      if (answer.contentMD5) await verify(connection, target, md5, answer.contentMD5, answer.etag)
      return infoAfterPut(settings, target, bytes.byteLength, md5, answer, options)
    } catch (error) {
      const code = azureErrorCode(error)
      if (code !== "already-exists" && code !== "precondition-failed") throw error
      const ours = attempts > 1 ? await storedByLostAttempt(connection, target, md5) : undefined
      if (ours) return infoAfterPut(settings, target, bytes.byteLength, md5, ours, options)
      if (!options.ifAbsent) throw error
      if (!options.nextKey) throw takenError(targetOf(settings), target, error)
      target = options.nextKey()
    }
  }
}

/**
 * The answer that was lost, where a condition fails because of this very put: the SDK repeats a request whose answer did
 * not arrive, and the service then refuses the repetition. Told by the bytes' MD5, and only after a repetition.
 */
async function storedByLostAttempt(
  { client }: Connection,
  key: string,
  md5: Uint8Array,
): Promise<StoredAnswer | undefined> {
  try {
    const stored = await client.getBlobClient(key).getProperties()
    return stored.contentMD5 && hex(stored.contentMD5) === hex(md5) ? stored : undefined
  } catch (error) {
    if (statusOf(error) === 404) return undefined
    throw error
  }
}

/** What the service has stored is what was sent, or it is not left behind. */
async function verify(
  { client }: Connection,
  key: string,
  sent: Uint8Array,
  stored: Uint8Array,
  etag: string | undefined,
): Promise<void> {
  if (hex(sent) === hex(stored)) return
  const conditions = etag === undefined ? {} : { ifMatch: etag }
  await client
    .getBlobClient(key)
    .delete({ conditions })
    .catch(() => {})
  throw new StorageError(
    "checksum-mismatch",
    `${JSON.stringify(key)} was sent with the MD5 ${hex(sent)}, and the service stored ${hex(stored)}: the bytes changed on their way.`,
  )
}
