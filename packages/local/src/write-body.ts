import type { PutBody } from "@node-storages/core"
import type { LocalFileHandle } from "./file-system.ts"

/**
 * Streams are written in blocks of this many bytes: smaller writes are what makes a plain write stream slow, larger ones
 * gain nothing, and every stream that is being written holds one, also each of a thousand slow uploads.
 */
const BLOCK = 128 * 1024
/** The most bytes of one write: well below what Linux (2 GiB) and Node (an int32) take. */
const LARGEST_WRITE = 1024 ** 3

/** Writes the whole body. @throws where a write fails, and what the body's own stream throws */
export async function writeBody(handle: LocalFileHandle, body: PutBody): Promise<void> {
  if (body.bytes) return writeAll(handle, body.bytes)
  const block = Buffer.allocUnsafeSlow(Math.min(body.size ?? BLOCK, BLOCK) || 1)
  let filled = 0
  const flush = async () => {
    if (filled === 0) return
    const bytes = block.subarray(0, filled)
    filled = 0
    await writeAll(handle, bytes)
  }
  // Chunks are copied or written before the next one is asked for: a source may use its buffer again.
  for await (const chunk of body.stream()) {
    // As it is: copying it would gain nothing.
    if (chunk.byteLength >= BLOCK) {
      await flush()
      await writeAll(handle, chunk)
      continue
    }
    for (let offset = 0; offset < chunk.byteLength;) {
      const piece = chunk.subarray(offset, offset + block.byteLength - filled)
      block.set(piece, filled)
      filled += piece.byteLength
      offset += piece.byteLength
      if (filled === block.byteLength) await flush()
    }
  }
  await flush()
}

/** Writes all bytes, also where the system takes only some of them at a time. */
export async function writeAll(handle: LocalFileHandle, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.byteLength;) {
    const length = Math.min(bytes.byteLength - offset, LARGEST_WRITE)
    const { bytesWritten } = await handle.write(bytes, offset, length)
    if (bytesWritten === 0) throw new Error("The file system took no bytes and gave no error.")
    offset += bytesWritten
  }
}
