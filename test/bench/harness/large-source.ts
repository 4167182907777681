import { randomBytes } from "node:crypto"
import { Readable } from "node:stream"

export const MEBIBYTE: number = 1024 * 1024
export const GIBIBYTE: number = 1024 * MEBIBYTE

/** As a socket or `createReadStream` gives them. */
const CHUNK = 64 * 1024

/** So many bytes, in chunks that are new memory each: the same one again and again would hide what is held. */
export async function* largeSource(size: number): AsyncGenerator<Uint8Array> {
  const pattern = randomBytes(CHUNK)
  for (let left = size; left > 0; left -= CHUNK) {
    const chunk = Buffer.allocUnsafeSlow(Math.min(left, CHUNK))
    pattern.copy(chunk)
    yield chunk
  }
}

/** The same as a Node stream, of unknown length. */
export function largeReadable(size: number): Readable {
  return Readable.from(largeSource(size), { objectMode: false, highWaterMark: CHUNK })
}

/** Reads to the end. @throws where there are not so many bytes */
export async function consume(chunks: AsyncIterable<Uint8Array>, size: number): Promise<void> {
  let length = 0
  for await (const chunk of chunks) length += chunk.byteLength
  if (length !== size) throw new Error(`${length} bytes were read instead of ${size}.`)
}
