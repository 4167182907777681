import { checkBaseUrl, joinUrl, type OptionNames } from "@node-storages/core"
import { checked, checkKnown } from "../option-checks.ts"
import { linkHeader } from "./preload.ts"
import { notAFile, parseStaticName, type StaticName, unknownName } from "./static-name.ts"
import type { PreloadOptions, StaticUrls } from "./static-urls.ts"
import { addSuffix, directoryUrl } from "./url-suffix.ts"

/** What can tell at once which names there are: a `DevelopmentIndex`. */
export interface KnownNames {
  /**
   * The name of the file that is asked for by this name: itself, or an alias's file; undefined where none is known. Must be
   * cheap: it is asked for `"sprite.svg#icon"` before `"sprite.svg"`.
   */
  known(name: string): string | undefined
  /** The same, after a look for what was added. Asked where `known` gives nothing. */
  resolve(name: string): string | undefined
  /** For suggestions. */
  names(): Iterable<string>
}

/** How URLs are made while nothing is collected. */
export interface DevelopmentOptions {
  /** Where the sources are served (see `sourceStorage`): `"/static/"`, or an absolute URL. */
  readonly baseUrl: string
  /**
   * Makes unknown names an error, as they are in production. Default: names are not looked up, every legal one has a URL,
   * and ends at its first `?` or `#`.
   */
  readonly index?: KnownNames | undefined
}

const OPTIONS: OptionNames<DevelopmentOptions> = { baseUrl: true, index: true }

const UNKNOWN = {
  place: "the sources",
  remedy: "Add it to a source; in production, run collect after that.",
} as const

/**
 * URLs of the sources' own files, which nothing was done to: no collecting, no hashes, no integrity. What `StaticFiles`
 * refuses is refused here too, so that a page which renders in development does in production.
 * @throws StaticError `invalid-option`
 */
export function developmentStaticFiles(options: DevelopmentOptions): StaticUrls {
  checkKnown("developmentStaticFiles()", options, OPTIONS)
  const { index } = options
  return new DevelopmentFiles(
    checked(() => checkBaseUrl(options.baseUrl, "developmentStaticFiles()")),
    index,
  )
}

class DevelopmentFiles implements StaticUrls {
  readonly #baseUrl: string
  readonly #index: KnownNames | undefined

  constructor(baseUrl: string, index: KnownNames | undefined) {
    this.#baseUrl = baseUrl
    this.#index = index
  }

  url(written: string): string {
    const parsed = this.#parse(written)
    if (parsed.directory) return addSuffix(directoryUrl(joinUrl(this.#baseUrl, parsed.name)), parsed.suffix)
    return addSuffix(joinUrl(this.#baseUrl, this.#served(parsed)), parsed.suffix)
  }

  integrity(written: string): string {
    this.#file(written)
    return ""
  }

  /** The entry alone: what it imports is known when it is collected. */
  preloadHeaders(written: string, { module }: PreloadOptions = {}): string {
    const name = this.#file(written)
    return linkHeader([{ name, url: this.url(written), module }])
  }

  styles(written: string): readonly string[] {
    this.#file(written)
    return []
  }

  has(written: string): boolean {
    try {
      this.#file(written)
      return true
    } catch {
      return false
    }
  }

  #parse(written: string): StaticName {
    const index = this.#index
    const knows = (name: string) => index?.known(name) !== undefined
    const parsed = parseStaticName(written, knows)
    if (parsed.suffix === "" || parsed.directory || knows(parsed.name)) return parsed
    // It may be a file that was added since, with a `?` or a `#` in its own name.
    return parseStaticName(written, (name) => index?.resolve(name) !== undefined)
  }

  #file(written: string): string {
    const parsed = this.#parse(written)
    if (parsed.directory) throw notAFile(parsed)
    return this.#served(parsed)
  }

  #served({ name }: StaticName): string {
    if (this.#index === undefined) return name
    const served = this.#index.known(name) ?? this.#index.resolve(name)
    if (served === undefined) throw unknownName(name, this.#index.names(), UNKNOWN)
    return served
  }
}
