import { Readable } from "node:stream"
import { promisify } from "node:util"
import { createGunzip, createGzip, gzip } from "node:zlib"
import type { ByteRange, PutBody } from "@node-storages/core"

const compress = promisify(gzip)

/** A body, compressed on its way. Reproducible: Node writes no time into gzip's header. */
export async function gzipped(body: PutBody): Promise<PutBody> {
  if (body.bytes) {
    const bytes = await compress(body.bytes)
    return { size: bytes.byteLength, replayable: true, bytes, stream: () => only(bytes) }
  }
  return {
    size: undefined,
    replayable: body.replayable,
    bytes: undefined,
    stream: () => Readable.from(body.stream()).compose<Readable>(createGzip()) as AsyncIterable<Uint8Array>,
  }
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** The decompressed bytes of a range. Cut-short input makes zlib throw. */
export async function* gunzipped(
  chunks: AsyncIterable<Uint8Array>,
  { start, end = Infinity }: ByteRange = { start: 0 },
): AsyncGenerator<Uint8Array> {
  let position = 0
  for await (const chunk of Readable.from(chunks).compose<Readable>(createGunzip()) as AsyncIterable<Uint8Array>) {
    const from = Math.max(0, start - position)
    const to = Math.min(chunk.byteLength, end - position)
    position += chunk.byteLength
    if (to > from) yield chunk.subarray(from, to)
    if (position >= end) return
  }
}
