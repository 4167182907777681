import { dirname, sep } from "node:path"
import { StorageError } from "@node-storages/core"
import { codeOf, fileInTheWay, leavesRoot, unlessMissing } from "./errors.ts"
import { closing, type LocalFileStats, type LocalFileSystem, type Modes } from "./file-system.ts"

/** The directory at the root in which the storage keeps temporary files and metadata records. */
export const RESERVED = ".node-storages"

/** Where a key is on disk. */
export interface Place {
  readonly key: string
  readonly directory: string
  readonly path: string
}

/** A place that holds a regular file, with symbolic links resolved. */
export interface FoundFile extends Place {
  /** Whether the name itself is a symbolic link. */
  readonly isLink: boolean
  readonly stats: LocalFileStats
}

/** What Windows refuses, drops in silence (dots and spaces at the end) or reads as something else (`a:b`). */
const WINDOWS_PROBLEM = /[<>:"|?*]|[. ](?:\/|$)/
const MOST_ATTEMPTS = 100

/** The root folder: turns keys into paths, makes directories, and lets no symbolic link lead out. */
export class Folder {
  readonly root: string
  readonly fileSystem: LocalFileSystem
  readonly #modes: Modes
  readonly #fsync: boolean
  /** The root with symbolic links resolved, once it is known. */
  #real: string | undefined

  constructor(root: string, fileSystem: LocalFileSystem, modes: Modes, fsync: boolean) {
    this.root = root
    this.fileSystem = fileSystem
    this.#modes = modes
    this.#fsync = fsync
  }

  /** The real root, or undefined where there is none yet. */
  async realRoot(): Promise<string | undefined> {
    return (this.#real ??= await unlessMissing(this.fileSystem.realpath(this.root)))
  }

  /** The real root, made where there is none. */
  async makeRoot(): Promise<string> {
    const root = await this.realRoot()
    if (root !== undefined) return root
    await this.#makeRootDirectory()
    return (this.#real = await this.fileSystem.realpath(this.root))
  }

  /** Where a key is below the real root. @throws StorageError `invalid-name` for what the storage keeps for itself */
  place(root: string, key: string): Place {
    if (key.slice(0, RESERVED.length).toLowerCase() === RESERVED && /^(?:\/|$)/.test(key.slice(RESERVED.length))) {
      throw new StorageError("invalid-name", `"${RESERVED}" is reserved: this storage keeps its own records there.`, {
        key,
      })
    }
    if (process.platform === "win32" && WINDOWS_PROBLEM.test(key)) {
      throw new StorageError("invalid-name", `${JSON.stringify(key)} can't be the name of a file on Windows.`, { key })
    }
    const path = pathBelow(root, sep === "/" ? key : key.replaceAll("/", sep))
    return { key, path, directory: key.includes("/") ? dirname(path) : root }
  }

  /**
   * The place with its directory's symbolic links resolved, or undefined where there is no such directory.
   * @throws StorageError `permission-denied` where a link leads out of the root
   */
  async resolve(root: string, place: Place): Promise<Place | undefined> {
    if (place.directory === root) return place
    const real = await unlessMissing(this.fileSystem.realpath(place.directory))
    if (real === undefined) return undefined
    if (real === place.directory) return place
    return this.#moved(root, place, `${real}${place.path.slice(place.directory.length)}`)
  }

  /** The regular file of a key, through symbolic links that stay inside; undefined where there is none. */
  async find(key: string): Promise<FoundFile | undefined> {
    const root = await this.realRoot()
    if (root === undefined) return undefined
    const lexical = this.place(root, key)
    if (lexical.directory === root)
      return this.#fileAt(root, lexical, await unlessMissing(this.fileSystem.lstat(lexical.path)))
    const [place, stats] = await Promise.all([
      this.resolve(root, lexical),
      unlessMissing(this.fileSystem.lstat(lexical.path)),
    ])
    return place && this.#fileAt(root, place, stats)
  }

  async #fileAt(root: string, place: Place, stats: LocalFileStats | undefined): Promise<FoundFile | undefined> {
    if (stats?.isFile()) return { ...place, stats, isLink: false }
    return stats?.isSymbolicLink() ? this.followLink(root, place) : undefined
  }

  /** The regular file that a symbolic link inside the root leads to. */
  async followLink(root: string, link: Place): Promise<FoundFile | undefined> {
    const path = await unlessMissing(this.fileSystem.realpath(link.path))
    if (path === undefined) return undefined
    const place = this.#moved(root, link, path)
    const stats = await unlessMissing(this.fileSystem.lstat(path))
    return stats?.isFile() ? { ...place, stats, isLink: true } : undefined
  }

  /** The place with a directory that exists, made where there is none; links are checked before anything is made. */
  async prepare(root: string, place: Place): Promise<Place> {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const resolved = await this.resolve(root, place)
      if (resolved) return resolved
      await this.#makeDirectory(root, place.directory, place.key)
    }
    throw new StorageError("conflict", `The directory of ${JSON.stringify(place.key)} is removed again and again.`, {
      key: place.key,
    })
  }

  /** A directory of the storage's own, or undefined where there is none. */
  async internal(...names: string[]): Promise<string | undefined> {
    const root = await this.realRoot()
    if (root === undefined) return undefined
    const path = pathBelow(root, [RESERVED, ...names].join(sep))
    const real = await unlessMissing(this.fileSystem.realpath(path))
    if (real !== undefined && real !== path) throw leavesRoot([RESERVED, ...names].join("/"), this.root)
    return real
  }

  /** A directory of the storage's own, made where there is none. */
  async makeInternal(...names: string[]): Promise<string> {
    const root = await this.makeRoot()
    const key = [RESERVED, ...names].join("/")
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const path = await this.internal(...names)
      if (path !== undefined) return path
      await this.#makeDirectory(root, pathBelow(root, [RESERVED, ...names].join(sep)), key)
    }
    throw new StorageError("conflict", `The directory ${key} of the storage is removed again and again.`)
  }

  /** Removes the directory and those above it as long as they are empty. */
  async prune(root: string, directory: string): Promise<void> {
    try {
      for (let path = directory; path !== root && isBelow(root, path); path = dirname(path)) {
        await this.fileSystem.rmdir(path)
      }
    } catch {
      // Not empty, or somebody else's: it stays.
    }
  }

  /** Makes a directory's entries durable. Windows can't sync a directory, and needs not. */
  async syncDirectory(path: string): Promise<void> {
    if (process.platform !== "win32") await this.#sync(path, "r")
  }

  /** Makes a file's bytes and times durable. Windows syncs only what is open for writing. */
  async syncFile(path: string): Promise<void> {
    await this.#sync(path, process.platform === "win32" ? "r+" : "r")
  }

  async #sync(path: string, flags: string): Promise<void> {
    const handle = await this.fileSystem.open(path, flags)
    await closing(handle, () => handle.sync())
  }

  #moved(root: string, place: Place, path: string): Place {
    if (!isBelow(root, path) || isBelow(pathBelow(root, RESERVED), path)) throw leavesRoot(place.key, this.root)
    const key = path.slice(pathBelow(root, "").length)
    return { key: sep === "/" ? key : key.replaceAll(sep, "/"), path, directory: dirname(path) }
  }

  /** One level at a time, so that each is seen to be inside the root before anything is made in it. */
  async #makeDirectory(root: string, path: string, key: string): Promise<void> {
    if (path === root) return this.#makeRootDirectory()
    const { fileSystem } = this
    const parent = dirname(path)
    if (parent !== root) {
      try {
        const real = await fileSystem.realpath(parent)
        if (real !== parent && !isBelow(root, real) && real !== root) throw leavesRoot(key, this.root)
      } catch (error) {
        if (codeOf(error) === "ENOTDIR") throw fileInTheWay(key, error)
        if (codeOf(error) !== "ENOENT") throw error
        return this.#makeDirectory(root, parent, key)
      }
    }
    try {
      await this.#makeOne(path)
    } catch (error) {
      if (codeOf(error) === "ENOENT") return this.#makeDirectory(root, parent, key)
      if (codeOf(error) === "ENOTDIR") throw fileInTheWay(key, error)
      if (codeOf(error) !== "EEXIST") throw error
      const there = await unlessMissing(fileSystem.lstat(path))
      if (there === undefined || there.isDirectory()) return
      if (!there.isSymbolicLink()) throw fileInTheWay(key, error)
      // A link that leads nowhere: what it would create may be anywhere.
      if ((await unlessMissing(fileSystem.realpath(path))) === undefined) throw leavesRoot(key, this.root, error)
    }
  }

  async #makeOne(path: string): Promise<void> {
    const { directoryMode } = this.#modes
    await this.fileSystem.mkdir(path, directoryMode === undefined ? {} : { mode: directoryMode })
    // mkdir's mode is cut by the umask.
    if (directoryMode !== undefined) await this.fileSystem.chmod(path, directoryMode)
    if (this.#fsync) await this.syncDirectory(dirname(path))
  }

  async #makeRootDirectory(): Promise<void> {
    const { directoryMode } = this.#modes
    const made = await this.fileSystem.mkdir(this.root, { recursive: true })
    if (made !== undefined && directoryMode !== undefined) await this.fileSystem.chmod(this.root, directoryMode)
  }
}

/** `root/name`, also where the root is the file system's own and ends with a separator. */
export function pathBelow(root: string, name: string): string {
  return root.endsWith(sep) ? root + name : root + sep + name
}

function isBelow(directory: string, path: string): boolean {
  return path === directory || path.startsWith(pathBelow(directory, ""))
}
