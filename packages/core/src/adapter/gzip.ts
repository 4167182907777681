import type { Transform } from "node:stream"
import type { ByteRange, PutBody } from "../driver.ts"

const zlib = () => process.getBuiltinModule("node:zlib")

function compress(bytes: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) =>
    zlib().gzip(bytes, (error, compressed) => (error ? reject(error) : resolve(compressed))),
  )
}

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
    stream: () => through(body.stream(), zlib().createGzip()),
  }
}

/** An error of either side reaches the reader; a reader that stops early ends both sides. */
function through(chunks: AsyncIterable<Uint8Array>, transform: Transform): AsyncIterable<Uint8Array> {
  const { pipeline, Readable } = process.getBuiltinModule("node:stream")
  // The callback takes what the iteration reports already.
  return pipeline(Readable.from(chunks), transform, () => {})
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
  for await (const chunk of through(chunks, zlib().createGunzip())) {
    const from = Math.max(0, start - position)
    const to = Math.min(chunk.byteLength, end - position)
    position += chunk.byteLength
    if (to > from) yield chunk.subarray(from, to)
    if (position >= end) return
  }
}
