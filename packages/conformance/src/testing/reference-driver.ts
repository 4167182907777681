import { createHash } from "node:crypto"
import {
  type ByteRange,
  compareKeys,
  type CopyOptions,
  type DriverCallOptions,
  type DriverFeatures,
  type DriverObject,
  type DriverPermissions,
  encodeKey,
  type FileInfo,
  type GetOptions,
  type KeyLimits,
  type ListPage,
  type ObjectPlace,
  type PageOptions,
  type PutBody,
  type PutOptions,
  type RemoveFailure,
  type SignedUpload,
  type SignedUploadOptions,
  type SignedUrlOptions,
  type StorageDriver,
  type StorageErrorCode,
  throwIfAborted,
} from "@node-storages/core"
import { BackendError } from "./backend-error.ts"
import type { ObjectServer } from "./object-server.ts"
import { ReferenceMultipart } from "./reference-multipart.ts"

export interface StoredObject {
  readonly info: FileInfo
  readonly bytes: Uint8Array<ArrayBuffer>
}

export interface ReferenceOptions {
  readonly server?: ObjectServer | undefined
  /** What every call is answered with. */
  readonly failure?: StorageErrorCode | undefined
}

const PAGE = 100
const CHUNK = 50_000

/** An honest driver on a Map, with every capability. The broken ones are made of it. */
export class ReferenceDriver implements StorageDriver {
  readonly name: string = "reference"
  readonly target: string = "reference://map"
  readonly features: DriverFeatures = {
    conditionalCreate: true,
    conditionalMatch: true,
    conditionalCopy: true,
    metadata: true,
    cacheControl: true,
    contentDisposition: true,
    contentEncoding: true,
    contentLanguage: true,
    removeManyLimit: 300,
  }
  readonly limits: KeyLimits = { keyBytes: 1024 }
  readonly permissions: DriverPermissions = {
    read: [{ name: "reference:Get", on: "the map" }],
    stat: [{ name: "reference:Get", on: "the map" }],
    write: [{ name: "reference:Set", on: "the map" }],
    delete: [{ name: "reference:Delete", on: "the map" }],
    list: [{ name: "reference:Keys", on: "the map" }],
    copy: [
      { name: "reference:Get", on: "the map" },
      { name: "reference:Set", on: "the map" },
    ],
    move: [
      { name: "reference:Get", on: "the map" },
      { name: "reference:Set", on: "the map" },
      { name: "reference:Delete", on: "the map" },
    ],
    url: [],
    signedUpload: [],
    multipart: [{ name: "reference:Set", on: "the map" }],
  }
  readonly objects: Map<string, StoredObject> = new Map()
  readonly multipart: ReferenceMultipart = new ReferenceMultipart(this)
  readonly options: ReferenceOptions
  version = 0

  constructor(options: ReferenceOptions = {}) {
    this.options = options
    options.server?.register(this)
  }

  async put(key: string, body: PutBody, options: PutOptions): Promise<FileInfo> {
    this.answer()
    const bytes = body.bytes ?? (await collected(body.stream()))
    await turn()
    throwIfAborted(options.signal, "put")
    const free = this.freeKey(key, options)
    if (options.ifMatch !== undefined && this.objects.get(key)?.info.etag !== options.ifMatch) {
      throw new BackendError("precondition-failed")
    }
    const { contentType, cacheControl, contentDisposition, contentEncoding, contentLanguage, metadata } = options
    const headers = { contentType, cacheControl, contentDisposition, contentEncoding, contentLanguage, metadata }
    return this.store(free, new Uint8Array(bytes), headers)
  }

  freeKey(key: string, { ifAbsent, nextKey }: PutOptions): string {
    let free = key
    if (!ifAbsent) return free
    while (this.objects.has(free)) {
      if (!nextKey) throw new BackendError("already-exists")
      free = nextKey()
    }
    return free
  }

  store(key: string, bytes: Uint8Array<ArrayBuffer>, headers: Partial<FileInfo>): FileInfo {
    const checksum = { md5: createHash("md5").update(bytes).digest("hex") }
    const own = { name: key, size: bytes.byteLength, modified: new Date(), etag: `"${++this.version}"`, checksum }
    const info: FileInfo = { ...headers, ...own }
    this.objects.set(key, { info, bytes })
    return info
  }

  async get(key: string, { range, signal }: GetOptions): Promise<DriverObject | undefined> {
    this.answer()
    await turn()
    const object = this.objects.get(key)
    if (!object) return undefined
    const bytes = part(object.bytes, range)
    return { info: object.info, length: bytes.byteLength, chunks: pieces(bytes, signal) }
  }

  async head(key: string, _options: DriverCallOptions): Promise<FileInfo | undefined> {
    this.answer()
    return this.objects.get(key)?.info
  }

