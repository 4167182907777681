import { turnOfOthers } from "@node-storages/core/adapter"
import type { LocalDirectoryEntry, LocalFileHandle, LocalFileStats, LocalFileSystem } from "./file-system.ts"
import { CLOSED, NODE_FILE_SYSTEM, NodeFile } from "./node-file-system.ts"
import { fs } from "./node-modules.ts"

/** A disk whose calls take longer than this on average, in milliseconds, is better asked for several things at once. */
const SLOW = 0.2
/** How many calls the average is of. */
const CALLS = 64
/** What a call counts for at most, in milliseconds: one that had to wait once does not make a slow disk. */
const MOST_COUNTED = 1
/** More bytes than this are read and written beside whatever else there is to do. */
const MOST_BYTES = 128 * 1024

/** Calls at once, or answers with undefined where the disk is too slow for that. */
type Attempt = <Result>(call: () => Result) => Promise<Result> | undefined

/**
 * The disk, by calls that block: one takes 2 to 10 µs where the system answers from its memory, and 15 to 30 of processor
 * time by a thread. From the moment on in which the disk turns out to be slow, a network file system for example, it is
 * called by threads.
 */
export class BlockingFileSystem implements LocalFileSystem {
  readonly #slow: number
  /** Of the last calls, in milliseconds. */
  #average = 0

  /** @param slow from which average duration on threads are used, in milliseconds */
  constructor(slow: number = SLOW) {
    this.#slow = slow
  }

  open(path: string, flags: string | number, mode?: number): Promise<LocalFileHandle> {
    const attempt = this.#attempt
    return (
      attempt<LocalFileHandle>(() => new BlockingFile(fs.openSync(path, flags, mode), attempt)) ??
      NODE_FILE_SYSTEM.open(path, flags, mode)
    )
  }

  lstat(path: string): Promise<LocalFileStats> {
    return this.#attempt<LocalFileStats>(() => fs.lstatSync(path)) ?? NODE_FILE_SYSTEM.lstat(path)
  }

  realpath(path: string): Promise<string> {
    return this.#attempt(() => fs.realpathSync.native(path)) ?? NODE_FILE_SYSTEM.realpath(path)
  }

  readFile(path: string, encoding: "utf8"): Promise<string> {
    return this.#attempt(() => fs.readFileSync(path, encoding)) ?? NODE_FILE_SYSTEM.readFile(path, encoding)
  }

  readdir(path: string, options: { withFileTypes: true }): Promise<LocalDirectoryEntry[]> {
    return (
      this.#attempt<LocalDirectoryEntry[]>(() => fs.readdirSync(path, options)) ??
      NODE_FILE_SYSTEM.readdir(path, options)
    )
  }

  opendir(path: string): Promise<AsyncIterable<LocalDirectoryEntry>> {
    return NODE_FILE_SYSTEM.opendir(path)
  }

  mkdir(path: string, options?: { recursive?: boolean; mode?: number }): Promise<unknown> {
    return this.#attempt<unknown>(() => fs.mkdirSync(path, options)) ?? NODE_FILE_SYSTEM.mkdir(path, options)
  }

  rmdir(path: string): Promise<void> {
    return this.#attempt(() => fs.rmdirSync(path)) ?? NODE_FILE_SYSTEM.rmdir(path)
  }

  link(existing: string, path: string): Promise<void> {
    return this.#attempt(() => fs.linkSync(existing, path)) ?? NODE_FILE_SYSTEM.link(existing, path)
  }

  rename(from: string, to: string): Promise<void> {
    return this.#attempt(() => fs.renameSync(from, to)) ?? NODE_FILE_SYSTEM.rename(from, to)
  }

  unlink(path: string): Promise<void> {
    return this.#attempt(() => fs.unlinkSync(path)) ?? NODE_FILE_SYSTEM.unlink(path)
  }

  copyFile(from: string, to: string, mode: number): Promise<void> {
    return NODE_FILE_SYSTEM.copyFile(from, to, mode)
  }

  utimes(path: string, atime: number, mtime: number): Promise<void> {
    return this.#attempt(() => fs.utimesSync(path, atime, mtime)) ?? NODE_FILE_SYSTEM.utimes(path, atime, mtime)
  }

  chmod(path: string, mode: number): Promise<void> {
    return this.#attempt(() => fs.chmodSync(path, mode)) ?? NODE_FILE_SYSTEM.chmod(path, mode)
  }

  readonly #attempt: Attempt = <Result>(call: () => Result) => {
    if (this.#average > this.#slow) return undefined
    const turn = turnOfOthers()
    return turn ? turn.then(() => this.#timed(call)) : this.#timed(call)
  }

  async #timed<Result>(call: () => Result): Promise<Result> {
    const start = performance.now()
    try {
      return call()
    } finally {
      this.#average += (Math.min(performance.now() - start, MOST_COUNTED) - this.#average) / CALLS
    }
  }
}

class BlockingFile extends NodeFile {
  readonly #attempt: Attempt

  constructor(descriptor: number, attempt: Attempt) {
    super(descriptor)
    this.#attempt = attempt
  }

  override read(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesRead: number }> {
    const small =
      length <= MOST_BYTES &&
      this.#attempt(() => ({ bytesRead: fs.readSync(this.descriptor, buffer, offset, length, position) }))
    return small || super.read(buffer, offset, length, position)
  }

  override write(buffer: Uint8Array, offset: number, length: number): Promise<{ readonly bytesWritten: number }> {
    const small =
      length <= MOST_BYTES &&
      this.#attempt(() => ({ bytesWritten: fs.writeSync(this.descriptor, buffer, offset, length, null) }))
    return small || super.write(buffer, offset, length)
  }

  override stat(): Promise<LocalFileStats> {
    return this.#attempt<LocalFileStats>(() => fs.fstatSync(this.descriptor)) ?? super.stat()
  }

  override close(): Promise<void> {
    return this.#attempt(() => this.#close()) ?? super.close()
  }

  #close(): void {
    const descriptor = this.release()
    if (descriptor !== CLOSED) fs.closeSync(descriptor)
  }
}
