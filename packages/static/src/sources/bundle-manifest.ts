import { posix } from "node:path"
import { nameProblem } from "@node-storages/core"
import { StaticError } from "../static-error.ts"
import { shown } from "./option-checks.ts"
import { isObject, readText } from "./package-json.ts"

/** A file that a manifest names. */
interface BundledFile {
  /** What the manifest calls it, without what could be no name. */
  readonly aliases: readonly string[]
  /** Its name holds a hash: it differs from the name that it was made of. */
  readonly hashed: boolean
  /** Files of the bundle that it loads by itself. */
  readonly imports: readonly string[]
  /** Style sheets of the bundle that a page loads with it. */
  readonly styles: readonly string[]
}

/**
 * What shows a hash by itself: webpack calls a chunk without a name by its file name, hash and all. A run of digits
 * that begins like a year is a date.
 */
const HASH = /(?:^|[._-])(?=[a-f]*\d)(?!(?:19|20)\d+(?:[._-]|$))[\da-f]{8,}(?=[._-]|$)/

/** What a manifest says, by names below the bundle's folder. */
export type BundledFiles = ReadonlyMap<string, BundledFile>

interface Collected {
  readonly aliases: Set<string>
  /** Last segments, without hash, that it may have been named after. */
  readonly plain: Set<string>
  /** Keys of the manifest. */
  readonly imports: Set<string>
  readonly styles: Set<string>
}

/**
 * Reads a manifest: Vite's (https://vite.dev/guide/backend-integration), or one of names and files, as
 * webpack-manifest-plugin and most scripts around esbuild write it. Both kinds of values may stand in one.
 * @param base what the values begin with
 * @throws StaticError `missing-manifest`, `invalid-manifest`
 */
export async function readBundleManifest(path: string, base: string): Promise<BundledFiles> {
  const text = await readText(path)
  if (text === undefined) throw missing([path])
  let manifest: unknown
  try {
    manifest = JSON.parse(text)
  } catch (error) {
    throw new StaticError(
      "invalid-manifest",
      `${path} is no JSON: ${(error as Error).message}. Build the bundle again.`,
      {
        cause: error,
        file: path,
      },
    )
  }
  if (!isObject(manifest)) throw invalid(path, "it must hold a JSON object")
  return new Reading(path, base).read(manifest)
}

export function missing(paths: readonly string[]): StaticError {
  return new StaticError(
    "missing-manifest",
    `There is no manifest of the bundle at ${paths.join(" or ")}. Build the bundle first, with build.manifest ` +
      "set to true where it is Vite's, or give the manifest's path: bundle({ folder, manifest }).",
    { file: paths[0] },
  )
}

function invalid(path: string, problem: string): StaticError {
  return new StaticError(
    "invalid-manifest",
    `${path} is no manifest of a bundler: ${problem}. Vite's and plain ones, { "app.js": "app.3f9a1c.js" }, are known.`,
    {
      file: path,
    },
  )
}

class Reading {
  readonly #path: string
  readonly #base: string
  readonly #files = new Map<string, Collected>()
  /** Of chunks, by their keys. */
  readonly #names = new Map<string, string>()

  constructor(path: string, base: string) {
    this.#path = path
    this.#base = base
  }

  read(manifest: Readonly<Record<string, unknown>>): BundledFiles {
    for (const [key, value] of Object.entries(manifest)) {
      if (typeof value === "string") this.#add(key, value, [key], key)
      else if (isObject(value) && typeof value["file"] === "string") this.#addChunk(key, value["file"], value)
      else throw invalid(this.#path, `the value of ${shown(key)} must be a string, or an object with "file"`)
    }
    const files = new Map<string, BundledFile>()
    for (const [name, { aliases, plain, imports, styles }] of this.#files) {
      const hashed = !plain.has(stemOf(name)) || HASH.test(stemOf(name))
      files.set(name, {
        hashed,
        aliases: [...aliases].filter((alias) => alias !== name && nameProblem(alias) === undefined),
        imports: [...imports].flatMap((key) => this.#names.get(key) ?? []),
        styles: [...styles],
      })
    }
    return files
  }

  #addChunk(key: string, file: string, chunk: Readonly<Record<string, unknown>>): void {
    const plain = [key, chunk["name"], chunk["src"]].filter((text) => typeof text === "string")
    const added = this.#add(key, file, plain, key)
    this.#names.set(key, this.#nameOf(key, file))
    const listOf = (field: string): readonly string[] => {
      const names = chunk[field] ?? []
      if (Array.isArray(names) && names.every((name) => typeof name === "string")) return names
      throw invalid(this.#path, `"${field}" of ${shown(key)} must be an array of strings`)
    }
    for (const name of [...listOf("css"), ...listOf("assets")]) this.#add(key, name, plain)
    for (const name of listOf("css")) added.styles.add(this.#nameOf(key, name))
    for (const name of listOf("imports")) added.imports.add(name)
  }

  #add(key: string, value: string, plain: readonly string[], alias?: string): Collected {
    const name = this.#nameOf(key, value)
    const none = { aliases: new Set<string>(), plain: new Set<string>() }
    const file = this.#files.get(name) ?? { ...none, imports: new Set(), styles: new Set() }
    this.#files.set(name, file)
    if (alias !== undefined) file.aliases.add(alias)
    for (const text of plain) {
      // With and without ending: a key is "main.ts" where the file is "main.js".
      file.plain.add(stemOf(text))
      file.plain.add(posix.basename(text))
    }
    return file
  }

  #nameOf(key: string, value: string): string {
    const path = this.#base !== "" && value.startsWith(this.#base) ? value.slice(this.#base.length) : value
    // webpack can put the hash into a query; a bundler keeps "?" out of the names of files.
    const name = path.replace(/\?.*$/s, "").replace(/^(?:\.?\/)/, "")
    const problem = /^[a-z][a-z\d+.-]*:|^\/\//i.test(path) ? "it is a URL" : nameProblem(name)
    if (problem === undefined) return name
    throw invalid(
      this.#path,
      `${shown(value)}, of ${shown(key)}, is no file of the bundle's folder (${problem}); ` +
        "where all begin with the same path or URL, give it as base: bundle({ folder, base })",
    )
  }
}

/** The last segment without its ending. */
function stemOf(name: string): string {
  const base = posix.basename(name)
  const dot = base.lastIndexOf(".")
  return dot > 0 ? base.slice(0, dot) : base
}
