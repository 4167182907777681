import { throwIfAborted } from "@node-storages/core"
import { commit } from "@node-storages/core/adapter"
import { type Connection, corrupted } from "./connection.ts"
import { startChecksum } from "./crc32c.ts"
import { ServiceError } from "./gcs-errors.ts"
import type { ApiAnswer, Query } from "./json-api.ts"
import type { ObjectResource } from "./object-resource.ts"

export interface ResumableOptions {
  readonly query: Query
  readonly resource: Partial<ObjectResource>
  /** In bytes, where it is known. */
  readonly size: number | undefined
  readonly signal: AbortSignal | undefined
}

/** The service's answer that a chunk has arrived and more is awaited. */
const INCOMPLETE = 308

/**
 * A resumable upload: a failed chunk is continued from where the service has it, the last chunk carries the checksum
 * of the whole, which the service compares before it commits, and however it fails the session is cancelled.
 * https://cloud.google.com/storage/docs/performing-resumable-uploads
 */
export async function uploadResumable(
  connection: Connection,
  chunks: AsyncIterable<Uint8Array>,
  options: ResumableOptions,
): Promise<ObjectResource> {
  const { signal } = options
  const url = await startSession(connection, options)
  try {
    const crc32c = startChecksum(connection.client())
    let start = 0
    for await (const { bytes, last } of chunksOf(chunks, connection.settings.chunkSize)) {
      crc32c.update(bytes)
      const chunk: Chunk = { bytes, start, last, checksum: last ? crc32c.toString() : undefined }
      start += bytes.byteLength
      if (!last) {
        throwIfAborted(signal, "write")
        await sendChunk(connection, url, chunk, signal)
        continue
      }
      const stored = await commit(signal, (cut) => sendChunk(connection, url, chunk, cut))
      if (!stored) throw new Error("The service awaits more of an upload that is complete.")
      if (stored.crc32c !== undefined && stored.crc32c !== chunk.checksum) {
        throw corrupted(stored.name, chunk.checksum!, stored.crc32c)
      }
      return stored
    }
    throw new Error("The content has no last chunk.")
  } catch (error) {
    await connection.api.send({ method: "DELETE", path: url, accept: [404, 410, 499], retry: false }).catch(() => {})
    throw error
  }
}

async function startSession(
  { api, settings }: Connection,
  { query, resource, size, signal }: ResumableOptions,
): Promise<string> {
  const { headers } = await api.send({
    method: "POST",
    path: `/upload/storage/v1/b/${encodeURIComponent(settings.bucket)}/o`,
    query: { uploadType: "resumable", ...query },
    headers: {
      "x-upload-content-type": resource.contentType ?? "application/octet-stream",
      ...(size !== undefined && { "x-upload-content-length": String(size) }),
    },
    body: resource,
    signal,
  })
  const url = headers.get("location")
  if (!url) throw new Error("The service began a resumable upload without telling its address.")
  return url
}

interface Chunk {
  readonly bytes: Buffer
  /** Where in the whole it begins. */
  readonly start: number
  readonly last: boolean
  /** CRC32C of the whole, in Base64, with the last chunk. */
  readonly checksum: string | undefined
}

const MOST_ATTEMPTS = 5

/** Sends a chunk until the service has all of it. Answers with the object after the last one. */
async function sendChunk(
  connection: Connection,
  url: string,
  chunk: Chunk,
  signal: AbortSignal | undefined,
): Promise<ObjectResource | undefined> {
  const end = chunk.start + chunk.bytes.byteLength
  let position = chunk.start
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await sendBytes(connection, url, chunk, position, signal)
      if (answer.status !== INCOMPLETE) return answer.data
      position = received(answer)
      if (position >= end && !chunk.last) return undefined
    } catch (error) {
      if (!(error instanceof ServiceError && error.passing) || attempt >= MOST_ATTEMPTS || signal?.aborted) throw error
      // With its own retries and waits.
      const status = await connection.api.send<ObjectResource>({
        method: "PUT",
        path: url,
        headers: { "content-range": `bytes */${chunk.last ? end : "*"}` },
        accept: [INCOMPLETE],
        signal,
      })
      if (status.status !== INCOMPLETE) return status.data
      position = received(status)
      if (position >= end && !chunk.last) return undefined
    }
    if (position < chunk.start || position > end) {
      throw new ServiceError(`The service has ${position} bytes of an upload of which it was sent ${end}.`)
    }
  }
}

function sendBytes(
  { api }: Connection,
  url: string,
  { bytes, start, last, checksum }: Chunk,
  position: number,
  signal: AbortSignal | undefined,
): Promise<ApiAnswer<ObjectResource>> {
  const end = start + bytes.byteLength
  const range = position === end ? "*" : `${position}-${end - 1}`
  return api.send<ObjectResource>({
    method: "PUT",
    path: url,
    headers: {
      "content-range": `bytes ${range}/${last ? end : "*"}`,
      ...(checksum !== undefined && { "x-goog-hash": `crc32c=${checksum}` }),
    },
    body: bytes.subarray(position - start),
    signal,
    accept: [INCOMPLETE],
    retry: false,
  })
}

/** How many bytes the service has: it tells the last one's position, or nothing where it has none. */
function received({ headers }: ApiAnswer<unknown>): number {
  const last = /-(\d+)$/.exec(headers.get("range") ?? "")?.[1]
  return last === undefined ? 0 : Number(last) + 1
}

/** The stream in chunks of a size, the last one shorter. The next one is gathered while the one before is sent. */
async function* chunksOf(
  stream: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<{ bytes: Buffer; last: boolean }> {
  const iterator = gather(stream, size)
  let next = iterator.next()
  try {
    for (;;) {
      const { value, done } = await next
      if (done) return
      if (value.last) return yield value
      next = iterator.next()
      // Its failure is heard when it is its turn.
      next.catch(() => {})
      yield value
    }
  } finally {
    next.catch(() => {})
    // Not awaited: a source that hangs does not come back from it.
    iterator.return(undefined).catch(() => {})
  }
}

async function* gather(
  stream: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<{ bytes: Buffer; last: boolean }> {
  let chunk = Buffer.allocUnsafe(size)
  let length = 0
  for await (const piece of stream) {
    for (let taken = 0; taken < piece.byteLength;) {
      // Only a byte more tells that a full chunk is not the last.
      if (length === size) {
        yield { bytes: chunk, last: false }
        chunk = Buffer.allocUnsafe(size)
        length = 0
      }
      const part = piece.subarray(taken, taken + size - length)
      chunk.set(part, length)
      length += part.byteLength
      taken += part.byteLength
    }
  }
  yield { bytes: chunk.subarray(0, length), last: true }
}
