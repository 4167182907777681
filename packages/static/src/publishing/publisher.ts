import { checkOptions, type FileInfo, type OptionNames, type Storage, throwIfAborted } from "@node-storages/core"
import { wholeNumber, WorkLimit } from "@node-storages/core/adapter"
import type { Manifest, PlainRecord } from "../manifest.ts"
import { StaticError } from "../static-error.ts"
import { digestOf, isUnchanged, type PublishedFile, recordOf } from "./comparison.ts"
import { areAsStored, areThere } from "./disturbance.ts"
import { HeaderTexts, type RecordedHeaders, recordHeaders } from "./header-record.ts"
import { serializeManifest } from "./manifest-file.ts"
import { inProgress, ManifestStore, publishFailed } from "./manifest-store.ts"
import { isOwnName, manifestName } from "./own-names.ts"
import { clash, encodes, finished, reserved } from "./publish-errors.ts"
import { namesOfEntry } from "./sibling-names.ts"
import { listTarget } from "./target.ts"

export type { PublishedFile } from "./comparison.ts"

/** 2,000 small files to a bucket that answers in 20 ms take 1.3 seconds so. */
export const DEFAULT_CONCURRENCY = 32
const MOST_CONCURRENCY = 1024

/** What became of a file: it was stored, or it was there already. */
export type PublishAction = "written" | "unchanged"

/** One file that is done. */
export interface PublishProgress {
  readonly name: string
  readonly action: PublishAction
  /** How many files are done, this one included. */
  readonly done: number
}

/** How files are published. */
export interface PublishOptions {
  /** The name of the manifest in the target. Default: `"staticfiles.json"`. */
  readonly manifest?: string | undefined
  /** Does everything but write; the report tells what would have been written. Default: false. */
  readonly dryRun?: boolean | undefined
  /** How many files are stored at once, from 1 to 1024. Default: 32. */
  readonly concurrency?: number | undefined
  /** Goes on as if there were no manifest where the old one can't be read. Default: false. */
  readonly ignoreOldManifest?: boolean | undefined
  /** Called after each file. What it throws ends the publishing. */
  readonly onProgress?: ((progress: PublishProgress) => void) | undefined
  /** Cancels: nothing is written after it, above all no manifest. */
  readonly signal?: AbortSignal | undefined
}

const OPTIONS: OptionNames<PublishOptions> = {
  manifest: true,
  dryRun: true,
  concurrency: true,
  ignoreOldManifest: true,
  onProgress: true,
  signal: true,
}

/** What was done, or with `dryRun` would have been. Can be sent as JSON. */
export interface PublishReport {
  readonly written: number
  readonly unchanged: number
  /** Of the files that were written, as they are stored. */
  readonly bytesWritten: number
  /** Compressed siblings of plain files whose new content has none. All else that is over is left to `prune`. */
  readonly deleted: number
  /** What became of it: `"pending"` until `finish` has ended. */
  readonly manifest: PublishAction | "pending"
  /** What was written, in the order of the names' code units. */
  readonly names: readonly string[]
  readonly dryRun: boolean
}

/** A file of this run. There may be hundreds of thousands: what many of them have in common is there once. */
interface Begun {
  readonly sha256: string
  readonly headers: RecordedHeaders
  readonly result: Promise<PublishAction>
}

/**
 * Stores the files of one collect, those that are there already left alone, and at last the manifest. Until then
 * nothing refers to a hashed file: the release before works until the manifest is replaced, in one step.
 */
export class Publisher {
  /** The manifest of the release before. */
  readonly previous: Manifest | undefined
  readonly #target: Storage
  readonly #options: PublishOptions
  readonly #manifest: ManifestStore
  readonly #listed: ReadonlyMap<string, FileInfo>
  readonly #previousNames: ReadonlySet<string>
  readonly #places: WorkLimit
  readonly #begun = new Map<string, Begun>()
  readonly #headers = new HeaderTexts()
  /** Of names without a hash that are done. */
  readonly #plain = new Map<string, PlainRecord>()
  readonly #written: string[] = []
  /** Files that no manifest of the release before names, but that were there: another one's, or pruned by now. */
  readonly #borrowed: string[] = []
  /** Names without a hash that have other content now. */
  readonly #replaced = new Map<string, FileInfo>()
  #done = 0
  #bytesWritten = 0
  #deleted = 0
  #failure: { readonly error: unknown } | undefined
  #outcome: PublishAction | "pending" = "pending"
  #finishing = false

