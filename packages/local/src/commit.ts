import { type CopyOptions, type FileHeaders, type FileInfo, StorageError, throwIfAborted } from "@node-storages/core"
import { codeOf, directoryInTheWay, fileInTheWay, quietly, unlessMissing } from "./errors.ts"
import { fileInfo } from "./file-info.ts"
import type { LocalFileStats } from "./file-system.ts"
import { etagOf, RecentNames, tokenOf } from "./file-version.ts"
import type { Folder, Place } from "./folder.ts"
import { type Claimed, headersToRecord, type Records } from "./records.ts"

export interface CommitOptions extends CopyOptions {
  readonly nextKey?: (() => string) | undefined
  /** For messages: `"write"`, `"copy"`. */
  readonly operation: string
}

const MOST_ATTEMPTS = 100

/** Gives temporary files their names: one `link` creates, one `rename` replaces, and nothing else is ever visible. */
export class Commits {
  readonly #folder: Folder
  readonly #records: Records
  readonly #fsync: boolean
  /**
   * Entity tags. A file system gives the inode of a deleted file to the next one, and stamps all files of a tick (up to
   * 4 ms, in which no thousand are saved) with one time: a file that is replaced twice in a tick could have its old tag
   * with new bytes.
   */
  readonly #recent: RecentNames = new RecentNames(1000)

  constructor(folder: Folder, records: Records, fsync: boolean) {
    this.#folder = folder
    this.#records = records
    this.#fsync = fsync
  }

  /** Commits a closed temporary file. Where it fails nothing has changed, and the temporary file is still there. */
  async commit(temporary: string, key: string, headers: FileHeaders, options: CommitOptions): Promise<FileInfo> {
    const { fileSystem } = this.#folder
    const { ifAbsent, nextKey, signal, operation } = options
    const root = await this.#folder.makeRoot()
    let lexical = this.#folder.place(root, key)
    let record = headersToRecord(key, headers)
    let [stats, place] = await Promise.all([
      isEmpty(record) ? fileSystem.lstat(temporary) : this.#timed(temporary, Date.now()),
      this.#folder.prepare(root, lexical),
    ])
    for (let attempt = 1; ; attempt++) {
      const bound = await this.#bind(temporary, stats, place, record)
      stats = bound.stats
      let previous: LocalFileStats | undefined
      if (!ifAbsent) previous = bound.claimed ? bound.claimed.present : await this.previous(place)
      try {
        if (this.#fsync) await this.#folder.syncFile(temporary)
        throwIfAborted(signal, operation)
        if (ifAbsent) await fileSystem.link(temporary, place.path)
        else await fileSystem.rename(temporary, place.path)
      } catch (error) {
        if (bound.claimed) await quietly(fileSystem.unlink(bound.claimed.path))
        const code = codeOf(error)
        if (attempt === MOST_ATTEMPTS) throw error
        if (code === "EEXIST" && nextKey) lexical = this.#folder.place(root, nextKey())
        else if (code !== "ENOENT") throw await this.explain(error, temporary, lexical.key)
        else await this.#checkThere(temporary, lexical.key)
        // The directory has been pruned meanwhile, or the next name is in another one.
        place = await this.#folder.prepare(root, lexical)
        record = headersToRecord(lexical.key, headers)
        continue
      }
      await this.#conclude(temporary, place, stats, previous, ifAbsent === true)
      return fileInfo(lexical.key, stats, headers)
    }
  }

  /** The version in place, where it may have a record that has to go with it. */
  async previous(place: Place): Promise<LocalFileStats | undefined> {
    return (await this.#records.exist()) ? unlessMissing(this.#folder.fileSystem.lstat(place.path)) : undefined
  }

  /**
   * Gives the temporary file a time, and a record where it needs one, such that neither its entity tag nor its record
   * is mistaken for another version's.
   */
  async #bind(
    temporary: string,
    written: LocalFileStats,
    place: Place,
    record: FileHeaders,
  ): Promise<{ stats: LocalFileStats; claimed?: Claimed }> {
    const needsRecord = !isEmpty(record)
    let stats = written
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const token = tokenOf(stats)
      if (!this.#recent.has(etagOf(stats))) {
        if (token === undefined && !needsRecord) return this.#bound(stats)
        // A file without headers gets another time first. One whose time stays whole (FAT, HFS+) gets a record.
        if (token !== undefined && (needsRecord || attempt > 0)) {
          const claimed = await this.#records.claim(place.key, place.path, stats, record)
          if (claimed) return { ...this.#bound(stats), claimed }
        }
      }
      // Twice as far each time: there are file systems that keep whole seconds, and even ones.
      const time = Math.floor(written.mtimeMs) + Math.ceil(Math.random() * 2 ** Math.min(attempt, 14))
      stats = await this.#timed(temporary, time + (needsRecord ? 0 : 0.5))
    }
    throw new StorageError("conflict", `${JSON.stringify(place.key)} is written by too many at the same time.`)
  }

  /** The file with another time, in milliseconds, as the file system keeps it. */
  async #timed(path: string, time: number): Promise<LocalFileStats> {
    const { fileSystem } = this.#folder
    await fileSystem.utimes(path, time / 1000, time / 1000)
    return fileSystem.lstat(path)
  }

