import { type FileInfo, StorageError } from "@node-storages/core"
import { type FileReader, isSameVersion, type OpenedFile } from "./file-reader.ts"
import type { ByteRange } from "./range.ts"
import type { Settings } from "./serve-options.ts"

/** A small file. */
interface Entry {
  readonly info: FileInfo
  readonly bytes: Uint8Array
  /** In milliseconds, by `performance.now()`. */
  readonly checkedAt: number
}

/** What an entry takes beside its bytes, about. In bytes. */
const ENTRY_COST = 512
/** Of names that have no file: who asks for names at random must not drive out files. */
const MOST_MISSING = 10_000

/**
 * Keeps small files, and which names have none, in memory. An answer is as old as `freshFor` at the most; names that
 * change with their content are not asked for again. What was looked at longest ago goes first.
 */
export class MemoryCache implements FileReader {
  readonly #next: FileReader
  readonly #options: NonNullable<Settings["cache"]>
  readonly #isImmutable: (name: string) => boolean
  readonly #entries = new Map<string, Entry>()
  /** When it was last seen that there is no file of this name. */
  readonly #missing = new Map<string, number>()
  readonly #loading = new Map<string, Promise<Entry | undefined>>()
  #cost = 0

  constructor(next: FileReader, options: NonNullable<Settings["cache"]>, isImmutable: (name: string) => boolean) {
    this.#next = next
    this.#options = options
    this.#isImmutable = isImmutable
  }

  async stat(name: string, signal?: AbortSignal): Promise<FileInfo> {
    const entry = this.#fresh(name) ?? (await this.#load(name))
    return entry === undefined ? this.#next.stat(name, signal) : entry.info
  }

  async read(name: string, range?: ByteRange, signal?: AbortSignal): Promise<OpenedFile> {
    const entry = this.#fresh(name) ?? (await this.#load(name))
    if (entry === undefined) return this.#next.read(name, range, signal)
    const body = range ? entry.bytes.subarray(range.start, range.end) : entry.bytes
    return { info: entry.info, length: body.byteLength, body }
  }

  /** @throws StorageError `not-found` where it was so a moment ago */
  #fresh(name: string): Entry | undefined {
    const entry = this.#entries.get(name)
    if (entry !== undefined) {
      return this.#isFresh(entry.checkedAt) || this.#isImmutable(name) ? entry : undefined
    }
    const missedAt = this.#missing.get(name)
    if (missedAt === undefined || !this.#isFresh(missedAt)) return undefined
    throw new StorageError("not-found", `There is no file ${JSON.stringify(name)}.`, { operation: "read", key: name })
  }

  #isFresh(since: number): boolean {
    return performance.now() - since < this.#options.freshFor
  }

  /** Asks the storage; those who ask meanwhile share it. @returns undefined for a file that is too large to be kept */
  #load(name: string): Promise<Entry | undefined> {
    let loading = this.#loading.get(name)
    if (loading === undefined) {
      loading = this.#refresh(name).finally(() => this.#loading.delete(name))
      this.#loading.set(name, loading)
    }
    return loading
  }

  async #refresh(name: string): Promise<Entry | undefined> {
    const checkedAt = performance.now()
    const { maxFileBytes } = this.#options
    try {
      const info = await this.#next.stat(name)
      const known = this.#entries.get(name)
      if (known && isSameVersion(known.info, info)) return this.#keep(name, { ...known, checkedAt })
      this.#drop(name)
      if (info.size > maxFileBytes || info.decoded) return undefined
      const opened = await this.#next.read(name)
      const bytes = await wholeBody(opened, maxFileBytes)
      return bytes && this.#keep(name, { info: opened.info, bytes, checkedAt })
    } catch (error) {
      this.#drop(name)
      if (StorageError.is(error, "not-found")) this.#miss(name, checkedAt)
      throw error
    }
  }

  #miss(name: string, at: number): void {
    this.#missing.delete(name)
    this.#missing.set(name, at)
    if (this.#missing.size > MOST_MISSING) this.#missing.delete(this.#missing.keys().next().value!)
  }

  #keep(name: string, entry: Entry): Entry {
    this.#drop(name)
    this.#missing.delete(name)
    this.#entries.set(name, entry)
    this.#cost += costOf(name, entry)
    for (const [oldest] of this.#entries) {
      if (this.#cost <= this.#options.maxBytes) break
      this.#drop(oldest)
    }
    return entry
  }

  #drop(name: string): void {
    const entry = this.#entries.get(name)
    if (entry === undefined) return
    this.#entries.delete(name)
    this.#cost -= costOf(name, entry)
  }
}

function costOf(name: string, { bytes }: Entry): number {
  return bytes.byteLength + name.length + ENTRY_COST
}

/** Undefined for more bytes than are kept: the file has grown since it was looked at. */
async function wholeBody({ body, info }: OpenedFile, limit: number): Promise<Uint8Array | undefined> {
  if (body instanceof Uint8Array) return body
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.byteLength
    if (length > limit) return undefined
    chunks.push(chunk)
  }
  if (length !== info.size) return undefined
  return chunks.length === 1 ? chunks[0]! : concatenated(chunks, length)
}

function concatenated(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.byteLength
  }
  return bytes
}
