import { stat } from "node:fs/promises"
import { isAbsolute, join, relative, resolve, sep } from "node:path"
import type { OptionNames } from "@node-storages/core"
import type { SourceFile, StaticSource } from "../source.ts"
import { StaticError } from "../static-error.ts"
import { type BundledFiles, missing, readBundleManifest } from "./bundle-manifest.ts"
import { checkedPath, FolderSource } from "./folder.ts"
import type { Ignore } from "./ignore.ts"
import { checkKnown } from "../option-checks.ts"
import { checkName, shown } from "./option-checks.ts"
import { isIgnored, type Met, WalkedSource } from "./walked-source.ts"

/** Where a bundler's output and its manifest are. */
export interface BundleOptions {
  /** Where the bundler puts its files: `"dist"`. */
  readonly folder: string | URL
  /** Its manifest, below the folder or absolute. Default: `.vite/manifest.json`, else `manifest.json`. */
  readonly manifest?: string | undefined
  /** What names and aliases begin with: with `"app"`, `src/main.ts` is `app/src/main.ts`. Default: nothing. */
  readonly prefix?: string | undefined
  /** What the manifest's values begin with and names do not: webpack's `publicPath`, `"/static/"`. Default: nothing. */
  readonly base?: string | undefined
}

const OPTIONS: OptionNames<BundleOptions> = { folder: true, manifest: true, prefix: true, base: true }
const MANIFESTS = [".vite/manifest.json", "manifest.json"]

/**
 * A bundler's output. What its manifest names is `hashed`, and has the manifest's keys as `aliases`; so has what goes
 * with such a file by name (`app-x1.js.map`). A file that is named as its key is has no hash in its name, and is
 * ordinary, as are all others of the folder. Where a key is also the name of a file (`index.html`), the file has it.
 * The manifest itself is not published.
 * @throws StaticError `invalid-option`; by `files` and `find`: `missing-manifest`, `invalid-manifest`,
 * `unreadable-file` for a file that the manifest names and that is not there, and what `folder` throws
 */
export function bundle(options: BundleOptions): StaticSource {
  return new BundleSource(options)
}

class BundleSource extends WalkedSource {
  readonly description: string
  readonly #folder: FolderSource
  readonly #root: string
  readonly #manifest: string | undefined
  readonly #base: string

  constructor(options: BundleOptions) {
    super()
    if (options === undefined)
      throw new StaticError("invalid-option", `bundle() needs its folder: bundle({ folder: "dist" }).`)
    checkKnown("bundle()", options, OPTIONS)
    const { folder, manifest, prefix, base = "" } = options
    this.#folder = new FolderSource(folder, { prefix })
    this.#root = resolve(checkedPath(folder))
    if (manifest !== undefined && (typeof manifest !== "string" || manifest === "")) {
      throw new StaticError(
        "invalid-option",
        `bundle(): manifest is ${shown(manifest)}. Give a path like "manifest.json".`,
      )
    }
    this.#manifest = manifest
    if (typeof base !== "string") {
      throw new StaticError("invalid-option", `bundle(): base is ${shown(base)}. Give a path or URL like "/static/".`)
    }
    this.#base = base
    this.description = this.#folder.description.replace(/^folder/, "bundle")
  }