  private constructor(
    target: Storage,
    options: PublishOptions,
    listed: ReadonlyMap<string, FileInfo>,
    manifest: ManifestStore,
  ) {
    this.#target = target
    this.#options = options
    this.#listed = listed
    this.#manifest = manifest
    this.previous = manifest.previous
    this.#previousNames = new Set(Object.values(manifest.previous?.files ?? {}).flatMap(namesOfEntry))
    const most = wholeNumber("concurrency", options.concurrency ?? DEFAULT_CONCURRENCY, 1, MOST_CONCURRENCY)
    this.#places = new WorkLimit(most, Infinity, "collect")
  }

  /**
   * Lists the target once and reads its manifest; a target without one is empty, or new.
   * @param opening cancels that alone; default: the signal of the options
   * @throws StaticError `invalid-manifest` or `newer-manifest`, unless `ignoreOldManifest` is set; StorageErrors as
   * they are
   */
  static async open(
    target: Storage,
    options: PublishOptions = {},
    opening: AbortSignal | undefined = options.signal,
  ): Promise<Publisher> {
    checkOptions("Publisher.open()", options, OPTIONS)
    const name = manifestName(options.manifest)
    throwIfAborted(opening, "publish")
    const listed = await listTarget(target, opening)
    const manifest = await ManifestStore.open(target, name, listed.get(name), {
      ignoreOld: options.ignoreOldManifest,
      signal: opening,
    })
    return new Publisher(target, options, listed, manifest)
  }

