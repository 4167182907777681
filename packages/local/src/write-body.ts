import type { PutBody } from "@node-storages/core"
import type { LocalFileHandle } from "./file-system.ts"

/**
 * Streams are written in blocks of this many bytes: smaller writes are what makes a plain write stream slow, and every
 * stream that is being written holds two, also each of a thousand slow uploads.
 */
const BLOCK = 128 * 1024
/** A stream that has become as long as `LONG` is written in these: a fifth faster, and there are not many of them. */
const LARGE_BLOCK = 512 * 1024
const LONG = 64 * 1024 * 1024
/** The most bytes of one write: well below what Linux (2 GiB) and Node (an int32) take. */
const LARGEST_WRITE = 1024 ** 3

/** Writes the whole body. @throws where a write fails, and what the body's own stream throws */
export async function writeBody(handle: LocalFileHandle, body: PutBody): Promise<void> {
  if (body.bytes) return writeAll(handle, body.bytes)
  const blocks = new BlockWriter(handle, body.size)
  try {
    // Chunks are copied or written before the next one is asked for: a source may use its buffer again.
    for await (const chunk of body.stream()) await blocks.add(chunk)
    await blocks.flush()
  } finally {
    await blocks.settled()
  }
}

/** Writes a block while the next one is filled. */
class BlockWriter {
  readonly #handle: LocalFileHandle
  #blockSize: number
  #block: Buffer | undefined
  #filled = 0
  /** In blocks so far. */
  #total = 0
  /** Is being written, or was. */
  #written: Buffer | undefined
  #writing: Promise<void> | undefined

  /** @param size of all that will be written, in bytes, where it is known */
  constructor(handle: LocalFileHandle, size: number | undefined) {
    this.#handle = handle
    this.#blockSize = Math.min(size ?? BLOCK, BLOCK) || 1
  }

  async add(chunk: Uint8Array): Promise<void> {
    // As it is: copying it would gain nothing.
    if (chunk.byteLength >= BLOCK) {
      await this.flush()
      return writeAll(this.#handle, chunk)
    }
    for (let offset = 0; offset < chunk.byteLength;) {
      this.#block ??= Buffer.allocUnsafeSlow(this.#blockSize)
      const piece = chunk.subarray(offset, offset + this.#blockSize - this.#filled)
      this.#block.set(piece, this.#filled)
      this.#filled += piece.byteLength
      offset += piece.byteLength
      if (this.#filled === this.#blockSize) await this.#write()
    }
  }

  /** Until all that was added is written. */
  async flush(): Promise<void> {
    if (this.#filled > 0) await this.#write()
    await this.#writing
  }

  /** Until nothing is being written any more, however that ends. */
  async settled(): Promise<void> {
    await this.#writing?.catch(() => {})
  }

  /** Begins to write the block, when the one before is written. */
  async #write(): Promise<void> {
    await this.#writing
    const block = this.#block!
    this.#writing = writeAll(this.#handle, block.subarray(0, this.#filled))
    // Heard when it is waited for.
    this.#writing.catch(() => {})
    this.#total += this.#filled
    this.#filled = 0
    if (this.#total >= LONG) this.#blockSize = LARGE_BLOCK
    this.#block = this.#written?.byteLength === this.#blockSize ? this.#written : undefined
    this.#written = block
  }
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