  async *walk(ignore: Ignore): AsyncGenerator<Met, void, undefined> {
    // Before the manifest: that there is no folder is the better message.
    const all: Met[] = []
    for await (const met of this.#folder.walk(ignore)) all.push(met)
    const { path, files } = await this.#read()
    const names = new Set(all.map(({ name }) => name))
    for (const name of files.keys()) {
      const full = this.#folder.prefix + name
      if (!names.has(full) && ignore.file(full) === undefined) throw notThere(path, this.#root, name)
    }
    const manifest = this.#nameBelow(path)
    for (const met of all) {
      if (isIgnored(met)) yield met
      else if (met.name === manifest) yield { name: met.name, origin: met.origin, pattern: "the bundler's manifest" }
      else yield this.#bundled(met, files, (alias) => !names.has(alias))
    }
  }

  async find(name: string): Promise<SourceFile | undefined> {
    checkName(name, shown(name), `Ask for a name below the static root, like "css/app.css".`)
    if (!name.startsWith(this.#folder.prefix)) return undefined
    const { path, files } = await this.#read()
    if (name === this.#nameBelow(path)) return undefined
    const file = await this.#folder.find(name)
    if (file !== undefined) return this.#withAliases(file, files)
    const key = name.slice(this.#folder.prefix.length)
    for (const [below, { aliases }] of files) {
      if (!aliases.includes(key)) continue
      const bundled = await this.#folder.find(this.#folder.prefix + below)
      if (bundled === undefined) throw notThere(path, this.#root, below)
      return this.#withAliases(bundled, files)
    }
    return undefined
  }

  folders(): Promise<readonly string[]> {
    return this.#folder.folders()
  }

  async #read(): Promise<{ path: string; files: BundledFiles }> {
    const path = await this.#manifestPath()
    return { path, files: await readBundleManifest(path, this.#base) }
  }

  async #manifestPath(): Promise<string> {
    if (this.#manifest !== undefined) return resolve(this.#root, this.#manifest)
    const paths = MANIFESTS.map((name) => join(this.#root, name))
    for (const path of paths) {
      if (
        await stat(path).then(
          (stats) => stats.isFile(),
          () => false,
        )
      )
        return path
    }
    throw missing(paths)
  }

  /** The published name that the manifest would have; undefined where it is not in the folder. */
  #nameBelow(path: string): string | undefined {
    const way = relative(this.#root, path)
    return way.startsWith(`..${sep}`) || isAbsolute(way) ? undefined : this.#folder.prefix + way.replaceAll(sep, "/")
  }

  async #withAliases(file: SourceFile, files: BundledFiles): Promise<SourceFile> {
    const own = files.get(file.name.slice(this.#folder.prefix.length))
    const free = new Set<string>()
    for (const alias of own?.aliases ?? []) {
      const full = this.#folder.prefix + alias
      if ((await this.#folder.find(full)) === undefined) free.add(full)
    }
    return this.#bundled(file, files, (alias) => free.has(alias))
  }

  #bundled(file: SourceFile, files: BundledFiles, isFree: (alias: string) => boolean): SourceFile {
    const { prefix } = this.#folder
    const name = file.name.slice(prefix.length)
    const own = files.get(name)
    if (own === undefined) return goesWithHashed(name, files) ? { ...file, hashed: true } : file
    const below = (names: readonly string[]) => names.map((each) => prefix + each)
    const aliases = below(own.aliases).filter(isFree)
    const [imports, styles] = [below(own.imports), below(own.styles)]
    return {
      ...file,
      ...(own.hashed && { hashed: true }),
      ...(aliases.length > 0 && { aliases }),
      ...(imports.length > 0 && { imports }),
      ...(styles.length > 0 && { styles }),
    }
  }
}

/** `app-x1.js.map` is asked for by `app-x1.js`, which is left as it is, by this name. */
function goesWithHashed(name: string, files: BundledFiles): boolean {
  for (let dot = name.lastIndexOf("."); dot > name.lastIndexOf("/"); dot = name.lastIndexOf(".", dot - 1)) {
    if (files.get(name.slice(0, dot))?.hashed === true) return true
    if (dot === 0) return false
  }
  return false
}

function notThere(path: string, root: string, name: string): StaticError {
  return new StaticError(
    "unreadable-file",
    `${path} names ${shown(name)}, which is not in ${root}. Build the bundle again; where the manifest's ` +
      "values begin with a path that is no part of the folder, give it as base: bundle({ folder, base }).",
    { file: join(root, name) },
  )
}
