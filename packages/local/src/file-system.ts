import { fs } from "./node-modules.ts"

const { constants } = fs

/** What is known of a file on disk: the part of `fs.Stats` that is used. */
export interface LocalFileStats {
  /** In bytes. */
  readonly size: number
  readonly ino: number
  /** In milliseconds since 1970, with what the file system has below them as fraction. */
  readonly mtimeMs: number
  isFile(): boolean
  isDirectory(): boolean
  isSymbolicLink(): boolean
}

/** The part of `Dirent` that is used. */
export interface LocalDirectoryEntry {
  readonly name: string
  isFile(): boolean
  isDirectory(): boolean
  isSymbolicLink(): boolean
}

/** The part of `FileHandle` that is used. */
export interface LocalFileHandle {
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>
  write(buffer: Uint8Array, offset: number, length: number): Promise<{ readonly bytesWritten: number }>
  stat(): Promise<LocalFileStats>
  chmod(mode: number): Promise<void>
  sync(): Promise<void>
  close(): Promise<void>
}

/** The part of `node:fs/promises` that is used: what takes its place must keep the same promises (POSIX's). */
export interface LocalFileSystem {
  open(path: string, flags: string | number, mode?: number): Promise<LocalFileHandle>
  lstat(path: string): Promise<LocalFileStats>
  realpath(path: string): Promise<string>
  readFile(path: string, encoding: "utf8"): Promise<string>
  readdir(path: string, options: { withFileTypes: true }): Promise<LocalDirectoryEntry[]>
  /** The same, entry by entry: for a look at a directory that may be huge. */
  opendir(path: string): Promise<AsyncIterable<LocalDirectoryEntry>>
  mkdir(path: string, options?: { recursive?: boolean; mode?: number }): Promise<unknown>
  rmdir(path: string): Promise<void>
  link(existing: string, path: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  unlink(path: string): Promise<void>
  copyFile(from: string, to: string, mode: number): Promise<void>
  utimes(path: string, atime: number, mtime: number): Promise<void>
  chmod(path: string, mode: number): Promise<void>
}

/**
 * How a file is opened to be read, in one call: not through a symbolic link in its last segment, and without waiting
 * for a writer where it is a FIFO. Undefined where the platform (Windows) can't refuse a link by a flag.
 */
export const READ_FLAGS: number | undefined =
  constants.O_NOFOLLOW === undefined ? undefined : constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** A clone of the blocks where the file system can share them (Btrfs, XFS, APFS), else a copy; a new file. */
export const COPY_MODE: number = constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL

/** Modes of new files and directories; undefined leaves them to the umask. */
export interface Modes {
  readonly fileMode: number | undefined
  readonly directoryMode: number | undefined
}

/** Closes the file after the work is done; a failure of the work is not hidden by one of closing. */
export async function closing<Result>(handle: LocalFileHandle, work: () => Promise<Result>): Promise<Result> {
  let result
  try {
    result = await work()
  } catch (error) {
    await handle.close().catch(() => {})
    throw error
  }
  await handle.close()
  return result
}
