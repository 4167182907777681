import { type ByteRange, throwIfAborted } from "@node-storages/core"
import type { LocalFileHandle } from "./file-system.ts"

/** Bytes that are read at once: a smaller body takes one read, and its file is closed before the body is given out. */
const BLOCK = 512 * 1024

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
  if (length > BLOCK) return new OpenBody(handle, start, length, signal)
  try {
    return wholeBody(length === 0 ? undefined : await readBlock(handle, start, length))
  } finally {
    await handle.close()
  }
}

async function* wholeBody(bytes: Uint8Array | undefined): AsyncGenerator<Uint8Array> {
  if (bytes !== undefined && bytes.byteLength > 0) yield bytes
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
    if (this.#started) throw new Error("A body can be read only once.")
    this.#started = true
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

  #read(position: number, end: number): Promise<Uint8Array> {
    const block = readBlock(this.#handle, position, Math.min(BLOCK, end - position))
    // It may fail while nobody waits for it yet.
    block.catch(() => {})
    return block
  }
}

/** What is at a position, up to `length` bytes, also where the system gives only some of them at a time. */
async function readBlock(handle: LocalFileHandle, position: number, length: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(length)
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
