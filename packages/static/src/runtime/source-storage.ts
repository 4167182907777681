import {
  compareKeys,
  type DriverFeatures,
  type DriverObject,
  DriverStorage,
  type FileInfo,
  type GetOptions,
  type KeyLimits,
  type ListPage,
  OCTET_STREAM,
  type PageOptions,
  type Storage,
  StorageError,
  type StorageDriver,
  typeOfName,
} from "@node-storages/core"
import { digestOf } from "../publishing/comparison.ts"
import { findStatic, type StaticSources } from "../sources/find.ts"
import { DEFAULT_IGNORE, ignoring } from "../sources/ignore.ts"

const NONE: DriverFeatures = {
  conditionalCreate: false,
  conditionalMatch: false,
  conditionalCopy: false,
  metadata: false,
  cacheControl: false,
  contentDisposition: false,
  contentEncoding: false,
  contentLanguage: false,
}
const PAGE = 500

/**
 * The sources' files as a storage that can only be read, for development: `serveStorage(sourceStorage(config))` of
 * `@node-storages/http` serves them as they are, without collecting. A file is looked for when it is asked for, in the
 * sources' order, and what `collect` would leave out is not there.
 */
export function sourceStorage(where: StaticSources): Storage {
  return new DriverStorage(new SourceDriver(where))
}

interface Version {
  readonly sha256: string
  readonly modified: Date
}

class SourceDriver implements StorageDriver {
  readonly name: string = "static-sources"
  readonly target: string
  readonly features: DriverFeatures = NONE
  readonly limits: KeyLimits = { keyBytes: 4096 }
  readonly #where: StaticSources
  /** Sources don't tell when a file was changed: it is when it was first seen so. */
  readonly #versions = new Map<string, Version>()

  constructor(where: StaticSources) {
    this.#where = where
    this.target = `the static sources ${where.sources.map(({ description }) => description).join(", ")}`
  }

  async get(key: string, { range }: GetOptions): Promise<DriverObject | undefined> {
    const file = await this.#read(key)
    if (file === undefined) return undefined
    const bytes = range ? file.bytes.subarray(range.start, range.end) : file.bytes
    return { info: file.info, length: bytes.byteLength, chunks: only(bytes) }
  }

  async head(key: string): Promise<FileInfo | undefined> {
    return (await this.#read(key))?.info
  }

  async page({ prefix, recursive, cursor }: PageOptions): Promise<ListPage> {
    const keys: string[] = []
    const prefixes = new Set<string>()
    for (const key of await this.#keys()) {
      if (!key.startsWith(prefix)) continue
      const slash = recursive ? -1 : key.indexOf("/", prefix.length)
      if (slash === -1) keys.push(key)
      else prefixes.add(key.slice(0, slash + 1))
    }
    const start = typeof cursor === "number" ? cursor : 0
    const files: FileInfo[] = []
    for (const key of keys.slice(start, start + PAGE)) {
      const file = await this.#read(key)
      if (file) files.push(file.info)
    }
    const next = start + PAGE < keys.length ? start + PAGE : undefined
    return { files, prefixes: start === 0 ? [...prefixes] : [], cursor: next }
  }

  async put(key: string): Promise<never> {
    throw this.#readOnly("write", key)
  }

  async remove(key: string): Promise<never> {
    throw this.#readOnly("delete", key)
  }

  errorCode(): undefined {
    return undefined
  }

  async #read(key: string): Promise<{ info: FileInfo; bytes: Uint8Array } | undefined> {
    const file = await findStatic(this.#where, key)
    if (file === undefined) return undefined
    const bytes = await file.read()
    const sha256 = digestOf("sha256", bytes)
    const { modified } = this.#version(key, sha256)
    const info = { name: key, size: bytes.byteLength, modified, etag: `"${sha256.slice(0, 32)}"`, checksum: { sha256 } }
    return { info: { ...info, contentType: typeOfName(file.name) ?? OCTET_STREAM }, bytes }
  }

  #version(key: string, sha256: string): Version {
    const known = this.#versions.get(key)
    if (known?.sha256 === sha256) return known
    const version = { sha256, modified: new Date() }
    this.#versions.set(key, version)
    return version
  }

  async #keys(): Promise<string[]> {
    const ignored = ignoring(this.#where.ignore ?? DEFAULT_IGNORE)
    const keys = new Set<string>()
    for (const source of this.#where.sources) {
      for await (const { name } of source.files()) if (ignored.file(name) === undefined) keys.add(name)
    }
    return [...keys].toSorted(compareKeys)
  }

  #readOnly(operation: string, key: string): StorageError {
    return new StorageError(
      "read-only",
      `${operation} of ${JSON.stringify(key)} was refused: ${this.target} can only be read.`,
      {
        operation,
        storage: this.target,
        key,
      },
    )
  }
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.byteLength > 0) yield bytes
}
