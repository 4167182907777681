import { createHash } from "node:crypto"
import { Readable } from "node:stream"
import { type FileInfo, type PutBody, type PutOptions, StorageError } from "@node-storages/core"
import { commit, compresses, gzipped, readAhead } from "@node-storages/core/adapter"
import { azureErrorCode, statusOf } from "./azure-errors.ts"
import { cancelledBy, type Connection, OWN_CHECKSUMS } from "./connection.ts"
import { hex, infoAfterPut, putParameters, type StoredAnswer } from "./headers.ts"
import { putBlocks } from "./put-blocks.ts"
import { taken } from "./taken.ts"

/** Stores a body by one Put Blob up to the block size, above it in blocks; conditionally where that was asked for. */
export async function putBlob(
  connection: Connection,
  key: string,
  given: PutBody,
  options: PutOptions,
): Promise<FileInfo> {
  const { settings } = connection
  const zip = compresses(settings.compressedTypes, options)
  const body = zip ? await gzipped(given) : given
  const headers: PutOptions = zip ? { ...options, contentEncoding: "gzip" } : options

  if (body.bytes && body.bytes.byteLength <= settings.blockSize) return putSingle(connection, key, body.bytes, headers)
  const ahead = await readAhead(body.stream(), settings.blockSize)
  if (ahead.whole) return putSingle(connection, key, ahead.whole, headers)
  try {
    const freeKey = await firstFreeKey(connection, key, options)
    const rest = { stream: ahead.replay(), size: body.size, replayable: body.replayable }
    return await putBlocks(connection, freeKey, rest, headers, freeKey !== key)
  } catch (error) {
    await ahead.cancel().catch(() => {})
    throw error
  }
}

/** Before much is sent: where the key is taken already, the alternative. The commit is conditional all the same. */
async function firstFreeKey({ client, settings }: Connection, key: string, options: PutOptions): Promise<string> {
  if (!options.ifAbsent) return key
  try {
    await client.getBlobClient(key).getProperties(cancelledBy(options.signal))
  } catch (error) {
    if (azureErrorCode(error) === "not-found") return key
    throw error
  }
  if (options.nextKey) return options.nextKey()
  throw taken(key, settings.container)
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
      if (!options.nextKey) throw taken(target, settings.container, error)
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
