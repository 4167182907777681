// A whole adapter: files in a Map. docs/write-an-adapter.md explains each member.
import { setImmediate } from "node:timers/promises"
import * as core from "@node-storages/core"

const HEADERS = { cacheControl: true, contentDisposition: true, contentEncoding: true, contentLanguage: true }

/** What a service's client would throw: only the driver knows what it means. */
class Refusal extends Error {
  readonly meaning: core.StorageErrorCode

  constructor(meaning: core.StorageErrorCode) {
    super(`the map refused: ${meaning}`)
    this.meaning = meaning
  }
}

class MapDriver implements core.StorageDriver {
  readonly name = "map"
  readonly target = "map:"
  readonly features = {
    ...HEADERS,
    metadata: true,
    conditionalCreate: true,
    conditionalMatch: true,
    conditionalCopy: false,
  }
  readonly limits = { keyBytes: 1024 }
  readonly #files = new Map<string, { info: core.FileInfo; bytes: Uint8Array }>()
  #version = 0

  async put(key: string, body: core.PutBody, options: core.PutOptions): Promise<core.FileInfo> {
    const { signal, ifAbsent, ifMatch, nextKey, ...headers } = options
    const chunks: Uint8Array[] = []
    // Copied: the caller may go on using its buffers.
    for await (const chunk of body.stream()) chunks.push(Uint8Array.from(chunk))
    const bytes = new Uint8Array(Buffer.concat(chunks))
    // From here to `set` nothing is awaited: this is the atomic act.
    core.throwIfAborted(signal, "write")
    let free = key
    if (ifAbsent && this.#files.has(key)) {
      if (!nextKey) throw new Refusal("already-exists")
      while (this.#files.has(free)) free = nextKey()
    }
    if (ifMatch !== undefined && this.#files.get(key)?.info.etag !== ifMatch) throw new Refusal("precondition-failed")
    const etag = `"${++this.#version}"`
    const info = { ...headers, name: free, size: bytes.byteLength, modified: new Date(), etag }
    this.#files.set(free, { info, bytes })
    return info
  }

  async get(key: string, { range }: core.GetOptions): Promise<core.DriverObject | undefined> {
    // A service answers in a later turn of the event loop. Who reads in a loop must not keep others from running.
    await setImmediate()
    const file = this.#files.get(key)
    if (!file) return undefined
    const bytes = file.bytes.slice(range?.start ?? 0, range?.end)
    return { info: file.info, length: bytes.byteLength, chunks: chunksOf(bytes) }
  }

  async head(key: string): Promise<core.FileInfo | undefined> {
    return this.#files.get(key)?.info
  }

  async remove(key: string): Promise<void> {
    this.#files.delete(key)
  }

  async page({ prefix, recursive, cursor }: core.PageOptions): Promise<core.ListPage> {
    const entries = new Set<string>()
    for (const key of this.#files.keys()) {
      if (!key.startsWith(prefix)) continue
      const slash = recursive ? -1 : key.indexOf("/", prefix.length)
      entries.add(slash === -1 ? key : key.slice(0, slash + 1))
    }
    const rest = [...entries].filter((entry) => cursor === undefined || core.compareKeys(entry, cursor as string) > 0)
    const shown = rest.toSorted(core.compareKeys).slice(0, 1000)
    return {
      files: shown.flatMap((entry) => this.#files.get(entry)?.info ?? []),
      prefixes: shown.filter((entry) => entry.endsWith("/")),
      cursor: shown.length < rest.length ? shown.at(-1) : undefined,
    }
  }

  errorCode(error: unknown): core.StorageErrorCode | undefined {
    return error instanceof Refusal ? error.meaning : undefined
  }
}

/** Files in a Map, for as long as the object lives. */
export class MapStorage extends core.DriverStorage {
  constructor(options: core.StorageOptions = {}) {
    core.checkOptions("MapStorage", options, core.STORAGE_OPTIONS)
    super(new MapDriver(), options)
  }
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.byteLength > 0) yield bytes
}
