import { throwIfAborted } from "../call.ts"
import type {
  CopyOptions,
  DriverCallOptions,
  DriverFeatures,
  DriverObject,
  GetOptions,
  ListPage,
  ObjectPlace,
  NamesPage,
  PageOptions,
  PutBody,
  PutOptions,
  RemoveFailure,
  SignedTerms,
  SignedUpload,
  SignedUploadOptions,
  SignedUrlOptions,
  StorageDriver,
} from "../driver.ts"
import type { StorageErrorCode } from "../errors.ts"
import type { FileInfo } from "../file-info.ts"
import { compareKeys, type KeyLimits } from "../names.ts"
import type { DriverPermissions } from "../permissions.ts"
import { MapMultipart } from "./map-multipart.ts"

/** An error as a service's client would throw it: no StorageError, and a code that only the driver understands. */
export class MapError extends Error {
  readonly meaning: StorageErrorCode | undefined
  readonly after: number | undefined

  constructor(meaning: StorageErrorCode | undefined, after?: number) {
    super(`the map said ${meaning}`)
    this.meaning = meaning
    this.after = after
  }
}

export interface RecordedCall {
  readonly member: string
  readonly keys: readonly string[]
  readonly options: unknown
}

export const ALL_FEATURES: DriverFeatures = {
  conditionalCreate: true,
  conditionalMatch: true,
  conditionalCopy: true,
  metadata: true,
  cacheControl: true,
  contentDisposition: true,
  contentEncoding: true,
  contentLanguage: true,
}

interface StoredFile {
  readonly info: FileInfo
  readonly bytes: Uint8Array
}

/** The smallest driver: required members only, on a Map. A class with state, so that a lost `this` shows. */
export class MapDriver implements StorageDriver {
  readonly name: string = "map"
  readonly target: string = "map:test"
  features: DriverFeatures = ALL_FEATURES
  limits: KeyLimits = { keyBytes: 1024 }
  readonly files: Map<string, StoredFile> = new Map()
  readonly calls: RecordedCall[] = []
  /** Called at the beginning of every request: what it answers with is thrown. */
  fail: (member: string, key: string) => unknown = () => undefined
  /** Whether put tries the next key itself when one is taken. */
  usesNextKey = true
  pageSize = 1000
  chunkSize = 4
  #version = 0

  /** How often a member was called. */
  count(member: string): number {
    return this.calls.filter((call) => call.member === member).length
  }

  /** Stores text without a recorded call. */
  seed(key: string, text: string, headers: Partial<FileInfo> = {}): void {
    this.store(key, new TextEncoder().encode(text), headers)
  }

  /** What is stored under the key, as text. */
  text(key: string): string | undefined {
    const file = this.files.get(key)
    return file && new TextDecoder().decode(file.bytes)
  }

  async put(key: string, body: PutBody, options: PutOptions): Promise<FileInfo> {
    this.begin("put", [key], options)
    const bytes = body.bytes ?? (await collect(body.stream()))
    throwIfAborted(options.signal, "put")
    let free = key
    while (options.ifAbsent && this.files.has(free)) {
      if (!options.nextKey || !this.usesNextKey) throw new MapError("already-exists")
      free = options.nextKey()
    }
    if (options.ifMatch !== undefined && this.files.get(key)?.info.etag !== options.ifMatch) {
      throw new MapError("precondition-failed")
    }
    const { contentType, cacheControl, contentDisposition, contentEncoding, contentLanguage, metadata } = options
    const headers = { contentType, cacheControl, contentDisposition, contentEncoding, contentLanguage, metadata }
    return this.store(free, bytes, headers)
  }

  async get(key: string, options: GetOptions): Promise<DriverObject | undefined> {
    this.begin("get", [key], options)
    const file = this.files.get(key)
    if (!file) return undefined
    const bytes = options.range ? file.bytes.subarray(options.range.start, options.range.end) : file.bytes
    return { info: file.info, length: bytes.byteLength, chunks: pieces(bytes, this.chunkSize) }
  }

  async head(key: string, options: DriverCallOptions): Promise<FileInfo | undefined> {
    this.begin("head", [key], options)
    return this.files.get(key)?.info
  }

  async remove(key: string, options: DriverCallOptions): Promise<void> {
    this.begin("remove", [key], options)
    this.files.delete(key)
  }

  async page(options: PageOptions): Promise<ListPage> {
    this.begin("page", [options.prefix], options)
    const entries = new Set<string>()
    for (const key of [...this.files.keys()].filter((name) => name.startsWith(options.prefix)).toSorted(compareKeys)) {
      const slash = options.recursive ? -1 : key.indexOf("/", options.prefix.length)
      entries.add(slash === -1 ? key : key.slice(0, slash + 1))
    }
    const from = (options.cursor as number | undefined) ?? 0
    const shown = [...entries].slice(from, from + this.pageSize)
    const isPrefix = (key: string) => !options.recursive && key.endsWith("/") && key !== options.prefix
    return {
      files: shown.flatMap((key) => (isPrefix(key) ? [] : this.files.get(key)!.info)),
      prefixes: shown.filter(isPrefix),
      cursor: from + this.pageSize < entries.size ? from + this.pageSize : undefined,
    }
  }

