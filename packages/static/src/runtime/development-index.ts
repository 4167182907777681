import { readdirSync, statSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { nameProblem } from "@node-storages/core"
import type { SourceFile } from "../source.ts"
import type { StaticSources } from "../sources/find.ts"
import { DEFAULT_IGNORE, ignoring } from "../sources/ignore.ts"

/** How an index of the sources tells its failures. */
export interface DevelopmentIndexOptions {
  /** Told when the sources can't be listed again; what was known stays. Default: a warning of the process. */
  readonly onError?: ((error: unknown) => void) | undefined
}

/** What was in the sources at one time. */
interface Listing {
  /** What is asked for, with the name that is served: itself, or for a bundler's alias the file's. */
  readonly files: Map<string, string>
  /** Directories of names, with those on disk whose files they hold. */
  readonly directories: ReadonlyMap<string, ReadonlySet<string>>
}

/**
 * The names of all files of the sources, for development. Files that are added are found at once where a directory
 * above them has given files before; any others after the first miss, which has the sources listed again. Files that
 * are deleted are known until then.
 */
export class DevelopmentIndex {
  readonly #where: StaticSources
  readonly #onError: (error: unknown) => void
  #listing: Listing
  #refreshing: Promise<void> | undefined

  private constructor(where: StaticSources, listing: Listing, options: DevelopmentIndexOptions) {
    this.#where = where
    this.#listing = listing
    this.#onError = options.onError ?? warn
  }

  /**
   * Lists the sources. Where two have a file of the same name, the first one has it.
   * @param where what `defineStatic` gives: `collect` and development see the same files
   * @throws StaticError as the sources throw
   */
  static async load(where: StaticSources, options: DevelopmentIndexOptions = {}): Promise<DevelopmentIndex> {
    return new DevelopmentIndex(where, await list(where), options)
  }

  /** The name of the file that is asked for by this name, by the last listing: nothing is looked at. */
  known(name: string): string | undefined {
    return this.#listing.files.get(name)
  }

  /** The same, with a look at the disk where the listing has no such name. */
  resolve(name: string): string | undefined {
    const found = this.known(name)
    if (found !== undefined) return found
    const { ignore = DEFAULT_IGNORE } = this.#where
    const isMeant = nameProblem(name) === undefined && ignoring(ignore).file(name) === undefined
    const added = isMeant && isOnDisk(name, this.#listing.directories)
    if (added) this.#listing.files.set(name, name)
    // Also for what is on disk: a source may ignore it, and only listing tells.
    this.refresh().catch(this.#onError)
    return added ? name : undefined
  }

  /** The names that were in the sources when they were listed last. */
  names(): IterableIterator<string> {
    return this.#listing.files.keys()
  }

  /** Lists the sources again. Calls while that is under way share it. @throws StaticError as the sources throw */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#relist().finally(() => {
      this.#refreshing = undefined
    })
    return this.#refreshing
  }

  async #relist(): Promise<void> {
    this.#listing = await list(this.#where)
  }
}

async function list({ sources, ignore = DEFAULT_IGNORE }: StaticSources): Promise<Listing> {
  const ignored = ignoring(ignore)
  const files = new Map<string, string>()
  const aliases = new Map<string, string>()
  const directories = new Map<string, Set<string>>()
  for (const source of sources) {
    for await (const file of source.files()) {
      if (ignored.file(file.name) !== undefined) continue
      if (!files.has(file.name)) files.set(file.name, file.name)
      for (const alias of file.aliases ?? []) if (!aliases.has(alias)) aliases.set(alias, file.name)
      addDirectory(directories, file)
    }
  }
  for (const [alias, name] of aliases) if (!files.has(alias)) files.set(alias, name)
  return { files, directories }
}

/** An origin is for messages: it is taken for a path where it ends as the name does. */
function addDirectory(directories: Map<string, Set<string>>, { name, origin }: SourceFile): void {
  const slash = name.lastIndexOf("/")
  if (basename(origin) !== name.slice(slash + 1)) return
  const directory = slash === -1 ? "" : name.slice(0, slash)
  const onDisk = directories.get(directory) ?? new Set()
  directories.set(directory, onDisk.add(dirname(origin)))
}

function isOnDisk(name: string, directories: Listing["directories"]): boolean {
  const segments = name.split("/")
  for (let depth = segments.length - 1; depth >= 0; depth--) {
    for (const directory of directories.get(segments.slice(0, depth).join("/")) ?? []) {
      if (isFileBelow(directory, segments.slice(depth))) return true
    }
  }
  return false
}

/** By listing, since a file system without case says yes to `App.css`, and the deployed manifest says no. */
function isFileBelow(directory: string, segments: readonly string[]): boolean {
  let path = directory
  try {
    for (const segment of segments) {
      if (!readdirSync(path).includes(segment)) return false
      path = join(path, segment)
    }
    return statSync(path).isFile()
  } catch {
    return false
  }
}

function warn(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error)
  process.emitWarning(`Static files: the sources could not be listed again. ${message}`)
}
