import { type ByteRange, throwIfAborted } from "@node-storages/core"
import { quietly } from "./errors.ts"
import type { Handle, Session } from "./session.ts"
import type { Wait } from "./write-body.ts"

/** Bytes of one read: what every server gives at once. */
const PIECE = 32 * 1024
/** Reads that are under way at once: 2 MiB. */
const MOST_READS = 64
/** A body up to this size is read, and its file closed, before it is given out. In bytes. */
const SMALL = 256 * 1024

/** Files whose body nobody has begun to read, and nobody can read any more, are closed. */
const abandoned = new FinalizationRegistry<() => void>((close) => close())

/** A range as it lies in a file of this size: what is past the end is not there. */
export function clamp(range: ByteRange | undefined, size: number): { start: number; end: number } {
  const start = Math.min(range?.start ?? 0, size)
  return { start, end: Math.max(start, Math.min(range?.end ?? size, size)) }
}

/**
 * The bytes of an open file from `start` to `end`. It takes over the handle, which is closed after the last byte, when
 * the iteration ends early, or when reading fails.
 */
export async function readBody(
  session: Session,
  handle: Handle,
  { start, end }: { start: number; end: number },
  wait: Wait,
  signal: AbortSignal | undefined,
): Promise<AsyncIterable<Uint8Array>> {
  const body = new Body(session, handle, start, end, wait, signal)
  if (end - start > SMALL) {
    abandoned.register(body, closer(session, handle), body)
    return body
  }
  const chunks = await Array.fromAsync(body)
  return {
    async *[Symbol.asyncIterator]() {
      yield* chunks
    },
  }
}

/** Knows nothing of the body, which could otherwise never be abandoned. */
function closer(session: Session, handle: Handle): () => void {
  return () => void quietly(session.close(handle))
}

class Body implements AsyncIterable<Uint8Array> {
  readonly #session: Session
  readonly #handle: Handle
  readonly #start: number
  readonly #end: number
  readonly #wait: Wait
  readonly #signal: AbortSignal | undefined

  constructor(
    session: Session,
    handle: Handle,
    start: number,
    end: number,
    wait: Wait,
    signal: AbortSignal | undefined,
  ) {
    this.#session = session
    this.#handle = handle
    this.#start = start
    this.#end = end
    this.#wait = wait
    this.#signal = signal
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    abandoned.unregister(this)
    const reads: Promise<Uint8Array>[] = []
    let next = this.#start
    let position = this.#start
    try {
      while (reads.length > 0 || next < this.#end) {
        while (reads.length < MOST_READS && next < this.#end) {
          const read = this.#read(next, Math.min(PIECE, this.#end - next))
          // It may fail while nobody waits for it yet.
          read.catch(() => {})
          reads.push(read)
          next += PIECE
        }
        const bytes = await this.#wait(reads.shift()!)
        throwIfAborted(this.#signal, "read")
        // Somebody has cut the file short while it was read: core makes an error of what is missing.
        if (bytes.byteLength < Math.min(PIECE, this.#end - position)) return
        position += bytes.byteLength
        yield bytes
      }
    } finally {
      void quietly(this.#session.close(this.#handle))
    }
  }

  /** What is at a position, also where the server gives only some of it at a time. */
  async #read(position: number, length: number): Promise<Uint8Array> {
    const buffer = Buffer.allocUnsafeSlow(length)
    let filled = 0
    while (filled < length) {
      const count = await this.#session.read(this.#handle, buffer, filled, length - filled, position + filled)
      if (count === 0) break
      filled += count
    }
    return filled === length ? buffer : buffer.subarray(0, filled)
  }
}
