import { createHash, randomUUID } from "node:crypto"
import { type FileInfo, type PutBody, type PutOptions, randomText, StorageError, utf8Length } from "@node-storages/core"
import { commit, firstFreeKey, type LongBody, putBySize, takenError } from "@node-storages/core/adapter"
import { type Connection, corrupted, LIMITS, objectPath, targetOf } from "./connection.ts"
import { startChecksum } from "./crc32c.ts"
import { attemptsOf, statusOf } from "./gcs-errors.ts"
import { headObject } from "./head.ts"
import { moveObject } from "./move.ts"
import {
  type Conditions,
  creationQuery,
  infoOf,
  newResource,
  type ObjectResource,
  RESOURCE_FIELDS,
} from "./object-resource.ts"
import { uploadResumable } from "./resumable.ts"

/** Objects of this ending are uploads that have not got their final name yet. Listings leave them out. */
const UNDER_WAY = ".node-storages-upload"

export function isUnderWay(key: string): boolean {
  return key.endsWith(UNDER_WAY)
}

/** A key that nobody has, beside the given one unless it would be too long there. */
function hiddenKey(key: string): string {
  const name = `.${randomText(16)}${UNDER_WAY}`
  const beside = key.slice(0, key.lastIndexOf("/") + 1) + name
  return utf8Length(beside) <= LIMITS.keyBytes ? beside : name
}

/** Stores a body in one request up to the chunk size, above it by a resumable upload. */
export async function putObject(
  connection: Connection,
  key: string,
  given: PutBody,
  options: PutOptions,
): Promise<FileInfo> {
  const { settings } = connection
  const { ifAbsent, ifMatch, nextKey, signal } = options
  return putBySize(given, options, {
    compressedTypes: settings.compressedTypes,
    limit: settings.chunkSize,
    whole: (bytes, headers) => putWhole(connection, key, bytes, headers),
    async long(body, headers) {
      const target = targetOf(settings)
      const exists = async (name: string) => (await headObject(connection, name, signal)) !== undefined
      const free = await firstFreeKey(target, key, options, exists)
      if (ifAbsent && nextKey) return putAndName(connection, free, body, headers)
      try {
        return infoOf(settings, await upload(connection, free, body, headers, { name: free, ifAbsent, ifMatch }))
      } catch (error) {
        if (ifAbsent && statusOf(error) === 412) throw takenError(target, key, error)
        throw error
      }
    },
  })
}

function upload(
  connection: Connection,
  key: string,
  { stream, size }: LongBody,
  options: PutOptions,
  { name, ...conditions }: Conditions & { readonly name: string },
): Promise<ObjectResource> {
  return uploadResumable(connection, stream, {
    query: { ...creationQuery(connection.settings, key, conditions), name },
    resource: { ...newResource(connection.settings, key, options), name },
    size,
    signal: options.signal,
  })
}

/**
 * A resumable upload is bound to its key, and who loses the race for the key loses the bytes with it. So a stream whose
 * key may change is uploaded under a hidden one, and then renamed, atomically and only onto a free key.
 */
async function putAndName(connection: Connection, key: string, body: LongBody, options: PutOptions): Promise<FileInfo> {
  const { api, settings } = connection
  const hidden = hiddenKey(key)
  const stored = await upload(connection, key, body, options, { name: hidden })
  let target = key
  for (;;) {
    try {
      const moved = await moveObject(connection, stored, target, { ifAbsent: true, signal: options.signal })
      if (moved) return moved
      throw new Error(`The upload of ${JSON.stringify(key)} was removed before it got its name.`)
    } catch (error) {
      if (statusOf(error) === 412 || StorageError.is(error, "already-exists")) {
        target = options.nextKey!()
        continue
      }
      await api.send({ method: "DELETE", path: objectPath(settings.bucket, hidden) }).catch(() => {})
      throw error
    }
  }
}

async function putWhole(
  connection: Connection,
  key: string,
  bytes: Uint8Array,
  options: PutOptions,
): Promise<FileInfo> {
  const crc32c = startChecksum(connection.client())
  crc32c.update(bytes)
  const checksum = crc32c.toString()
  let target = key
  for (;;) {
    try {
      const stored = await insert(connection, target, bytes, checksum, options)
      if (stored.crc32c !== undefined && stored.crc32c !== checksum) {
        throw corrupted(target, checksum, stored.crc32c)
      }
      return infoOf(connection.settings, stored)
    } catch (error) {
      if (!options.ifAbsent || statusOf(error) !== 412) throw error
      const ours = await storedByLostAttempt(connection, target, bytes, error)
      if (ours) return infoOf(connection.settings, ours)
      if (!options.nextKey) throw takenError(targetOf(connection.settings), target, error)
      target = options.nextKey()
    }
  }
}

/** One request with resource and bytes, which the service compares with the checksum before it commits. */
async function insert(
  { api, settings }: Connection,
  key: string,
  bytes: Uint8Array,
  crc32c: string,
  options: PutOptions,
): Promise<ObjectResource> {
  const boundary = `node-storages-${randomUUID()}`
  const resource = { ...newResource(settings, key, options), crc32c }
  const head =
    `--${boundary}\r\ncontent-type: application/json; charset=utf-8\r\n\r\n${JSON.stringify(resource)}\r\n` +
    `--${boundary}\r\ncontent-type: ${options.contentType}\r\n\r\n`
  const body = Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)])
  const answer = await commit(options.signal, (signal) =>
    api.send<ObjectResource>({
      method: "POST",
      path: `/upload/storage/v1/b/${encodeURIComponent(settings.bucket)}/o`,
      query: { uploadType: "multipart", ...creationQuery(settings, key, options) },
      headers: { "content-type": `multipart/related; boundary=${boundary}` },
      body,
      signal,
    }),
  )
  return answer.data
}

/**
 * The object, where the key is taken by this very put: a request whose answer was lost is repeated, and the service
 * then refuses the repetition. Told by the bytes' digest, and only after a repetition.
 */
async function storedByLostAttempt(
  { api, settings }: Connection,
  key: string,
  bytes: Uint8Array,
  error: unknown,
): Promise<ObjectResource | undefined> {
  if (attemptsOf(error) < 2) return undefined
  const path = objectPath(settings.bucket, key)
  const { data, status } = await api.send<ObjectResource>({
    method: "GET",
    path,
    query: { fields: RESOURCE_FIELDS },
    accept: [404],
  })
  const md5 = createHash("md5").update(bytes).digest("base64")
  return status === 200 && data.md5Hash === md5 ? data : undefined
}