  #bound(stats: LocalFileStats): { stats: LocalFileStats } {
    this.#recent.add(etagOf(stats))
    return { stats }
  }

  async #conclude(
    temporary: string,
    place: Place,
    stats: LocalFileStats,
    previous: LocalFileStats | undefined,
    created: boolean,
  ): Promise<void> {
    const { fileSystem } = this.#folder
    try {
      if (this.#fsync) await this.#folder.syncDirectory(place.directory)
    } catch (error) {
      // What was created and may not last is taken back; what was replaced can't be.
      if (created) await quietly(fileSystem.unlink(place.path))
      throw error
    }
    if (created) await quietly(fileSystem.unlink(temporary))
    if (previous && tokenOf(previous) !== tokenOf(stats)) await this.#records.remove(place.key, previous)
  }

  async #checkThere(temporary: string, key: string): Promise<void> {
    if ((await unlessMissing(this.#folder.fileSystem.lstat(temporary))) !== undefined) return
    throw new StorageError(
      "conflict",
      `The temporary file of ${JSON.stringify(key)} was removed while it was written: the stream paused for longer than a sweep ` +
        `allows, or something else cleans up in the storage's folder. Nothing was stored.`,
      { key },
    )
  }

  /** The error of a commit that failed, with the rule that it ran into. */
  async explain(error: unknown, file: string, key: string): Promise<unknown> {
    const name = JSON.stringify(key)
    const root = this.#folder.root
    switch (codeOf(error) ?? "") {
      case "ENOTDIR":
        return fileInTheWay(key, error)
      case "EISDIR":
        return directoryInTheWay(key, error)
      case "EXDEV":
        return new StorageError(
          "unsupported",
          `${name} is on another file system than the storage's root ${root}: something is mounted inside of it. A file is ` +
            `committed by one atomic rename, which can't cross file systems. Make the mount the root of a storage of its own.`,
          { key, cause: error },
        )
      case "EPERM":
      case "ENOTSUP":
      case "EOPNOTSUPP":
      case "ENOSYS":
        if (await this.#hasHardLinks(file)) return error
        return new StorageError(
          "unsupported",
          `The file system of ${root} has no hard links, without which no file can be created atomically and never replace ` +
            `another. Save with "overwrite: true" or use write() with unique names, or put the root on another file system.`,
          { key, cause: error },
        )
      default:
        return error
    }
  }

  async #hasHardLinks(file: string): Promise<boolean> {
    try {
      await this.#folder.fileSystem.link(file, `${file}.link`)
    } catch {
      return false
    }
    await quietly(this.#folder.fileSystem.unlink(`${file}.link`))
    return true
  }
}

function isEmpty(headers: FileHeaders): boolean {
  return Object.keys(headers).length === 0
}
