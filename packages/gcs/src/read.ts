import type { ByteRange, DriverObject, FileInfo, GetOptions } from "@node-storages/core"
import { StorageError } from "@node-storages/core"
import { decodes, defined, emptyRange, readStored, storedRange } from "@node-storages/core/adapter"
import { type Connection, objectPath } from "./connection.ts"
import { startChecksum } from "./crc32c.ts"
import { statusOf } from "./gcs-errors.ts"
import type { GCSSettings } from "./gcs-options.ts"
import { headObject } from "./head.ts"
import type { AnswerStream, ApiAnswer } from "./json-api.ts"
import { etagOf, hex, infoOf } from "./object-resource.ts"

/** How long the service may be silent in the middle of a body, in milliseconds. */
const SILENCE = 120_000

/** The object's bytes as they are stored, or decompressed where the storage compresses. */
export async function readObject(
  connection: Connection,
  key: string,
  { range, signal }: GetOptions,
): Promise<DriverObject | undefined> {
  const { settings } = connection
  const head = async () => {
    const resource = await headObject(connection, key, signal)
    return resource && infoOf(settings, resource)
  }
  const wanted = await storedRange(range, settings.compressedTypes, head)
  try {
    const answer = await fetchBytes(connection, key, wanted, signal)
    if (answer.status === 404) {
      answer.data.destroy()
      return undefined
    }
    const info = infoOfAnswer(settings, key, answer)
    const length = Number(answer.headers.get("content-length") ?? Number.NaN)
    const body = untilSilent(answer.data, key)
    // The checksum is that of the whole.
    const checksum = wanted ? undefined : digestOf(answer.headers, "crc32c")
    const chunks = checksum === undefined ? body : verified(connection, key, body, checksum)
    return readStored({ info, partialInfo: true, length: Number.isNaN(length) ? undefined : length, chunks }, range)
  } catch (error) {
    if (statusOf(error) !== 416) throw error
    return emptyRange(await head())
  }
}

function fetchBytes(
  { api, settings }: Connection,
  key: string,
  range: ByteRange | undefined,
  signal: AbortSignal | undefined,
): Promise<ApiAnswer<AnswerStream>> {
  const { start = 0, end } = range ?? {}
  return api.send<AnswerStream>({
    method: "GET",
    path: objectPath(settings.bucket, key),
    query: { alt: "media" },
    headers: {
      // Otherwise the service decompresses what is stored with Content-Encoding: gzip.
      "accept-encoding": "gzip",
      ...(range && { range: `bytes=${start}-${end === undefined ? "" : end - 1}` }),
    },
    answer: "stream",
    signal,
    accept: [404],
  })
}

/** What the service says of an object that has no Cache-Control of its own, by how it is read. */
const OWN_CACHE_CONTROL = /^(?:private, max-age=0|public, max-age=3600|no-cache, no-store, max-age=0, must-revalidate)$/

/** What a download's headers tell. They have no metadata. */
function infoOfAnswer(settings: GCSSettings, key: string, { headers }: ApiAnswer<unknown>): FileInfo {
  const generation = headers.get("x-goog-generation")
  const md5 = digestOf(headers, "md5")
  const stored = headers.get("x-goog-stored-content-encoding") ?? headers.get("content-encoding")
  const encoding = stored === null || stored === "identity" ? undefined : stored
  const cacheControl = headers.get("cache-control") ?? undefined
  const total = /\/(\d+)$/.exec(headers.get("content-range") ?? "")?.[1]
  return {
    name: key,
    size: Number(total ?? headers.get("x-goog-stored-content-length") ?? headers.get("content-length") ?? 0),
    modified: new Date(headers.get("last-modified") ?? 0),
    ...defined({
      etag: generation === null ? undefined : etagOf(generation),
      checksum: md5 === undefined ? undefined : { md5: hex(md5) },
      contentType: headers.get("content-type") ?? undefined,
      cacheControl: cacheControl !== undefined && OWN_CACHE_CONTROL.test(cacheControl) ? undefined : cacheControl,
      contentDisposition: headers.get("content-disposition") ?? undefined,
      contentLanguage: headers.get("content-language") ?? undefined,
      contentEncoding: encoding,
      decoded: decodes(settings.compressedTypes, encoding),
    }),
  }
}

/** A digest of `x-goog-hash: crc32c=…, md5=…`, in Base64. */
function digestOf(headers: Headers, algorithm: "crc32c" | "md5"): string | undefined {
  return new RegExp(`(?:^|[,\\s])${algorithm}=([A-Za-z0-9+/=]+)`).exec(headers.get("x-goog-hash") ?? "")?.[1]
}

async function* verified(
  connection: Connection,
  key: string,
  chunks: AsyncIterable<Uint8Array>,
  expected: string,
): AsyncGenerator<Uint8Array> {
  const crc32c = startChecksum(connection.client())
  for await (const chunk of chunks) {
    crc32c.update(chunk)
    yield chunk
  }
  const actual = crc32c.toString()
  if (actual === expected) return
  throw new StorageError(
    "checksum-mismatch",
    `${JSON.stringify(key)} is stored with the CRC32C ${expected}, and what arrived has ${actual}. What was read must not be used; read it again.`,
  )
}

/** The stream's chunks. A service that is silent for long ends it with an error; a slow reader does not. */
async function* untilSilent(stream: AnswerStream, key: string): AsyncGenerator<Uint8Array> {
  const iterator = stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
  try {
    for (;;) {
      const timer = setTimeout(() => {
        stream.destroy(
          new StorageError("network", `The body of ${JSON.stringify(key)} stood still for ${SILENCE / 1000} s.`),
        )
      }, SILENCE)
      const next = await iterator.next().finally(() => clearTimeout(timer))
      if (next.done) return
      yield next.value
    }
  } finally {
    stream.destroy()
  }
}
