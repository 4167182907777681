import type { Readable } from "node:stream"
import type { FileInfo } from "./file-info.ts"
import { wholeBytes } from "./whole-chunks.ts"

const BRAND: unique symbol = Symbol.for("node-storages.StorageFile") as never

/** Half-open, like `Blob.slice`: negative numbers count from the end. */
export interface Slice {
  readonly start: number
  readonly end: number | undefined
}

/** Bytes on their way from a storage, and what it knows of the file that they are of. */
export interface OpenedBytes {
  /** Of the whole file, also where a slice is read. */
  readonly info: FileInfo
  /** Whether `info` lacks headers or metadata that `stat` tells. */
  readonly partialInfo?: boolean | undefined
  /** How many bytes will come; undefined where that is not known. */
  readonly length: number | undefined
  /** Can be read once. Ending the iteration early releases the connection or file. */
  readonly chunks: AsyncIterable<Uint8Array>
}

/** What a StorageFile reads from. */
export interface FileSource {
  stat(): Promise<FileInfo>
  /** Opens the bytes from `start` to `end`; `length` is how many will come, where that is known. */
  read(range: { start: number; end: number | undefined } | undefined): Promise<OpenedBytes>
}

/** True for a StorageFile of any installed copy of this package. */
export function isStorageFile(value: unknown): value is StorageFile {
  return typeof value === "object" && value !== null && BRAND in value
}

/**
 * A file of a storage, read lazily, with a Blob's shape. Nothing is requested until bytes are asked for; each call
 * that reads is a request of its own.
 */
export class StorageFile implements AsyncIterable<Uint8Array> {
  readonly name: string
  readonly #source: FileSource
  readonly #slices: readonly Slice[]

  constructor(name: string, source: FileSource, slices: readonly Slice[] = []) {
    this.name = name
    this.#source = source
    this.#slices = slices
    Object.defineProperty(this, BRAND, { value: true })
  }

  /**
   * What the storage knows of the file (of the whole file, also for a slice).
   * @throws StorageError `not-found`
   */
  stat(): Promise<FileInfo> {
    return this.#source.stat()
  }

  /** Whether this is a part of the file, made by `slice`. */
  get isSlice(): boolean {
    return this.#slices.length > 0
  }

  /** All bytes. @throws StorageError `not-found`, or `network` when the body is cut short */
  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return wholeOf(await this.read())
  }

  /** The bytes in memory, as an ArrayBuffer of their own. */
  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).buffer
  }

  /** The bytes as UTF-8 text; a byte order mark is dropped. */
  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes())
  }

  /** The content as JSON. @throws SyntaxError for content that is no JSON */
  async json<T = unknown>(): Promise<T> {
    return JSON.parse(await this.text()) as T
  }

  /** The bytes in memory, with the file's content type. */
  async blob(): Promise<Blob> {
    const opened = await this.read()
    return new Blob([await wholeOf(opened)], { type: opened.info.contentType ?? "" })
  }

  /** A web stream of the bytes. */
  stream(): ReadableStream<Uint8Array> {
    const iterator = this[Symbol.asyncIterator]()
    return new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const next = await iterator.next()
          if (next.done) controller.close()
          else controller.enqueue(next.value)
        },
        async cancel() {
          await iterator.return(undefined)
        },
      },
      { highWaterMark: 0 },
    )
  }

  /** A Node stream of the bytes. */
  readable(): Readable {
    return process.getBuiltinModule("node:stream").Readable.from(this, { objectMode: false })
  }

  /**
   * A part of the file, as lazy as the whole: reading it is one range request. Like `Blob.slice`: `end` is exclusive,
   * negative numbers count from the end (which costs a `stat`), past the end is empty.
   */
  slice(start: number = 0, end?: number): StorageFile {
    return new StorageFile(this.name, this.#source, [
      ...this.#slices,
      { start: whole(start), end: end === undefined ? undefined : whole(end) },
    ])
  }

  /** The bytes in pieces, in one request; leaving the loop ends it. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    const { chunks } = await this.read()
    yield* chunks
  }

  /**
   * The bytes together with what is known of them, by one request: unlike `stat` before `stream` it can't tell of one
   * version and give another. The chunks must be read, or their iteration ended, to release the connection or file.
   * @throws StorageError `not-found`
   */
  async read(): Promise<OpenedBytes> {
    let range: { start: number; end: number | undefined } | undefined
    for (const slice of this.#slices) {
      const counted = slice.start < 0 || (slice.end ?? 0) < 0
      range = resolveSlice(slice, range, counted ? (await this.stat()).size : undefined)
    }
    return this.#source.read(range)
  }
}

function wholeOf({ length, chunks }: OpenedBytes): Promise<Uint8Array<ArrayBuffer>> | Uint8Array<ArrayBuffer> {
  const inMemory = wholeBytes(chunks)
  if (inMemory) return ownBytes(inMemory)
  return length === undefined ? concatenated(chunks) : filled(new Uint8Array(length), chunks)
}

/** The same memory where it holds nothing else, so that its buffer can be given out. */
function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteLength } = bytes
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength
    ? new Uint8Array(buffer)
    : new Uint8Array(bytes)
}

async function filled(
  bytes: Uint8Array<ArrayBuffer>,
  chunks: AsyncIterable<Uint8Array>,
): Promise<Uint8Array<ArrayBuffer>> {
  let offset = 0
  for await (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.byteLength
  }
  return bytes
}

async function concatenated(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    parts.push(chunk)
    length += chunk.byteLength
  }
  const bytes = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.byteLength
  }
  return bytes
}

/** A slice of a range, as a range of the whole file. `size` is the file's, where the slice counts from the end. */
function resolveSlice(
  slice: Slice,
  within: { start: number; end: number | undefined } = { start: 0, end: undefined },
  size?: number,
): { start: number; end: number | undefined } {
  const limit = size === undefined ? within.end : Math.min(within.end ?? size, size)
  const length = limit === undefined ? undefined : Math.max(0, limit - within.start)
  const position = (value: number) => (value < 0 ? Math.max(0, length! + value) : value)
  const start = within.start + Math.min(position(slice.start), length ?? Infinity)
  const wanted = slice.end === undefined ? limit : within.start + position(slice.end)
  const end = wanted === undefined || limit === undefined ? (wanted ?? limit) : Math.min(wanted, limit)
  return { start, end: end === undefined ? undefined : Math.max(start, end) }
}

/** A whole number that a range can hold. */
function whole(value: number): number {
  if (Number.isNaN(value)) return 0
  return Math.trunc(Math.max(-Number.MAX_SAFE_INTEGER, Math.min(value, Number.MAX_SAFE_INTEGER)))
}
