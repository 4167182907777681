import { type ByteRange, type FileInfo, StorageError } from "@node-storages/core"
import { type FileReader, isSameVersion, type OpenedFile } from "./file-reader.ts"
import type { Settings } from "./serve-options.ts"

/** A small file. Another object at each look at the storage. */
export interface CacheEntry {
  readonly info: FileInfo
  readonly bytes: Uint8Array
  /** In milliseconds, by `performance.now()`. */
  readonly checkedAt: number
}

/** What an entry takes beside its bytes, about. In bytes. */
const ENTRY_COST = 512
/** For how long a file that is not to be kept is not looked at first, at least. In milliseconds. */
const PASSED_FOR = 1000
/** Of names that have no file, or one that is not kept: who asks for names at random must not drive out files. */
const MOST_NAMES = 10_000

/**
 * Keeps small files, and which names have none, in memory. An answer is as old as `freshFor` at the most; names that
 * change with their content are not asked for again. What was looked at longest ago goes first.
 */
export class MemoryCache implements FileReader {
  readonly #next: FileReader
  readonly #options: NonNullable<Settings["cache"]>
  readonly #isImmutable: (name: string) => boolean
  readonly #entries = new Map<string, CacheEntry>()
  /** When it was last seen that there is no file of this name. */
  readonly #missing = new RecentNames()
  /** When it was last seen that a file is not to be kept: no need to look at it first. */
  readonly #passed = new RecentNames()
  readonly #loading = new Map<string, Promise<CacheEntry | undefined>>()
  #cost = 0

  constructor(next: FileReader, options: NonNullable<Settings["cache"]>, isImmutable: (name: string) => boolean) {
    this.#next = next
    this.#options = options
    this.#isImmutable = isImmutable
  }

  async stat(name: string, signal?: AbortSignal): Promise<FileInfo> {
    const entry = await this.#entry(name)
    return entry === undefined ? this.#next.stat(name, signal) : entry.info
  }

  async read(name: string, range?: ByteRange, signal?: AbortSignal): Promise<OpenedFile> {
    const entry = await this.#entry(name)
    if (entry === undefined) return this.#next.read(name, range, signal)
    const body = range ? entry.bytes.subarray(range.start, range.end) : entry.bytes
    return { info: entry.info, length: body.byteLength, body }
  }

  /** What can be told without asking the storage: the file, that there is none, or undefined. */
  peek(name: string): CacheEntry | "missing" | undefined {
    const entry = this.#entries.get(name)
    if (entry !== undefined) {
      return this.#isFresh(entry.checkedAt) || this.#isImmutable(name) ? entry : undefined
    }
    return this.#isFresh(this.#missing.get(name)) ? "missing" : undefined
  }

  /**
   * @returns undefined for a file that is not kept
   * @throws StorageError `not-found`, also where it was so a moment ago
   */
  async #entry(name: string): Promise<CacheEntry | undefined> {
    const known = this.peek(name)
    if (known === "missing") {
      throw new StorageError("not-found", `There is no file ${JSON.stringify(name)}.`, { operation: "read", key: name })
    }
    return known ?? (this.#isFresh(this.#passed.get(name), PASSED_FOR) ? undefined : this.#load(name))
  }

  #isFresh(since: number | undefined, atLeast = 0): boolean {
    return since !== undefined && performance.now() - since < Math.max(this.#options.freshFor, atLeast)
  }

  /**
   * Asks the storage; those who ask meanwhile share it, unless each is to be told what is so since it asked.
   * @returns undefined for a file that is not kept
   */
  #load(name: string): Promise<CacheEntry | undefined> {
    if (this.#options.freshFor === 0 && !this.#isImmutable(name)) return this.#refresh(name)
    let loading = this.#loading.get(name)
    if (loading === undefined) {
      loading = this.#refresh(name).finally(() => this.#loading.delete(name))
      this.#loading.set(name, loading)
    }
    return loading
  }

  async #refresh(name: string): Promise<CacheEntry | undefined> {
    const checkedAt = performance.now()
    const { maxFileBytes } = this.#options
    try {
      const info = await this.#next.stat(name)
      const known = this.#entries.get(name)
      if (known && isSameVersion(known.info, info)) return this.#keep(name, { ...known, checkedAt })
      this.#drop(name)
      this.#missing.delete(name)
      const isKept = info.size <= maxFileBytes && !info.decoded
      const opened = isKept ? await this.#next.read(name) : undefined
      const bytes = opened && (await wholeBody(opened, maxFileBytes))
      if (bytes !== undefined) return this.#keep(name, { info: opened!.info, bytes, checkedAt })
      this.#passed.add(name, checkedAt)
      return undefined
    } catch (error) {
      this.#drop(name)
      if (StorageError.is(error, "not-found")) this.#missing.add(name, checkedAt)
      throw error
    }
  }

  #keep(name: string, entry: CacheEntry): CacheEntry {
    this.#drop(name)
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

/** Names, and when something was seen of them; the oldest go first. */
class RecentNames {
  readonly #times = new Map<string, number>()

  get(name: string): number | undefined {
    return this.#times.get(name)
  }

  add(name: string, at: number): void {
    this.#times.delete(name)
    this.#times.set(name, at)
    if (this.#times.size > MOST_NAMES) this.#times.delete(this.#times.keys().next().value!)
  }

  delete(name: string): void {
    this.#times.delete(name)
  }
}

function costOf(name: string, { bytes }: CacheEntry): number {
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
  const [first] = chunks
  // A chunk of a network client is a small part of a large buffer, which would be kept with it.
  const isAlone = chunks.length === 1 && first!.byteLength === first!.buffer.byteLength
  return isAlone ? first : concatenated(chunks, length)
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
