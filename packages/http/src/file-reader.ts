import type { ByteRange, FileInfo, Storage } from "@node-storages/core"

/** A file of which some bytes are on their way. */
export interface OpenedFile {
  readonly info: FileInfo
  /** Of what will come, in bytes; undefined where that is not known. */
  readonly length: number | undefined
  readonly body: Uint8Array | AsyncIterable<Uint8Array>
}

/** Where a handler gets files from. Both reject with `not-found` for what is not there. */
export interface FileReader {
  stat(name: string, signal?: AbortSignal): Promise<FileInfo>
  /** The file, or a range of it: what is past its end is not there. */
  read(name: string, range?: ByteRange, signal?: AbortSignal): Promise<OpenedFile>
}

/** Asks the storage each time. */
export class StorageReader implements FileReader {
  readonly #storage: Storage

  constructor(storage: Storage) {
    this.#storage = storage
  }

  stat(name: string, signal?: AbortSignal): Promise<FileInfo> {
    return this.#storage.stat(name, { signal })
  }

  async read(name: string, range?: ByteRange, signal?: AbortSignal): Promise<OpenedFile> {
    const file = this.#storage.open(name, { signal })
    const { info, length, chunks } = await (range ? file.slice(range.start, range.end) : file).read()
    return { info, length, body: chunks }
  }
}

/** Lets go of the file or connection behind bytes that nobody wants. */
export async function release(body: Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
  if (body instanceof Uint8Array) return
  try {
    // A generator that was not begun does not clean up.
    for await (const _ of body) break
  } catch {
    // It is not wanted any more.
  }
}

/** Whether two answers are of the same bytes. */
export function isSameVersion(one: FileInfo, other: FileInfo): boolean {
  if (one.size !== other.size) return false
  if (one.etag !== undefined && other.etag !== undefined) return one.etag === other.etag
  return isSameTime(one.modified.getTime(), other.modified.getTime())
}

/** In milliseconds. Some services tell it in whole seconds, where they tell it by a header. */
function isSameTime(one: number, other: number): boolean {
  const isCoarse = one % 1000 === 0 || other % 1000 === 0
  return isCoarse ? Math.floor(one / 1000) === Math.floor(other / 1000) : one === other
}
