import { createHash } from "node:crypto"
import { type Duration, type OptionNames, seconds, type Storage } from "@node-storages/core"
import type { Manifest } from "../manifest.ts"
import { MANIFEST_NAME, parseManifest } from "../publishing/manifest-file.ts"
import { StaticError } from "../static-error.ts"
import { ManifestTable } from "./manifest-table.ts"
import { checked, checkKnown } from "../option-checks.ts"
import { Polling } from "./polling.ts"
import type { PreloadOptions, StaticUrls } from "./static-urls.ts"

/** How the manifest is read, and looked at again. */
export interface LoadOptions {
  /** The name of the manifest in the storage. Default: `"staticfiles.json"`. */
  readonly manifest?: string | undefined
  /**
   * How long to wait between looks at the manifest, each of them one `stat`; a number is seconds. The timer does not keep
   * the process alive. Default: false, the manifest is read once, and again only by `reload()`.
   */
  readonly watch?: Duration | false | undefined
  /**
   * Told of what keeps the watch from reading the manifest; the one that was read before stays in use. The same message is
   * told once until a look succeeds. Default: a warning of the process.
   */
  readonly onError?: ((error: unknown) => void) | undefined
  /** Cancels the first reading, which rejects with `aborted`. It does not end the watch: `close()` does. */
  readonly signal?: AbortSignal | undefined
}

/** How URLs are made of a manifest that is at hand, without its storage. */
export interface ManifestUrls {
  /** The public URL of a published name: `(name) => joinUrl("https://static.example.com/", name)`. */
  readonly url: (name: string) => string
}

const LOAD_OPTIONS: OptionNames<LoadOptions> = { manifest: true, watch: true, onError: true, signal: true }
const MANIFEST_URLS: OptionNames<ManifestUrls> = { url: true }

interface Reading {
  readonly table: ManifestTable
  /** Of the manifest's text. */
  readonly digest: string
}

/** Where the manifest is read from. */
interface ManifestPlace {
  readonly storage: Storage
  readonly name: string
}

/** The published files: what `collect` has written to its manifest, with their public URLs. */
export class StaticFiles implements StaticUrls {
  #table: ManifestTable
  readonly #place: ManifestPlace | undefined
  #digest: string | undefined
  /** What `stat` told of the manifest before it was read; undefined until a `reload`. */
  #version: string | undefined
  /** One reading at a time, in the order of the calls: a slow one must not put back what is old. */
  #reloads: Promise<unknown> = Promise.resolve()
  #polling: Polling | undefined

  private constructor(table: ManifestTable, place?: ManifestPlace, digest?: string) {
    this.#table = table
    this.#place = place
    this.#digest = digest
  }

  /**
   * Reads the manifest that `collect` wrote into this storage. The storage must be public: `url` asks its `publicUrl`.
   * @throws StaticError `missing-manifest`, `invalid-manifest`, `newer-manifest`, `invalid-option`; StorageError as the
   * storage throws
   */
  static async load(storage: Storage, options: LoadOptions = {}): Promise<StaticFiles> {
    checkKnown("StaticFiles.load()", options, LOAD_OPTIONS)
    const { manifest = MANIFEST_NAME, watch = false, onError = warn, signal } = options
    const wait = watch === false ? undefined : waitOf(watch)
    const place: ManifestPlace = { storage, name: manifest }
    const { table, digest } = await read(place, signal)
    const files = new StaticFiles(table, place, digest)
    if (wait !== undefined) files.#polling = new Polling((stop) => files.#reload(stop), wait, onError)
    return files
  }

  /** A manifest that the app carries with it, imported or bundled: nothing is read, and `reload` does nothing. */
  static fromManifest(manifest: Manifest, options: ManifestUrls): StaticFiles {
    checkKnown("StaticFiles.fromManifest()", options, MANIFEST_URLS)
    if (typeof options?.url !== "function") {
      throw new StaticError(
        "invalid-option",
        'StaticFiles.fromManifest() needs { url: (name) => … }, a function like (name) => joinUrl("/static/", name).',
      )
    }
    return new StaticFiles(new ManifestTable(manifest, (name) => options.url(name)))
  }

  url(name: string): string {
    return this.#table.url(name)
  }

  integrity(name: string): string {
    return this.#table.integrity(name)
  }

  preloadHeaders(entry: string, options?: PreloadOptions): string {
    return this.#table.preloadHeaders(entry, options)
  }

  styles(entry: string): readonly string[] {
    return this.#table.styles(entry)
  }

  has(name: string): boolean {
    return this.#table.has(name)
  }

  /** Every name that `url` takes, in the manifest's order, with those that bundlers gave (`"src/main.ts"`). */
  names(): string[] {
    return this.#table.names()
  }

  /**
   * Looks at the manifest, and reads it where it was written anew. What can't be read leaves the old one in use.
   * @returns whether its content is another now
   * @throws what `load` throws
   */
  reload(): Promise<boolean> {
    return this.#reload()
  }

  /** Ends the watch. The URLs stay, and the storage stays open. */
  close(): void {
    this.#polling?.stop()
  }

  #reload(signal?: AbortSignal): Promise<boolean> {
    const reload = this.#reloads.then(() => this.#readAgain(signal))
    this.#reloads = reload.catch(() => {})
    return reload
  }

  async #readAgain(signal: AbortSignal | undefined): Promise<boolean> {
    const place = this.#place
    if (place === undefined) return false
    // Before the bytes: if it is written in between, the next look sees another version, and reads again.
    const version = await versionOf(place, signal)
    if (version === this.#version) return false
    const { table, digest } = await read(place, signal)
    if (signal?.aborted) return false
    this.#version = version
    if (digest === this.#digest) return false
    this.#digest = digest
    this.#table = table
    return true
  }
}

async function versionOf(place: ManifestPlace, signal: AbortSignal | undefined): Promise<string> {
  try {
    const { etag, size, modified } = await place.storage.stat(place.name, { signal })
    return etag ?? `${size} ${modified.getTime()}`
  } catch (error) {
    throw missing(error, place)
  }
}

async function read(place: ManifestPlace, signal: AbortSignal | undefined): Promise<Reading> {
  let text: string
  try {
    text = await place.storage.open(place.name, { signal }).text()
  } catch (error) {
    throw missing(error, place)
  }
  const manifest = parseManifest(text, place.name)
  const table = new ManifestTable(manifest, (name) => place.storage.publicUrl(name))
  return { table, digest: createHash("sha256").update(text).digest("hex") }
}

/** By the code and not by the class: the storage may come from another copy of core. */
function missing(error: unknown, { name }: ManifestPlace): unknown {
  if ((error as { code?: unknown } | undefined)?.code !== "not-found") return error
  return new StaticError(
    "missing-manifest",
    `The storage has no manifest ${JSON.stringify(name)}. Run collect, which writes it, ` +
      `or give the name that it was written under as the option "manifest".`,
    { cause: error, file: name },
  )
}

function waitOf(watch: Duration): number {
  const wait = checked(() => seconds(watch, "watch"))
  if (wait > 0) return wait
  throw new StaticError("invalid-option", 'watch: 0 would look without a pause. Give a duration like 30 or "30s".')
}

function warn(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error)
  process.emitWarning(`Static files: the manifest could not be read again, the old one stays in use. ${message}`)
}