  /**
   * Stores a file, unless it is there with the same bytes and headers. Waits while `concurrency` files are being
   * stored: whoever awaits it holds no more bytes than that. The same file given again is stored once.
   * @throws StaticError `publish-failed`, from the first failure on for every file; `name-clash` where another content
   * was published under the name; `invalid-name` for the names that manifests have
   */
  publish(file: PublishedFile): Promise<PublishAction> {
    const sha256 = file.sha256 ?? digestOf("sha256", file.bytes)
    const before = this.#begun.get(file.name)
    if (before) return before.sha256 === sha256 ? before.result : Promise.reject(clash(file.name))
    if (isOwnName(file.name, this.#manifest.name)) return Promise.reject(reserved(file.name))
    if (this.#finishing) return Promise.reject(finished("publish()"))
    const result = this.#places.run(file.bytes.byteLength, () => this.#publish(file, sha256))
    this.#begun.set(file.name, { sha256, headers: this.#headers.of(file), result })
    return result
  }

  /** Whether something was there under the name when the target was listed. */
  isListed(name: string): boolean {
    return this.#listed.has(name)
  }

  /** Whether another content of a name without a hash is of use to somebody: it was there, or another collect may put it there. */
  mayReplace(name: string): boolean {
    return this.previous !== undefined || this.isListed(name)
  }

  /**
   * To be called before names without a hash are replaced: with another collect that has finished meanwhile, that would
   * mix two releases.
   * @throws StaticError `collect-in-progress`
   */
  async checkAlone(): Promise<void> {
    const { dryRun, signal } = this.#options
    if (!dryRun && !(await this.#manifest.isCurrent(signal))) throw this.#disturbed()
  }

  /** Whether the file was there, with these bytes and headers: `publish` would not store it. */
  isUnchanged(file: PublishedFile): boolean {
    const sha256 = file.sha256 ?? digestOf("sha256", file.bytes)
    return isUnchanged(file, this.#listed.get(file.name), this.previous, sha256)
  }

  /** Deletes files that go with one that is replaced: siblings that its new content does not have. Others must not be given. */
  async discard(names: readonly string[]): Promise<void> {
    if (this.#failure) throw this.#failure.error
    this.#deleted += names.length
    if (!this.#options.dryRun) await this.#target.deleteMany(names, { signal: this.#options.signal })
  }

  async #publish(file: PublishedFile, sha256: string): Promise<PublishAction> {
    if (this.#failure) throw this.#failure.error
    try {
      throwIfAborted(this.#options.signal, "publish")
      const listed = this.#listed.get(file.name)
      const unchanged = isUnchanged(file, listed, this.previous, sha256)
      if (unchanged && file.hashed && !this.#previousNames.has(file.name)) this.#borrowed.push(file.name)
      const info = unchanged ? listed : await this.#store(file)
      if (!unchanged) {
        if (info && !file.hashed && this.mayReplace(file.name)) this.#replaced.set(file.name, info)
        this.#written.push(file.name)
        this.#bytesWritten += file.bytes.byteLength
      }
      if (!file.hashed) this.#plain.set(file.name, this.#plainRecord(file.name, sha256, info, unchanged))
      this.#done++
      const action = unchanged ? "unchanged" : "written"
      this.#options.onProgress?.({ name: file.name, action, done: this.#done })
      return action
    } catch (error) {
      this.#failure ??= { error }
      throw error
    }
  }

  async #store(file: PublishedFile): Promise<FileInfo | undefined> {
    if (this.#options.dryRun) return undefined
    const { name, bytes, contentType, cacheControl, contentEncoding } = file
    const { signal } = this.#options
    let info
    try {
      info = await this.#target.write(name, bytes, { contentType, cacheControl, contentEncoding, signal })
    } catch (error) {
      throw publishFailed(this.#target, name, error, signal)
    }
    if (info.decoded && contentEncoding === undefined) throw encodes(this.#target, name)
    return info
  }

  #plainRecord(name: string, sha256: string, info: FileInfo | undefined, unchanged: boolean): PlainRecord {
    const before = recordOf(name, this.previous)
    // The record of an unchanged file stays as it is, and so does the manifest.
    if (unchanged && before?.sha256 === sha256) return before
    // The tag is recorded also where the answer to a write tells a digest: listings, as that of S3, may not.
    return { sha256, ...(info?.etag !== undefined && { etag: info.etag }) }
  }

  /**
   * Waits for what is being stored, then replaces the manifest, unless its text is the same.
   * @param manifest names only what was published; what is to be recorded of plain files and headers is added here
   * @throws StaticError of the first file that failed; `invalid-manifest` where an entry was not published;
   * `collect-in-progress` where another collect has finished since this one began: nothing is lost, run it again
   */
  async finish(manifest: Manifest): Promise<PublishReport> {
    if (this.#finishing) throw finished("finish()")
    this.#finishing = true
    if (this.#done < this.#begun.size) await Promise.allSettled([...this.#begun.values()].map(({ result }) => result))
    if (this.#failure) throw this.#failure.error
    const { dryRun, signal } = this.#options
    throwIfAborted(signal, "publish")
    this.#checkComplete(manifest)
    const { version, files } = manifest
    // With what the next collect will compare with.
    const plain = Object.fromEntries(this.#plain)
    const text = serializeManifest({ version, files, plain, headers: recordHeaders(this.#begun) })
    if (!this.#manifest.differs(text)) this.#outcome = "unchanged"
    else {
      if (!dryRun) {
        if (!(await areThere(this.#target, this.#borrowed, signal))) throw this.#disturbed()
        await this.#manifest.replace(text, signal)
      }
      this.#outcome = "written"
    }
    if (!(await areAsStored(this.#target, this.#replaced, signal))) throw this.#disturbed()
    return this.report
  }

  #checkComplete({ files }: Manifest): void {
    for (const [asked, { name }] of Object.entries(files)) {
      if (this.#begun.has(name)) continue
      throw new StaticError(
        "invalid-manifest",
        `The manifest has ${JSON.stringify(name)} for ${JSON.stringify(asked)}, which was not published. ` +
          "Publish every file before the manifest.",
        { file: name },
      )
    }
  }

  #disturbed(): StaticError {
    return inProgress(this.#target, this.#manifest.name)
  }

  /** What has been done so far. */
  get report(): PublishReport {
    return {
      written: this.#written.length,
      unchanged: this.#done - this.#written.length,
      bytesWritten: this.#bytesWritten,
      deleted: this.#deleted,
      manifest: this.#outcome,
      names: this.#written.toSorted(),
      dryRun: this.#options.dryRun ?? false,
    }
  }
}
