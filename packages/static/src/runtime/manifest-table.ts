import type { Manifest, ManifestEntry } from "../manifest.ts"
import type { PreloadedFile } from "./preload.ts"
import { linkHeader } from "./preload.ts"
import { notAFile, parseStaticName, unknownName } from "./static-name.ts"
import type { PreloadOptions, StaticUrls } from "./static-urls.ts"
import { addSuffix, directoryUrl } from "./url-suffix.ts"

const UNKNOWN = {
  place: "the manifest",
  remedy: "Run collect after files were added or renamed, and deploy its manifest with the app.",
} as const

/** With suffixes and of directories: templates have few of them, but a fragment may come from a visitor. */
const MOST_CACHED = 1000
const LONGEST_CACHED = 500

/** One manifest, read for good: a new one is another table, so that readers see the old one or the new, never both. */
export class ManifestTable implements StaticUrls {
  readonly #entries: ReadonlyMap<string, ManifestEntry>
  readonly #urlOf: (name: string) => string
  /** By names of files alone, never with a suffix: it can't grow beyond the manifest. */
  readonly #urls = new Map<string, string>()
  readonly #otherUrls = new Map<string, string>()

  /** @param urlOf the public URL of a published name */
  constructor(manifest: Manifest, urlOf: (name: string) => string) {
    this.#entries = new Map(Object.entries(manifest.files))
    this.#urlOf = urlOf
  }

  url(written: string): string {
    return this.#urls.get(written) ?? this.#otherUrls.get(written) ?? this.#makeUrl(written)
  }

  integrity(written: string): string {
    return this.#file(written).entry.integrity
  }

  preloadHeaders(written: string, { integrity = false, module = true }: PreloadOptions = {}): string {
    const { name, suffix } = this.#file(written)
    const files = Array.from(this.#loaded(name, true), ([each, entry], index): PreloadedFile => {
      const first = index === 0
      const url = this.#urls.get(each) ?? this.#urlOf(entry.name)
      return {
        name: entry.name,
        url: first ? addSuffix(url, suffix) : url,
        integrity: first && integrity ? entry.integrity : undefined,
        module: module || !first,
      }
    })
    return linkHeader(files)
  }

  styles(written: string): readonly string[] {
    const entries = Array.from(this.#loaded(this.#file(written).name, false), ([, entry]) => entry)
    return [...new Set(entries.flatMap(({ styles = [] }) => styles))].filter((name) => this.#entries.has(name))
  }

  /** A file and what it loads, each once: with a page's style sheets for it, or without. */
  *#loaded(name: string, withStyles: boolean): Generator<readonly [name: string, entry: ManifestEntry]> {
    // By published names: an alias and its file are one.
    const seen = new Set<string>()
    const waiting = [name]
    for (const next of waiting) {
      const entry = this.#entries.get(next)
      // What is not in the manifest can't be loaded, and that is no reason not to send the page.
      if (entry === undefined || seen.has(entry.name)) continue
      seen.add(entry.name)
      yield [next, entry]
      waiting.push(...(withStyles ? (entry.styles ?? []) : []), ...(entry.imports ?? []))
    }
  }

  has(written: string): boolean {
    if (this.#urls.has(written)) return true
    try {
      const { name, directory } = parseStaticName(written, this.#knows)
      return !directory && this.#entries.has(name)
    } catch {
      return false
    }
  }

  names(): string[] {
    return [...this.#entries.keys()]
  }

  readonly #knows = (name: string): boolean => this.#entries.has(name)

  #makeUrl(written: string): string {
    const { name, suffix, directory } = parseStaticName(written, this.#knows)
    if (directory) return this.#remember(written, addSuffix(directoryUrl(this.#urlOf(name)), suffix))
    const url = this.#urls.get(name) ?? this.#urlOf(this.#entryOf(name).name)
    // Here alone: the name has passed the rules, which `url` skips for what is in the map.
    this.#urls.set(name, url)
    return suffix === "" ? url : this.#remember(written, addSuffix(url, suffix))
  }

  #remember(written: string, url: string): string {
    if (written.length > LONGEST_CACHED) return url
    if (this.#otherUrls.size >= MOST_CACHED) this.#otherUrls.clear()
    this.#otherUrls.set(written, url)
    return url
  }

  #file(written: string): { name: string; suffix: string; entry: ManifestEntry } {
    const parsed = parseStaticName(written, this.#knows)
    if (parsed.directory) throw notAFile(parsed)
    return { name: parsed.name, suffix: parsed.suffix, entry: this.#entryOf(parsed.name) }
  }

  #entryOf(name: string): ManifestEntry {
    const entry = this.#entries.get(name)
    if (entry === undefined) throw unknownName(name, this.#entries.keys(), UNKNOWN)
    return entry
  }
}
