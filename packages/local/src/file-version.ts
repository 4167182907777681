import type { LocalFileStats } from "./file-system.ts"

type Version = Pick<LocalFileStats, "size" | "ino" | "mtimeMs">

/** What setting a time loses on its way through a double of seconds, in milliseconds, with room to spare. */
const TOLERANCE = 0.002

/**
 * The entity tag: size, time in microseconds, inode. Files are never written in place, so that a new version is
 * another inode.
 */
export function etagOf({ size, ino, mtimeMs }: Version): string {
  return `"${size.toString(16)}-${Math.round(mtimeMs * 1000).toString(16)}-${ino.toString(16)}"`
}

/**
 * What binds a metadata record to the version of a file that it describes: size and time in milliseconds, which
 * copies that keep times (`cp -a`, `rsync -a`) keep too.
 *
 * Only a file whose time is a whole millisecond can have a record, and saving sees to it: what a kernel stamps has
 * nanoseconds, so that one `lstat` tells of nearly every file without metadata that there is no record to look for.
 */
export function tokenOf({ size, mtimeMs }: Version): string | undefined {
  const whole = Math.round(mtimeMs)
  return Math.abs(mtimeMs - whole) <= TOLERANCE ? `${size}-${whole}` : undefined
}

export function sameVersion(a: Version, b: Version): boolean {
  return a.ino === b.ino && a.size === b.size && a.mtimeMs === b.mtimeMs
}

/**
 * Entity tags that were given out a moment ago. A file system gives the inode of a deleted file to the next one, and
 * stamps all files of a tick (up to 4 ms) with one time: without this, a file that is replaced twice in a
 * tick could have its old tag with new bytes.
 */
export class RecentTags {
  #recent: Set<string> = new Set()
  #older: Set<string> = new Set()

  has(etag: string): boolean {
    return this.#recent.has(etag) || this.#older.has(etag)
  }

  add(etag: string): void {
    // No tick lasts long enough for a thousand saves.
    if (this.#recent.size >= 1000) {
      this.#older = this.#recent
      this.#recent = new Set()
    }
    this.#recent.add(etag)
  }
}
