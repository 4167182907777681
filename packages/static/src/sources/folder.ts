import { normalize, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { compareKeys, nameProblem, type OptionNames } from "@node-storages/core"
import type { Room, SourceFile, StaticSource } from "../source.ts"
import { StaticError } from "../static-error.ts"
import { type Entry, type FileSystem, findEntry, nodeFileSystem, readEntries, type Step } from "./folder-entries.ts"
import { type Ignore, ignoring } from "./ignore.ts"
import { checkKnown } from "../option-checks.ts"
import { checkedPrefix, checkName, shown } from "./option-checks.ts"
import { type Met, WalkedSource } from "./walked-source.ts"

/** How the files of a folder are named, and which are left out. */
export interface FolderOptions {
  /** What the names of its files begin with: with `"vendor"`, `app.css` is `vendor/app.css`. Default: nothing. */
  readonly prefix?: string | undefined
  /** Patterns, as `ignoring` takes them, of names below this folder, without the prefix. Default: none. */
  readonly ignore?: readonly string[] | undefined
}

const OPTIONS: OptionNames<FolderOptions> = { prefix: true, ignore: true }

/**
 * Every file of a folder, however deep, hidden ones too. Symbolic links are followed, out of the folder as well.
 * Nothing is left out in silence: a link that leads nowhere or in a circle, a socket, and a name that no storage could
 * hold are errors, unless a pattern ignores them.
 * @param path a relative one is read from the working directory at this call
 * @throws StaticError `invalid-option`; by `files` and `find`: `unreadable-source`, `unreadable-file`, `invalid-name`
 */
export function folder(path: string | URL, options?: FolderOptions): StaticSource {
  return new FolderSource(path, options)
}

/** A folder, for the sources that are made of folders. */
export class FolderSource extends WalkedSource {
  readonly description: string
  readonly prefix: string
  /** As given, for messages. */
  readonly #path: string
  readonly #root: string
  readonly #ignore: Ignore
  readonly #fileSystem: FileSystem

  constructor(path: string | URL, options: FolderOptions = {}, fileSystem: FileSystem = nodeFileSystem) {
    super()
    this.#path = checkedPath(path)
    checkKnown("folder()", options, OPTIONS)
    this.prefix = checkedPrefix("folder()", options.prefix)
    this.#ignore = ignoring(options.ignore ?? [])
    this.#root = resolve(this.#path)
    this.#fileSystem = fileSystem
    const prefixed = this.prefix === "" ? "" : ` as ${this.prefix}`
    this.description = `folder ${this.#path.replace(/[/\\]*$/, "/")}${prefixed}`
  }

  async folders(): Promise<readonly string[]> {
    return [this.#root]
  }

  async *walk(ignore: Ignore): AsyncGenerator<Met, void, undefined> {
    const ignored = (path: string, kind: "file" | "directory") =>
      this.#ignore[kind](path) ?? ignore[kind](this.prefix + path)
    const root = await this.#rootStep()
    // Directories still to be read, the next one last. No recursion: a deep tree costs no stack of generators.
    const left: Entry[][] = [await this.#entries(root, ignored)]
    while (left.length > 0) {
      const entry = left.at(-1)!.pop()
      if (entry === undefined) left.pop()
      else if (entry.kind === "ignored") yield this.#ignored(entry)
      else if (entry.kind === "directory") left.push(await this.#entries(entry, ignored))
      else yield this.#file(entry)
    }
  }

  async find(name: string): Promise<SourceFile | undefined> {
    checkName(name, shown(name), `Ask for a name below the static root, like "css/app.css".`)
    if (!name.startsWith(this.prefix)) return undefined
    const below = name.slice(this.prefix.length)
    if (nameProblem(below) !== undefined || this.#ignore.file(below) !== undefined) return undefined
    const entry = await findEntry(this.#fileSystem, await this.#rootStep(), below)
    return entry && this.#file(entry)
  }

  async #rootStep(): Promise<Step> {
    const path = this.#root
    try {
      const real = await this.#fileSystem.realpath(path)
      if ((await this.#fileSystem.stat(real)).isDirectory())
        return { path, real, below: "", origin: normalize(this.#path) }
    } catch (error) {
      const missing = (error as NodeJS.ErrnoException).code === "ENOENT"
      throw new StaticError(
        "unreadable-source",
        missing
          ? `The folder ${this.#path} does not exist (${path}). Make it, or take it out of the sources.`
          : `The folder ${this.#path} can't be read (${path}): ${(error as Error).message}.`,
        { cause: error, file: path },
      )
    }
    throw new StaticError(
      "unreadable-source",
      `${this.#path} is no folder (${path}). Give the folder that it is in, or take it out of the sources.`,
      { file: path },
    )
  }

  /** What is in a directory, the last first. */
  async #entries(step: Step, ignored: Parameters<typeof readEntries>[2]): Promise<Entry[]> {
    const entries = await readEntries(this.#fileSystem, step, ignored)
    for (const { below, kind, origin } of entries) {
      if (kind === "ignored") continue
      const problem = nameProblem(this.prefix + below)
      if (problem === undefined) continue
      throw new StaticError(
        "invalid-name",
        `${shown(origin)} can't be published as ${shown(this.prefix + below)}: ${problem}. ` +
          "Rename it, or leave it out with ignore.",
        { file: origin },
      )
    }
    // With a slash behind directories, since "a.css" sorts before "a/b.css" by bytes.
    const keys = new Map(entries.map((entry) => [entry, entry.kind === "directory" ? `${entry.below}/` : entry.below]))
    return entries.toSorted((a, b) => compareKeys(keys.get(b)!, keys.get(a)!))
  }

  #ignored({ below, origin, pattern }: Entry): Met {
    return { name: this.prefix + below, origin, pattern: pattern ?? "" }
  }

  #file({ path, below, origin }: Step): SourceFile {
    const read = async (room?: Room) => {
      try {
        return await this.#fileSystem.readFile(path, room)
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException
        throw new StaticError(
          "unreadable-file",
          code === "ENOENT"
            ? `${origin} was removed while static files were gathered. Gather them again.`
            : `${origin} can't be read: ${message}. Make it readable, or leave it out with ignore.`,
          { cause: error, file: origin },
        )
      }
    }
    return { name: this.prefix + below, origin, read }
  }
}

/** A path as given, or of a `file:` URL. */
export function checkedPath(path: string | URL): string {
  if (path instanceof URL && path.protocol === "file:") return fileURLToPath(path)
  if (typeof path === "string" && path !== "" && !path.includes("\0")) return path
  throw new StaticError(
    "invalid-option",
    `${path instanceof URL ? path.protocol : shown(path)} is no path of a folder. ` +
      `Give a path like "assets", or a file: URL.`,
  )
}
