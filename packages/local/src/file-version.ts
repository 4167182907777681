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

/** Names that were given to a version a moment ago and must not be given to another one yet. */
export class RecentNames {
  readonly #capacity: number
  #recent: Set<string> = new Set()
  #older: Set<string> = new Set()

  /** @param capacity how many are remembered at least */
  constructor(capacity: number) {
    this.#capacity = capacity
  }

  has(name: string): boolean {
    return this.#recent.has(name) || this.#older.has(name)
  }

  add(name: string): void {
    if (this.#recent.size >= this.#capacity) {
      this.#older = this.#recent
      this.#recent = new Set()
    }
    this.#recent.add(name)
  }
}