  async remove(key: string, _options: DriverCallOptions): Promise<void> {
    this.answer()
    this.objects.delete(key)
  }

  async page({ prefix, recursive, cursor }: PageOptions): Promise<ListPage> {
    this.answer()
    const files: FileInfo[] = []
    const prefixes = new Set<string>()
    let last: string | undefined
    for (const key of [...this.objects.keys()].toSorted(compareKeys)) {
      if (!key.startsWith(prefix) || (typeof cursor === "string" && compareKeys(key, cursor) <= 0)) continue
      const slash = recursive ? -1 : key.indexOf("/", prefix.length)
      const folded = slash === -1 ? undefined : key.slice(0, slash + 1)
      // What is below a directory that the page before has given already.
      if (folded !== undefined && (folded === cursor || prefixes.has(folded) || isBelow(cursor, folded))) continue
      if (files.length + prefixes.size === PAGE) return { files, prefixes: [...prefixes], cursor: last }
      if (folded === undefined) files.push(this.objects.get(key)!.info)
      else prefixes.add(folded)
      last = key
    }
    return { files, prefixes: [...prefixes] }
  }

  errorCode(error: unknown): StorageErrorCode | undefined {
    return error instanceof BackendError ? error.meaning : undefined
  }

  copy(from: string, to: string, options: CopyOptions): Promise<FileInfo | undefined> {
    return this.duplicate(this.objects.get(from), to, options)
  }

  place(key: string): ObjectPlace | undefined {
    const { server } = this.options
    return server && { service: "reference", bucket: server.bucketOf(this), key }
  }

  copyFrom({ bucket, key }: ObjectPlace, to: string, options: CopyOptions): Promise<FileInfo | undefined> {
    return this.duplicate(this.options.server?.objectIn(bucket, key), to, options)
  }

  async duplicate(
    source: StoredObject | undefined,
    to: string,
    { ifAbsent }: CopyOptions,
  ): Promise<FileInfo | undefined> {
    this.answer()
    await turn()
    if (!source) return undefined
    if (ifAbsent && this.objects.has(to)) throw new BackendError("already-exists")
    return this.store(to, source.bytes, source.info)
  }

  async move(from: string, to: string, options: CopyOptions): Promise<FileInfo | undefined> {
    const info = await this.copy(from, to, options)
    if (info) this.objects.delete(from)
    return info
  }

  async removeMany(keys: readonly string[], _options: DriverCallOptions): Promise<readonly RemoveFailure[]> {
    const failures: RemoveFailure[] = []
    for (const key of keys) {
      try {
        this.answer()
        this.objects.delete(key)
      } catch (error) {
        failures.push({ key, error })
      }
    }
    return failures
  }

  publicUrl(key: string): string {
    return `${this.options.server!.addressOf(this, "public")}${encodeKey(key)}`
  }

  async signedUrl(key: string, options: SignedUrlOptions): Promise<string> {
    const { contentType, contentDisposition } = options
    return this.options.server!.sign("GET", `${this.options.server!.addressOf(this, "signed")}${encodeKey(key)}`, {
      ...(contentType === undefined ? {} : { contentType }),
      ...(contentDisposition === undefined ? {} : { contentDisposition }),
      expires: String(Math.floor(options.signedAt.getTime() / 1000) + options.expiresIn),
    })
  }

  async signedUpload(key: string, options: SignedUploadOptions): Promise<SignedUpload> {
    const { contentType, cacheControl, contentDisposition, metadata, size, maxSize } = options
    const expiresAt = new Date(options.signedAt.getTime() + options.expiresIn * 1000)
    const policy = JSON.stringify({ contentType, cacheControl, contentDisposition, metadata, size, maxSize })
    const url = this.options.server!.sign("PUT", `${this.options.server!.addressOf(this, "signed")}${encodeKey(key)}`, {
      policy,
      expires: String(Math.floor(expiresAt.getTime() / 1000)),
    })
    return { method: "PUT", url, headers: { "content-type": contentType }, fields: {}, expiresAt }
  }

  answer(): void {
    if (this.options.failure) throw new BackendError(this.options.failure)
  }
}

function isBelow(cursor: unknown, folded: string): boolean {
  return typeof cursor === "string" && cursor.startsWith(folded)
}

export function part(bytes: Uint8Array<ArrayBuffer>, range: ByteRange | undefined): Uint8Array<ArrayBuffer> {
  return range ? bytes.subarray(range.start, range.end) : bytes
}

export async function* pieces(bytes: Uint8Array, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += CHUNK) {
    throwIfAborted(signal, "read")
    yield bytes.slice(start, start + CHUNK)
  }
}

export async function collected(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(new Uint8Array(chunk))
  return new Uint8Array(Buffer.concat(parts))
}

/** One turn of the event loop: the time that a backend takes to answer. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