  errorCode(error: unknown): StorageErrorCode | undefined {
    this.calls.push({ member: "errorCode", keys: [], options: error })
    return error instanceof MapError ? error.meaning : undefined
  }

  protected begin(member: string, keys: readonly string[], options: unknown): void {
    this.calls.push({ member, keys, options })
    const error = this.fail(member, keys[0] ?? "")
    if (error !== undefined) throw error
  }

  protected duplicate(file: StoredFile | undefined, to: string, { ifAbsent }: CopyOptions): FileInfo | undefined {
    if (file && ifAbsent && this.files.has(to)) throw new MapError("already-exists")
    return file && this.store(to, file.bytes, file.info)
  }

  protected store(key: string, bytes: Uint8Array, headers: Partial<FileInfo>): FileInfo {
    const etag = `"${++this.#version}"`
    const info = { ...headers, name: key, size: bytes.byteLength, modified: new Date(this.#version * 1000), etag }
    this.files.set(key, { info, bytes: Uint8Array.from(bytes) })
    return info
  }
}

/** The drivers of one service, by their buckets. */
const BUCKETS = new Map<string, FullMapDriver>()

/** A driver that has every optional member too. */
export class FullMapDriver extends MapDriver {
  readonly bucket: string = `bucket-${BUCKETS.size}`
  permissions: DriverPermissions = {
    read: [{ name: "map:Get", on: "the map" }],
    stat: [{ name: "map:Get", on: "the map" }],
    write: [{ name: "map:Set", on: "the map" }],
    delete: [{ name: "map:Delete", on: "the map" }],
    list: [{ name: "map:Keys", on: "the map" }],
    copy: [{ name: "map:Copy", on: "the map" }],
    move: [{ name: "map:Move", on: "the map" }],
    url: [],
    signedUpload: [{ name: "map:Sign", on: "the map" }],
    multipart: [{ name: "map:Parts", on: "the map" }],
  }
  readonly multipart: MapMultipart = new MapMultipart({
    begin: (...call) => this.begin(...call),
    store: (...file) => this.store(...file),
    error: (meaning) => new MapError(meaning),
  })
  closed = false

  constructor() {
    super()
    BUCKETS.set(this.bucket, this)
  }

  retryAfter(error: unknown): number | undefined {
    this.calls.push({ member: "retryAfter", keys: [], options: error })
    return error instanceof MapError ? error.after : undefined
  }

  async pageNames(options: PageOptions): Promise<NamesPage> {
    this.begin("pageNames", [options.prefix], options)
    const keys = [...this.files.keys()].filter((key) => key.startsWith(options.prefix)).toSorted(compareKeys)
    const from = (options.cursor as number | undefined) ?? 0
    const to = from + this.pageSize
    return { names: keys.slice(from, to), ...(to < keys.length && { cursor: to }) }
  }

  async copy(from: string, to: string, options: CopyOptions): Promise<FileInfo | undefined> {
    this.begin("copy", [from, to], options)
    return this.duplicate(this.files.get(from), to, options)
  }

  place(key: string): ObjectPlace {
    return { service: "map", bucket: this.bucket, key }
  }

  async copyFrom(from: ObjectPlace, to: string, options: CopyOptions): Promise<FileInfo | undefined> {
    this.begin("copyFrom", [to], options)
    return this.duplicate(BUCKETS.get(from.bucket)?.files.get(from.key), to, options)
  }

  async move(from: string, to: string, options: CopyOptions): Promise<FileInfo | undefined> {
    this.begin("move", [from, to], options)
    const info = this.duplicate(this.files.get(from), to, options)
    this.files.delete(from)
    return info
  }

  async removeMany(keys: readonly string[], options: DriverCallOptions): Promise<readonly RemoveFailure[]> {
    this.begin("removeMany", keys, options)
    for (const key of keys) this.files.delete(key)
    return []
  }

  publicUrl(key: string): string {
    this.begin("publicUrl", [key], {})
    return `https://public.test/${key}`
  }

  async signedUrl(key: string, options: SignedUrlOptions): Promise<string> {
    this.begin("signedUrl", [key], options)
    return `https://signed.test/${key}?expires=${options.expiresIn}`
  }

  async signedUpload(key: string, options: SignedUploadOptions): Promise<SignedUpload> {
    this.begin("signedUpload", [key], options)
    const expiresAt = new Date(options.signedAt.getTime() + options.expiresIn * 1000)
    return { method: "PUT", url: `https://upload.test/${key}`, headers: {}, fields: {}, expiresAt }
  }

  /** A token is the key itself, in capitals. */
  checkSigned(key: string, token: string): SignedTerms | undefined {
    this.begin("checkSigned", [key], {})
    return token === key.toUpperCase() ? { method: "GET", expiresAt: new Date(0) } : undefined
  }

  async close(): Promise<void> {
    this.begin("close", [], {})
    this.closed = true
  }
}

/** All the bytes of a stream. */
export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts)
}

/** The first chunk of a stream, which is then let go of. */
export async function firstChunk(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  for await (const chunk of chunks) return chunk
  throw new Error("the stream was empty")
}

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += size) yield bytes.subarray(start, start + size)
}
