import { setImmediate } from "node:timers/promises"
import type { LocalDirectoryEntry, LocalFileHandle, LocalFileStats, LocalFileSystem } from "@node-storages/local"
import type { Volume } from "memfs"

const COPYFILE_EXCL = 1

/** After this many calls the event loop gets a turn. */
const CALLS_PER_TURN = 32
/** memfs counts in whole milliseconds; what was stamped by a write is told with a fraction, as by a kernel. */
const STAMPED = 0.5

/**
 * A memfs volume with the manners of a real file system, as far as LocalDriver counts on them. memfs is loaded when
 * the first file is touched: importing this package costs nothing. Each call runs in one piece, and so is atomic.
 */
export class MemoryFileSystem implements LocalFileSystem {
  #volume: Promise<Volume> | undefined
  #calls = 0
  /** Inodes whose time was set by `utimes`: only those have a time that is a whole millisecond. */
  readonly #timed: Set<number> = new Set()

  async open(path: string, flags: string | number, mode?: number): Promise<LocalFileHandle> {
    const volume = await this.#load()
    // Flags are numbers of this platform, memfs knows Linux's: numbers are given only to read what is no link.
    if (typeof flags === "number" && this.#lstat(volume, path).isSymbolicLink())
      throw systemError("ELOOP", "open", path)
    const descriptor = volume.openSync(path, typeof flags === "number" ? "r" : flags, mode)
    return this.#handle(volume, descriptor)
  }

  #handle(volume: Volume, descriptor: number): LocalFileHandle {
    return {
      // memfs reads and writes by copying, so that no buffer of the caller's is kept.
      read: async (buffer, offset, length, position) => ({
        bytesRead: volume.readSync(descriptor, buffer, offset, length, position),
      }),
      write: async (buffer, offset, length) => ({
        bytesWritten: volume.writeSync(
          descriptor,
          Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength),
          offset,
          length,
        ),
      }),
      stat: async () => this.#tell(volume.fstatSync(descriptor)),
      chmod: async (mode) => volume.fchmodSync(descriptor, mode),
      sync: async () => {},
      close: async () => volume.closeSync(descriptor),
    }
  }

  async lstat(path: string): Promise<LocalFileStats> {
    return this.#lstat(await this.#load(), path)
  }

  async realpath(path: string): Promise<string> {
    return String((await this.#load()).realpathSync(path))
  }

  async readFile(path: string, encoding: "utf8"): Promise<string> {
    return String((await this.#load()).readFileSync(path, encoding))
  }

  async readdir(path: string, options: { withFileTypes: true }): Promise<LocalDirectoryEntry[]> {
    return (await this.#load()).readdirSync(path, options) as unknown as LocalDirectoryEntry[]
  }

  async opendir(path: string): Promise<AsyncIterable<LocalDirectoryEntry>> {
    const entries = await this.readdir(path, { withFileTypes: true })
    return (async function* () {
      yield* entries
    })()
  }

  async mkdir(path: string, options: { recursive?: boolean; mode?: number } = {}): Promise<unknown> {
    return (await this.#load()).mkdirSync(path, options)
  }

  async rmdir(path: string): Promise<void> {
    ;(await this.#load()).rmdirSync(path)
  }

  async link(existing: string, path: string): Promise<void> {
    const volume = await this.#load()
    // memfs puts a child below anything, a file too.
    if (!this.#lstat(volume, parentOf(path)).isDirectory()) throw systemError("ENOTDIR", "link", path)
    volume.linkSync(existing, path)
  }

  async rename(from: string, to: string): Promise<void> {
    const volume = await this.#load()
    const source = this.#lstat(volume, from)
    const replaced = this.#lstatIfThere(volume, to)
    // memfs replaces a directory by a file, and keeps the inode of what it replaces for ever.
    if (replaced?.isDirectory() && !source.isDirectory()) throw systemError("EISDIR", "rename", to)
    if (replaced?.ino === source.ino) return
    if (!this.#lstat(volume, parentOf(to)).isDirectory()) throw systemError("ENOTDIR", "rename", to)
    if (replaced) this.#unlink(volume, to)
    volume.renameSync(from, to)
  }

  async unlink(path: string): Promise<void> {
    this.#unlink(await this.#load(), path)
  }

  async copyFile(from: string, to: string): Promise<void> {
    const volume = await this.#load()
    // memfs can't clone blocks, and refuses to be asked.
    volume.copyFileSync(from, to, COPYFILE_EXCL)
  }

  async utimes(path: string, atime: number, mtime: number): Promise<void> {
    const volume = await this.#load()
    // memfs cuts off what is below a millisecond, also where it is only a rounding error.
    const milliseconds = Math.floor(mtime * 1000 + 0.01)
    volume.utimesSync(path, new Date(atime * 1000), new Date(milliseconds))
    const { ino } = this.#lstat(volume, path)
    if (Math.abs(mtime * 1000 - milliseconds) < 0.1) this.#timed.add(ino)
    else this.#timed.delete(ino)
  }

  async chmod(path: string, mode: number): Promise<void> {
    ;(await this.#load()).chmodSync(path, mode)
  }

  #unlink(volume: Volume, path: string): void {
    const { ino, nlink } = volume.lstatSync(path)
    volume.unlinkSync(path)
    // The number is given to another file when the last name is gone.
    if (nlink <= 1) this.#timed.delete(ino)
  }

  #lstat(volume: Volume, path: string): LocalFileStats {
    return this.#tell(volume.lstatSync(path))
  }

  #lstatIfThere(volume: Volume, path: string): LocalFileStats | undefined {
    try {
      return this.#lstat(volume, path)
    } catch {
      return undefined
    }
  }

  #tell(stats: Stats): LocalFileStats {
    const ino = Number(stats.ino)
    const mtimeMs = Number(stats.mtimeMs) + (this.#timed.has(ino) ? 0 : STAMPED)
    return {
      ino,
      mtimeMs,
      size: Number(stats.size),
      isFile: () => stats.isFile(),
      isDirectory: () => stats.isDirectory(),
      isSymbolicLink: () => stats.isSymbolicLink(),
    }
  }

  async #load(): Promise<Volume> {
    // As with a disk, others get a turn: without it a loop over files would hold up timers and sockets for ever.
    if (++this.#calls % CALLS_PER_TURN === 0) await setImmediate()
    return (this.#volume ??= import("memfs").then(({ Volume }) => Volume.fromJSON({})))
  }
}

interface Stats {
  readonly ino: number | bigint
  readonly size: number | bigint
  readonly mtimeMs: number | bigint
  isFile(): boolean
  isDirectory(): boolean
  isSymbolicLink(): boolean
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.search(/[/\\][^/\\]*$/)))
}

function systemError(code: string, call: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${call} '${path}'`), { code, syscall: call, path })
}
