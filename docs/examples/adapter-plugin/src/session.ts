import type { FileEntryWithStats, SFTPWrapper, Stats } from "ssh2"
import { SftpError } from "./errors.ts"

/** An open file or folder. */
export type Handle = Buffer

type Callback<Result> = (error?: Error | null, result?: Result) => void

/** What servers may have beside SFTP 3. */
export interface Extensions {
  /** `hardlink@openssh.com` */
  readonly link: boolean
  /** `posix-rename@openssh.com` */
  readonly rename: boolean
}

/** SFTP on one connection, with promises. Requests are sent at once, whatever others wait for. */
export class Session {
  readonly extensions: Extensions
  readonly #sftp: SFTPWrapper
  readonly #onBusy: (busy: boolean) => void
  readonly #waiting: Set<(error: SftpError) => void> = new Set()
  #lost: SftpError | undefined

  private constructor(sftp: SFTPWrapper, onBusy: (busy: boolean) => void, extensions: Extensions) {
    this.#sftp = sftp
    this.#onBusy = onBusy
    this.extensions = extensions
  }

  /** @param onBusy is told when the first request is sent, and when the last answer has arrived */
  static start(sftp: SFTPWrapper, onBusy: (busy: boolean) => void): Session {
    // Without a path they do nothing but fail; where the server does not know them they throw before.
    const knows = (send: (done: () => void) => void): boolean => {
      try {
        send(() => {})
        return true
      } catch {
        return false
      }
    }
    return new Session(sftp, onBusy, {
      link: knows((done) => sftp.ext_openssh_hardlink("", "", done)),
      rename: knows((done) => sftp.ext_openssh_rename("", "", done)),
    })
  }

  /** Ends all requests: no answer will come any more. */
  lose(error: SftpError): void {
    this.#lost ??= error
    for (const reject of this.#waiting) reject(this.#lost)
  }

  open(path: string, flags: "r" | "wx", mode?: number): Promise<Handle> {
    return this.#request((done) => this.#sftp.open(path, flags, mode === undefined ? {} : { mode }, done))
  }

  close(handle: Handle): Promise<void> {
    return this.#request((done) => this.#sftp.close(handle, done))
  }

  /** @returns how many bytes were read; 0 at the end of the file */
  read(handle: Handle, buffer: Buffer, offset: number, length: number, position: number): Promise<number> {
    return this.#request((done) => this.#sftp.read(handle, buffer, offset, length, position, done))
  }

  /** Copies the bytes before it returns, as long as they are no more than a server must take at once. */
  write(handle: Handle, bytes: Buffer, position: number): Promise<void> {
    return this.#request((done) => this.#sftp.write(handle, bytes, 0, bytes.byteLength, position, done))
  }

  /** Copies from file to file on the server. Undefined where it can't (OpenSSH can since 9.0). */
  copyData(from: Handle, start: number, length: number, to: Handle): Promise<void> | undefined {
    try {
      return this.#request((done) => this.#sftp.ext_copy_data(from, start, length, to, start, done))
    } catch {
      return undefined
    }
  }

  /** Through symbolic links. */
  stat(path: string): Promise<Stats> {
    return this.#request((done) => this.#sftp.stat(path, done))
  }

  lstat(path: string): Promise<Stats> {
    return this.#request((done) => this.#sftp.lstat(path, done))
  }

  fstat(handle: Handle): Promise<Stats> {
    return this.#request((done) => this.#sftp.fstat(handle, done))
  }

  chmod(path: string, mode: number): Promise<void> {
    return this.#request((done) => this.#sftp.chmod(path, mode, done))
  }

  /** Creates a second name for a file; fails where the name is taken. One atomic act. */
  link(existing: string, path: string): Promise<void> {
    return this.#request((done) => this.#sftp.ext_openssh_hardlink(existing, path, done))
  }

  /** Renames, and replaces what has the name. One atomic act. */
  rename(from: string, to: string): Promise<void> {
    return this.#request((done) => this.#sftp.ext_openssh_rename(from, to, done))
  }

  unlink(path: string): Promise<void> {
    return this.#request((done) => this.#sftp.unlink(path, done))
  }

  mkdir(path: string, mode?: number): Promise<void> {
    return this.#request((done) => this.#sftp.mkdir(path, mode === undefined ? {} : { mode }, done))
  }

  rmdir(path: string): Promise<void> {
    return this.#request((done) => this.#sftp.rmdir(path, done))
  }

  /** The entries of a folder, as many at a time as the server gives. */
  async *readdir(path: string): AsyncGenerator<readonly FileEntryWithStats[]> {
    const handle = await this.#request<Handle>((done) => this.#sftp.opendir(path, done))
    try {
      for (;;) {
        const entries = await this.#request<FileEntryWithStats[] | undefined>((done) =>
          this.#sftp.readdir(handle, (error, list) => (isEnd(error) ? done(undefined, undefined) : done(error, list))),
        )
        if (entries === undefined) return
        yield entries
      }
    } finally {
      // Not awaited: who stops here does not care.
      this.close(handle).catch(() => {})
    }
  }

  /** Whether less than so many bytes can still be written below the path; false where the server does not tell. */
  async isFull(path: string, bytes: number): Promise<boolean> {
    try {
      const space = await this.#request<Record<"f_frsize" | "f_bavail" | "f_files" | "f_favail", number>>((done) =>
        this.#sftp.ext_openssh_statvfs(path, done),
      )
      const { f_frsize: unit, f_bavail: free, f_files: files, f_favail: freeFiles } = space
      return unit * free < bytes || (files > 0 && freeFiles === 0)
    } catch {
      return false
    }
  }

  #request<Result>(send: (done: Callback<Result>) => void): Promise<Result> {
    if (this.#lost) return Promise.reject(this.#lost)
    const { promise, resolve, reject } = Promise.withResolvers<Result>()
    const end = (): void => {
      if (this.#waiting.delete(fail) && this.#waiting.size === 0) this.#onBusy(false)
    }
    const fail = (error: SftpError): void => {
      end()
      reject(error)
    }
    if (this.#waiting.size === 0) this.#onBusy(true)
    this.#waiting.add(fail)
    try {
      send((error, result) => {
        if (error) return fail(wrapped(error))
        end()
        resolve(result as Result)
      })
    } catch (error) {
      end()
      throw error
    }
    return promise
  }
}

/** ssh2 puts the status of an answer into `code`; a connection that ended has none. */
function wrapped(error: Error): SftpError {
  const { code } = error as { code?: unknown }
  return new SftpError(error.message, typeof code === "number" ? code : undefined, undefined, error)
}

function isEnd(error: Error | null | undefined): boolean {
  return (error as { code?: unknown } | null | undefined)?.code === 1
}
