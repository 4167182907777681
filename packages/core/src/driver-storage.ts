import { withAddresses } from "./addresses.ts"
import { CheckedBody } from "./body.ts"
import { abortError, callSignal, throwIfAborted } from "./call.ts"
import { checkOptions } from "./check-options.ts"
import { type ContentInput, toContent } from "./content.ts"
import { removeAll } from "./delete-many.ts"
import type { Layer, PutBody, PutOptions, SignedTerms, SignedUpload, StorageDriver } from "./driver.ts"
import { StorageError } from "./errors.ts"
import { gateFeatures, unsupported } from "./feature-gate.ts"
import type { FileInfo } from "./file-info.ts"
import { prefix } from "./layers/prefix.ts"
import { listFiles, listLevel, listNames } from "./listing.ts"
import { MULTIPART_OPTIONS, MultipartUpload, type MultipartUploadOptions, startMultipart } from "./multipart.ts"
import { normalizeName } from "./names.ts"
import { normalizeErrors } from "./normalize-errors.ts"
import { notFound, openFile } from "./open-file.ts"
import {
  CALL_OPTIONS,
  COPY_MOVE_OPTIONS,
  HEADER_OPTIONS,
  LIST_OPTIONS,
  SAVE_OPTIONS,
  UPLOAD_OPTIONS,
  URL_OPTIONS,
  WRITE_OPTIONS,
} from "./option-names.ts"
import { putHeaders } from "./put-headers.ts"
import { putUnderFreeName } from "./save.ts"
import { rememberBackend } from "./shared-backend.ts"
import type {
  CallOptions,
  CopyMoveOptions,
  DirectoryListing,
  ListOptions,
  SaveOptions,
  Storage,
  UploadOptions,
  UrlOptions,
  WriteOptions,
} from "./storage.ts"
import type { StorageFile } from "./storage-file.ts"
import { type StorageOptions, type UrlPolicy, urlPolicy } from "./storage-options.ts"
import { signUpload, signUrl } from "./signing.ts"

/**
 * The facade over a driver: names, content, defaults and fallbacks are the same for every backend because they are
 * here. Outside in: facade, layers, location, feature gate, error normaliser, base URL, driver.
 */
export class DriverStorage implements Storage {
  /** The composed driver: for tools and tests. Apps use the methods of `Storage`. */
  readonly driver: StorageDriver
  readonly #backend: StorageDriver
  readonly #options: StorageOptions
  readonly #layers: readonly Layer[]
  readonly #urls: UrlPolicy

