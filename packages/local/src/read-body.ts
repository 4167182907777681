import { type ByteRange, lendingChunks, throwIfAborted, wholeChunks } from "@node-storages/core"
import type { LocalFileHandle } from "./file-system.ts"

/** Bytes that are read at once: a smaller body takes one read, and its file is closed before the body is given out. */
const BLOCK = 512 * 1024

/** Blocks that the reader may keep: each is new memory, of which larger ones take more and gain nothing. */
const KEPT_BLOCK = 256 * 1024

/** Blocks for bodies that are lent, to be used again: 8 MiB at the most. */
const spare: Buffer[] = []
const MOST_SPARE = 16

/** Files whose body is not read to its end are closed when nobody can read it any more. */
const abandoned = new FinalizationRegistry((handle: LocalFileHandle) => void handle.close().catch(() => {}))

/**
 * The bytes of an open file from `start`, which takes over the handle: it is closed when the last byte is read, when
 * the iteration ends early, or when reading fails.
 */
export async function readBody(
  handle: LocalFileHandle,
  start: number,
  length: number,
  signal: AbortSignal | undefined,
): Promise<AsyncIterable<Uint8Array>> {
  if (length > BLOCK) {
    const body = new OpenBody(handle, start, length, signal)
    return lendingChunks(body, () => body.lend())
  }
  try {
    return wholeChunks(length === 0 ? new Uint8Array() : await readBlock(handle, start, length))
  } finally {
    await handle.close()
  }
}

class OpenBody implements AsyncIterable<Uint8Array> {
  readonly #handle: LocalFileHandle
  readonly #start: number
  readonly #length: number
  readonly #signal: AbortSignal | undefined
  #started = false

  constructor(handle: LocalFileHandle, start: number, length: number, signal: AbortSignal | undefined) {
    this.#handle = handle
    this.#start = start
    this.#length = length
    this.#signal = signal
    abandoned.register(this, handle, this)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    this.#begin()
    let position = this.#start
    const end = this.#start + this.#length
    // The next block is read while this one is used.
    let next = this.#read(position, end)
    try {
      while (position < end) {
        const bytes = await next
        throwIfAborted(this.#signal, "read")
        // The file was cut short by somebody who writes in place: core makes an error of it.
        if (bytes.byteLength === 0) return
        position += bytes.byteLength
        next = this.#read(position, end)
        yield bytes
      }
    } finally {
      abandoned.unregister(this)
      await next.catch(() => {})
      await this.#handle.close()
    }
  }

  /** One block for all: each chunk is good until the next one is asked for. */
  async *lend(): AsyncGenerator<Uint8Array, void, undefined> {
    this.#begin()
    let position = this.#start
    const end = this.#start + this.#length
    const block = spare.pop() ?? Buffer.allocUnsafeSlow(BLOCK)
    try {
      while (position < end) {
        throwIfAborted(this.#signal, "read")
        const bytes = await fillBlock(this.#handle, block.subarray(0, end - position), position)
        if (bytes.byteLength === 0) break
        position += bytes.byteLength
        yield bytes
      }
      // Whoever stops in the middle may still be sending it.
      if (spare.length < MOST_SPARE) spare.push(block)
    } finally {
      abandoned.unregister(this)
      await this.#handle.close()
    }
  }

  #begin(): void {
    if (this.#started) throw new Error("A body can be read only once.")
    this.#started = true
  }

  #read(position: number, end: number): Promise<Uint8Array> {
    const block = readBlock(this.#handle, position, Math.min(KEPT_BLOCK, end - position))
    // It may fail while nobody waits for it yet.
    block.catch(() => {})
    return block
  }
}

/** What is at a position, up to `length` bytes. */
function readBlock(handle: LocalFileHandle, position: number, length: number): Promise<Uint8Array> {
  return fillBlock(handle, Buffer.allocUnsafeSlow(length), position)
}

/** What is at a position, also where the system gives only some of it at a time. @returns the bytes that were filled */
async function fillBlock(handle: LocalFileHandle, bytes: Buffer, position: number): Promise<Uint8Array> {
  const length = bytes.byteLength
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return filled === length ? bytes : bytes.subarray(0, filled)
}

/** A range as it lies in a body of this size: what is past the end is not there. */
export function clamp(range: ByteRange | undefined, size: number): { start: number; length: number } {
  const start = Math.min(range?.start ?? 0, size)
  return { start, length: Math.max(0, Math.min(range?.end ?? size, size) - start) }
}
