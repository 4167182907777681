import { driverOf, type FileInfo, type Storage, StorageError, type WriteOptions } from "@node-storages/core"
import type { Manifest } from "../manifest.ts"
import { StaticError } from "../static-error.ts"
import { recordName } from "./history.ts"
import { MANIFEST_CONTENT_TYPE, parseManifest } from "./manifest-file.ts"
import { describeTarget } from "./target.ts"

/** Whoever reads the manifest over HTTP shall ask each time whether it is the current one. */
const CACHE_CONTROL = "no-cache"
const HEADERS = { contentType: MANIFEST_CONTENT_TYPE, cacheControl: CACHE_CONTROL }

/** What services answer where a condition does not hold: S3 with a conflict where two writes meet. */
const REFUSALS = ["precondition-failed", "already-exists", "conflict", "not-found"] as const

/** The text of a manifest in a storage, or undefined where there is none. */
export async function readManifestText(
  target: Storage,
  name: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  try {
    return await target.open(name, { signal }).text()
  } catch (error) {
    if (StorageError.is(error, "not-found")) return undefined
    throw error
  }
}

/** The manifest that a collect has found, to be replaced by its own. */
export class ManifestStore {
  readonly previous: Manifest | undefined
  readonly name: string
  readonly #target: Storage
  readonly #text: string | undefined
  /** Of the version that was found: what is written replaces this one or nothing. */
  readonly #etag: string | undefined

  private constructor(target: Storage, name: string, previous?: Manifest, text?: string, etag?: string) {
    this.#target = target
    this.name = name
    this.previous = previous
    this.#text = text
    this.#etag = etag
  }

  /**
   * Reads the manifest that the listing tells of; none is no request. The listing comes first: were the manifest
   * replaced in between, its entity tag would be too old, and the write be refused: never the other way round.
   * @throws StaticError `invalid-manifest` or `newer-manifest`, unless `ignoreOld` is set
   */
  static async open(
    target: Storage,
    name: string,
    listed: FileInfo | undefined,
    { ignoreOld = false, signal }: { ignoreOld?: boolean | undefined; signal?: AbortSignal | undefined },
  ): Promise<ManifestStore> {
    const text = listed && (await readManifestText(target, name, signal))
    if (text === undefined) return new ManifestStore(target, name)
    let previous: Manifest | undefined
    try {
      previous = parseManifest(text, `${name} in ${describeTarget(target)}`)
    } catch (error) {
      if (!ignoreOld) throw error
    }
    return new ManifestStore(target, name, previous, text, listed?.etag)
  }

  /** Whether this text is another one than that of the manifest that was found. */
  differs(text: string): boolean {
    return text !== this.#text
  }

  /** Whether the manifest that was found is still the one that is there. */
  async isCurrent(signal: AbortSignal | undefined): Promise<boolean> {
    return (await readManifestText(this.#target, this.name, signal)) === this.#text
  }

  /**
   * Puts a manifest in the place of the one that was found, in one step, and keeps that one in the history.
   * @throws StaticError `collect-in-progress` where it is not there any more, and `publish-failed`
   */
  async replace(text: string, signal: AbortSignal | undefined): Promise<void> {
    try {
      // Before the manifest: a release that nothing remembers could never be pruned.
      if (this.#text !== undefined && this.previous !== undefined) {
        await this.#target.write(recordName(this.name, this.#text, new Date()), this.#text, { ...HEADERS, signal })
      }
      await this.#write(text, signal)
    } catch (error) {
      if (error instanceof StaticError) throw error
      throw publishFailed(this.#target, this.name, error, signal)
    }
  }

  async #write(text: string, signal: AbortSignal | undefined): Promise<void> {
    const condition = this.#condition()
    if (condition === undefined && !(await this.isCurrent(signal))) {
      throw inProgress(this.#target, this.name)
    }
    try {
      await this.#target.write(this.name, text, { ...HEADERS, ...condition, signal })
    } catch (error) {
      if (condition === undefined || !REFUSALS.some((code) => StorageError.is(error, code))) throw error
      // A client that repeats a request whose answer was lost is refused by what it has written itself.
      if ((await readManifestText(this.#target, this.name, signal)) !== text)
        throw inProgress(this.#target, this.name, error)
    }
  }

  /** The condition that the storage can hold the write to, or undefined where it can't. */
  #condition(): Pick<WriteOptions, "ifMatch" | "ifAbsent"> | undefined {
    const { conditionalCreate = false, conditionalMatch = false } = driverOf(this.#target)?.features ?? {}
    if (this.#text === undefined) return conditionalCreate ? { ifAbsent: true } : undefined
    return conditionalMatch && this.#etag !== undefined ? { ifMatch: this.#etag } : undefined
  }
}

export function inProgress(target: Storage, name: string, cause?: unknown): StaticError {
  return new StaticError(
    "collect-in-progress",
    `Another collect or prune has changed ${describeTarget(target)} since this one began. Nothing of it is lost. ` +
      "Run this again when the other one has ended; to run them one after the other is safer.",
    { file: name, cause },
  )
}

/** The error of a file that could not be stored. Cancelled by its signal, that is told as it is. */
export function publishFailed(target: Storage, name: string, cause: unknown, signal?: AbortSignal): unknown {
  if (signal?.aborted && StorageError.is(cause)) return cause
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new StaticError(
    "publish-failed",
    `${JSON.stringify(name)} could not be published to ${describeTarget(target)}: ${reason} ` +
      "The manifest was not replaced: the release before this one is still the current one. " +
      "Collect again when the cause is mended; what has been stored by then is not stored again.",
    { file: name, cause },
  )
}
