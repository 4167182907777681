import type { PutBody } from "./driver.ts"
import { StorageError } from "./errors.ts"
import { isStorageFile, type StorageFile } from "./storage-file.ts"

/** A piece of a stream: bytes, or text that is stored in UTF-8. */
export type ContentChunk = Uint8Array | ArrayBuffer | ArrayBufferView | string

/**
 * What can be stored. A Node `Readable` is an async iterable. Streams are read once, never buffered whole.
 */
export type ContentInput =
  | string
  | ArrayBuffer
  | SharedArrayBuffer
  | ArrayBufferView
  | Blob
  | ReadableStream<ContentChunk>
  | AsyncIterable<ContentChunk>
  | StorageFile

/** A body whose source can be let go of when it is not wanted any more. */
export interface Content extends PutBody {
  /** The media type that the content itself claims (a Blob's). */
  readonly type?: string | undefined
  /** Destroys or cancels the source. Never throws. */
  cancel(reason: unknown): void
}

const encoder = new TextEncoder()

/** The bytes of a chunk: text in UTF-8, a view as the slice of its buffer that it shows. */
function chunkBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk
  if (typeof chunk === "string") return encoder.encode(chunk)
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  if (chunk instanceof ArrayBuffer || isSharedBuffer(chunk)) return new Uint8Array(chunk as ArrayBuffer)
  throw new StorageError(
    "invalid-content",
    `A stream gave ${describe(chunk)} as a chunk. A stream to be stored gives bytes or strings.`,
  )
}

function isSharedBuffer(value: unknown): boolean {
  return typeof SharedArrayBuffer !== "undefined" && value instanceof SharedArrayBuffer
}

function describe(value: unknown): string {
  if (value === null) return "null"
  if (typeof value !== "object") return typeof value
  return `an object of class ${value.constructor?.name ?? "null"}`
}

/** Makes a body of whatever can be stored. Synchronous: a stream's errors are listened for from the first moment. */
export function toContent(input: ContentInput): Content {
  const given: unknown = input
  if (typeof given === "string" || ArrayBuffer.isView(given) || given instanceof ArrayBuffer || isSharedBuffer(given)) {
    return bytesContent(chunkBytes(given))
  }
  if (isStorageFile(given)) return fileContent(given)
  if (typeof Blob !== "undefined" && given instanceof Blob) return blobContent(given)
  if (isWebStream(given)) return webStreamContent(given)
  if (isAsyncIterable(given)) return iterableContent(given)
  throw new StorageError(
    "invalid-content",
    `Content must be a string, bytes, a Blob, a stream, an async iterable of bytes or a file of a storage, not ${describe(given)}.`,
  )
}

function bytesContent(bytes: Uint8Array): Content {
  return {
    size: bytes.byteLength,
    replayable: true,
    bytes,
    async *stream() {
      if (bytes.byteLength > 0) yield bytes
    },
    cancel() {},
  }
}

function blobContent(blob: Blob): Content {
  return {
    size: blob.size,
    replayable: true,
    bytes: undefined,
    type: blob.type || undefined,
    stream: () => readerChunks(blob.stream().getReader()),
    cancel() {},
  }
}

function fileContent(file: StorageFile): Content {
  return { size: undefined, replayable: true, bytes: undefined, stream: () => file, cancel() {} }
}

function webStreamContent(stream: ReadableStream<ContentChunk>): Content {
  if (stream.locked) throw usedError("The stream is locked: somebody else reads it or has read it.")
  if (isSpent(stream)) throw usedError("The stream has been read to its end or cancelled already.")
  let reader: ReadableStreamDefaultReader<ContentChunk> | undefined
  return {
    size: undefined,
    replayable: false,
    bytes: undefined,
    async *stream() {
      if (reader) throw usedError("A stream can be read only once.")
      reader = stream.getReader()
      yield* readerChunks(reader)
    },
    cancel(reason) {
      // Through the reader once there is one: that also ends a read that hangs.
      release(() => (reader ?? stream).cancel(reason))
    },
  }
}

/** Whether nothing is left to read, which the standard can't tell apart from a stream that is empty by itself. */
function isSpent(stream: ReadableStream<ContentChunk>): boolean {
  // Elsewhere than in Node nobody can tell, and the stream is taken as it is.
  const { process } = globalThis as { process?: Partial<NodeJS.Process> }
  const state = process?.getBuiltinModule?.("node:stream") as unknown as StreamState | undefined
  return state !== undefined && state.isDisturbed(stream) && !state.isReadable(stream) && !state.isErrored(stream)
}

/** What Node tells of a web stream as well, by its documentation; its types know of Node's own streams only. */
type StreamState = Readonly<Record<"isDisturbed" | "isErrored" | "isReadable", (stream: ReadableStream) => boolean>>

/** The chunks of a web stream; ending the iteration early cancels the stream. */
async function* readerChunks(reader: ReadableStreamDefaultReader<ContentChunk>): AsyncGenerator<Uint8Array> {
  let finished = false
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) {
        finished = true
        return
      }
      const bytes = chunkBytes(value)
      if (bytes.byteLength > 0) yield bytes
    }
  } finally {
    if (finished) reader.releaseLock()
    else reader.cancel().catch(() => {})
  }
}

/** The part of a Node stream that matters here; core imports nothing from Node for it. */
interface NodeStreamLike {
  readonly readableEnded?: boolean
  readonly destroyed?: boolean
  readonly errored?: Error | null
  on?(event: "error", listener: (error: Error) => void): unknown
  destroy?(error?: Error): unknown
}

function iterableContent(iterable: AsyncIterable<ContentChunk>): Content {
  const node = iterable as NodeStreamLike
  // A stream that fails while nobody iterates it yet would take the process down.
  if (typeof node.on === "function") node.on("error", () => {})
  if (node.readableEnded === true) throw usedError("The stream has been read to its end already.")
  if (node.destroyed === true && !node.errored) throw usedError("The stream was destroyed before it was read.")
  let iterator: AsyncIterator<ContentChunk> | undefined
  let finished = false
  return {
    size: undefined,
    replayable: false,
    bytes: undefined,
    async *stream() {
      if (iterator) throw usedError("A stream can be read only once.")
      const opened = (iterator = iterable[Symbol.asyncIterator]())
      for await (const chunk of { [Symbol.asyncIterator]: () => opened }) {
        const bytes = chunkBytes(chunk)
        if (bytes.byteLength > 0) yield bytes
      }
      finished = true
    },
    cancel() {
      if (typeof node.destroy === "function") release(() => node.destroy!())
      // Also one that was never read, which may be over something open, and one that hangs in the middle of a read.
      else if (!finished) release(() => (iterator ??= iterable[Symbol.asyncIterator]()).return?.())
    },
  }
}

/** Runs it; how it ends is nobody's concern any more. */
function release(action: () => unknown): void {
  void (async () => action())().catch(() => {})
}

function usedError(problem: string): StorageError {
  return new StorageError("invalid-content", `${problem} Pass a fresh stream, or bytes, which can be stored twice.`)
}

function isWebStream(value: unknown): value is ReadableStream<ContentChunk> {
  return typeof value === "object" && value !== null && "getReader" in value && typeof value.getReader === "function"
}

function isAsyncIterable(value: unknown): value is AsyncIterable<ContentChunk> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value
}