  /**
   * @param layers seen from outside in: the first one is outermost
   * @throws StorageError `invalid-option` for options that contradict each other or are malformed
   */
  constructor(backend: StorageDriver, options: StorageOptions = {}, layers: readonly Layer[] = []) {
    this.#backend = backend
    this.#options = options
    this.#layers = layers
    this.#urls = urlPolicy(options, new.target.name)
    if (typeof options.defaults === "object") {
      checkOptions(`${new.target.name} defaults`, options.defaults, HEADER_OPTIONS)
    }
    const gated = gateFeatures(normalizeErrors(withAddresses(backend, this.#urls)))
    rememberBackend(this, backend)
    this.driver = [...layers, prefix(options.location ?? "")].reduceRight((next, layer) => layer(next), gated)
  }

  async save(name: string, content: ContentInput, options: SaveOptions = {}): Promise<string> {
    const info = await this.#store("save", name, content, options, SAVE_OPTIONS, (key, body, put) => {
      const { overwrite = false, maxLength } = options
      return putUnderFreeName(this.driver, key, body, put, { overwrite, maxLength })
    })
    return info.name
  }

  async write(name: string, content: ContentInput, options: WriteOptions = {}): Promise<FileInfo> {
    return this.#store("write", name, content, options, WRITE_OPTIONS, (key, body, put) => {
      const { ifAbsent, ifMatch } = options
      return this.driver.put(key, body, { ...put, ifAbsent, ifMatch })
    })
  }

  async #store(
    operation: string,
    name: string,
    input: ContentInput,
    options: WriteOptions,
    known: object,
    put: (key: string, body: PutBody, options: PutOptions) => Promise<FileInfo>,
  ): Promise<FileInfo> {
    const content = toContent(input)
    let body: CheckedBody | undefined
    try {
      checkOptions(`${operation}()`, options, known)
      const key = normalizeName(name, this.driver.limits)
      const signal = callSignal(options)
      throwIfAborted(signal, operation)
      const { size, ...headers } = await putHeaders(key, input, content, options, this.#options.defaults)
      const { checksum, onProgress } = options
      body = new CheckedBody(content, { operation, signal, checksum, onProgress, size })
      const info = await put(key, body, { ...headers, signal })
      body.reportWhole()
      return info
    } catch (error) {
      content.cancel(error)
      throw body?.failure ?? error
    }
  }

  open(name: string, options: CallOptions = {}): StorageFile {
    checkOptions("open()", options, CALL_OPTIONS)
    return openFile(this.driver, normalizeName(name, this.driver.limits), options)
  }

  async stat(name: string, options: CallOptions = {}): Promise<FileInfo> {
    checkOptions("stat()", options, CALL_OPTIONS)
    return this.open(name, options).stat()
  }

  async exists(name: string, options: CallOptions = {}): Promise<boolean> {
    checkOptions("exists()", options, CALL_OPTIONS)
    const key = normalizeName(name, this.driver.limits)
    return (await this.driver.head(key, { signal: callSignal(options) })) !== undefined
  }

  async delete(name: string, options: CallOptions = {}): Promise<void> {
    checkOptions("delete()", options, CALL_OPTIONS)
    await this.driver.remove(normalizeName(name, this.driver.limits), { signal: callSignal(options) })
  }

  async deleteMany(names: Iterable<string> | AsyncIterable<string>, options: CallOptions = {}): Promise<void> {
    checkOptions("deleteMany()", options, CALL_OPTIONS)
    const signal = callSignal(options)
    throwIfAborted(signal, "deleteMany")
    const failures = await removeAll(this.driver, names, { signal })
    if (failures.length === 0) return
    if (signal?.aborted) throw abortError(signal, "deleteMany", { storage: this.driver.target, failures })
    const [first] = failures
    throw new StorageError(
      "partial-failure",
      `${failures.length} of the files in ${this.driver.target} could not be deleted; "failures" tells each. ` +
        `The first: ${first!.error.message}`,
      { operation: "delete", storage: this.driver.target, failures, cause: first!.error },
    )
  }

  list(directory: string = "", options: ListOptions = {}): AsyncGenerator<FileInfo, void, undefined> {
    checkOptions("list()", options, LIST_OPTIONS)
    const { headers } = options
    return listFiles(this.driver, directory, { headers, signal: callSignal(options) })
  }

  listNames(directory: string = "", options: CallOptions = {}): AsyncGenerator<string, void, undefined> {
    checkOptions("listNames()", options, CALL_OPTIONS)
    return listNames(this.driver, directory, callSignal(options))
  }

  async listdir(directory: string = "", options: CallOptions = {}): Promise<DirectoryListing> {
    checkOptions("listdir()", options, CALL_OPTIONS)
    return listLevel(this.driver, directory, callSignal(options))
  }

  async copy(from: string, to: string, options: CopyMoveOptions = {}): Promise<FileInfo> {
    checkOptions("copy()", options, COPY_MOVE_OPTIONS)
    const { driver } = this
    const [source, target] = [normalizeName(from, driver.limits), normalizeName(to, driver.limits)]
    const call = { signal: callSignal(options), ifAbsent: options.ifAbsent }
    if (source === target) return this.#copyOntoItself(source, options)
    if (!driver.copy || (options.ifAbsent && !driver.features.conditionalCopy)) {
      return this.write(target, this.open(source, { signal: call.signal }), call)
    }
    const copied = await driver.copy(source, target, call)
    if (copied === undefined) throw notFound(driver, "copy", source)
    return copied
  }

  async move(from: string, to: string, options: CopyMoveOptions = {}): Promise<FileInfo> {
    checkOptions("move()", options, COPY_MOVE_OPTIONS)
    const { driver } = this
    const [source, target] = [normalizeName(from, driver.limits), normalizeName(to, driver.limits)]
    if (source === target) return this.#copyOntoItself(source, options)
    const call = { signal: callSignal(options), ifAbsent: options.ifAbsent }
    if (driver.move && (!options.ifAbsent || driver.features.conditionalCopy)) {
      const moved = await driver.move(source, target, call)
      if (moved === undefined) throw notFound(driver, "move", source)
      return moved
    }
    const before = await this.stat(source, { signal: call.signal })
    const copied = await this.copy(source, target, call)
    const after = await driver.head(source, { signal: call.signal })
    if (copied.size !== before.size || !after || versionOf(after) !== versionOf(before)) {
      throw new StorageError(
        "conflict",
        `${JSON.stringify(source)} changed while it was being moved: ${JSON.stringify(target)} has a copy, and the source was left where it is.`,
        { operation: "move", storage: driver.target, key: source },
      )
    }
    await driver.remove(source, { signal: call.signal })
    return copied
  }

  async url(name: string, options: UrlOptions = {}): Promise<string> {
    checkOptions("url()", options, URL_OPTIONS)
    return signUrl(this.driver, normalizeName(name, this.driver.limits), this.#urls, options)
  }

  publicUrl(name: string): string {
    const { driver } = this
    const key = normalizeName(name, driver.limits)
    const signs = this.#urls.signs ?? driver.signedUrl !== undefined
    if (driver.publicUrl && !signs) return driver.publicUrl(key)
    throw unsupported(
      driver.target,
      "publicUrl(): its URLs are not public",
      'Set "baseUrl" (and serve the files there), or "signedUrls: false" where the bucket itself is public; else use url().',
    )
  }

  async signedUpload(name: string, options: UploadOptions = {}): Promise<SignedUpload> {
    checkOptions("signedUpload()", options, UPLOAD_OPTIONS)
    return signUpload(this.driver, normalizeName(name, this.driver.limits), options)
  }

  async startMultipart(name: string, options: MultipartUploadOptions = {}): Promise<MultipartUpload> {
    checkOptions("startMultipart()", options, MULTIPART_OPTIONS)
    return startMultipart(this.driver, normalizeName(name, this.driver.limits), options)
  }

  multipart(name: string, id: string): MultipartUpload {
    return new MultipartUpload(this.driver, normalizeName(name, this.driver.limits), id)
  }

  get checkSigned(): ((name: string, token: string) => SignedTerms | undefined) | undefined {
    const { driver } = this
    return driver.checkSigned && ((name, token) => driver.checkSigned!(normalizeName(name, driver.limits), token))
  }

  with(...layers: Layer[]): Storage {
    return new DriverStorage(this.#backend, this.#options, [...layers, ...this.#layers])
  }

  async close(): Promise<void> {
    await this.driver.close?.()
  }

  /** What the storage is, without its configuration: no credential gets into a log by printing a storage. */
  toJSON(): { storage: string; target: string } {
    return { storage: this.driver.name, target: this.driver.target }
  }

  async #copyOntoItself(key: string, options: CopyMoveOptions): Promise<FileInfo> {
    const info = await this.stat(key, { signal: options.signal, timeout: options.timeout })
    if (!options.ifAbsent) return info
    throw new StorageError("already-exists", `${JSON.stringify(key)} can't be created from itself.`, { key })
  }
}

/** What changes when the bytes do. */
function versionOf({ etag, size, modified }: FileInfo): string {
  return `${size} ${etag ?? modified.getTime()}`
}

Object.defineProperty(DriverStorage.prototype, Symbol.for("nodejs.util.inspect.custom"), {
  value(this: DriverStorage): string {
    return `${this.constructor.name} { ${this.driver.target} }`
  },
})
