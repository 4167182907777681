import {
  abortError,
  type CopyOptions,
  type DriverCallOptions,
  type DriverFeatures,
  type DriverObject,
  type DriverPermissions,
  type FileInfo,
  type GetOptions,
  type KeyLimits,
  type ListPage,
  type ObjectPlace,
  type PageOptions,
  type PutBody,
  type PutOptions,
  type StorageDriver,
  type StorageErrorCode,
} from "@node-storages/core"
import { orAborted } from "@node-storages/core/adapter"
import { checkExtensions, commitFile } from "./commit.ts"
import type { Connection } from "./connection.ts"
import { copyBytes } from "./copy.ts"
import { errorCode, quietly, SftpError, STATUS, statusOf, unlessMissing } from "./errors.ts"
import { fileInfo } from "./file-info.ts"
import { Folder } from "./folder.ts"
import { keyProblem, listPage } from "./listing.ts"
import { type FolderSettings, RESERVED } from "./options.ts"
import { filePermissions } from "./permissions.ts"
import { clamp, readBody } from "./read-body.ts"
import type { Handle, Session } from "./session.ts"
import { type TemporaryFile, TemporaryFiles } from "./temporary-files.ts"
import { PIECE, type Wait, writeBody } from "./write-body.ts"

/** The longest path and the longest name of nearly every server, in bytes. */
const LONGEST_PATH = 4095
const LONGEST_SEGMENT = 255
/** How long nothing is written to a temporary file before it counts as left behind, in seconds. */
const STALE_AFTER = 86_400

/** SFTP keeps bytes, a time and permissions, and no header of any kind. */
const FEATURES: DriverFeatures = {
  conditionalCreate: true,
  conditionalMatch: false,
  conditionalCopy: true,
  metadata: false,
  cacheControl: false,
  contentDisposition: false,
  contentEncoding: false,
  contentLanguage: false,
}

/** Files below a folder of an SFTP server. */
export class SftpDriver implements StorageDriver {
  readonly name = "sftp"
  readonly target: string
  readonly features: DriverFeatures = FEATURES
  readonly limits: KeyLimits
  readonly permissions: DriverPermissions
  readonly #connection: Connection
  readonly #folder: Folder
  readonly #temporary: TemporaryFiles
  #swept = false

  constructor(connection: Connection, settings: FolderSettings, target: string) {
    this.target = target
    this.limits = {
      keyBytes: LONGEST_PATH - 1 - Buffer.byteLength(settings.root),
      segmentBytes: LONGEST_SEGMENT,
      reserved: [RESERVED],
      problem: keyProblem,
    }
    this.permissions = filePermissions(settings.root)
    this.#connection = connection
    this.#folder = new Folder(settings)
    this.#temporary = new TemporaryFiles(this.#folder)
  }

  async put(key: string, body: PutBody, options: PutOptions): Promise<FileInfo> {
    const { signal, ifAbsent, nextKey } = options
    const session = await this.#connection.session(signal)
    checkExtensions(session, ifAbsent, this.target)
    const wait = waitFor(signal, "write")
    return this.#store(session, { signal, ifAbsent, nextKey }, key, async (handle) => {
      await writeBody(session, handle, body, wait)
    })
  }

  async get(key: string, { range, signal }: GetOptions): Promise<DriverObject | undefined> {
    const session = await this.#connection.session(signal)
    const wait = waitFor(signal, "read")
    const opened = await this.#open(session, key, wait)
    if (opened === undefined) return undefined
    const part = clamp(range, opened.info.size)
    const chunks = await readBody(session, opened.handle, part, wait, signal)
    return { info: opened.info, length: part.end - part.start, chunks }
  }

  async head(key: string, { signal }: DriverCallOptions): Promise<FileInfo | undefined> {
    const session = await this.#connection.session(signal)
    const stats = await waitFor(signal, "stat")(unlessMissing(session.stat(this.#folder.path(key))))
    return stats?.isFile() ? fileInfo(key, stats) : undefined
  }

  async remove(key: string, { signal }: DriverCallOptions): Promise<void> {
    const session = await this.#connection.session(signal)
    const wait = waitFor(signal, "delete")
    const path = this.#folder.path(key)
    try {
      await wait(session.unlink(path))
    } catch (error) {
      if (statusOf(error) === STATUS.noSuchFile) return
      // A folder is no file: there is nothing to delete.
      if (statusOf(error) !== undefined && (await wait(unlessMissing(session.lstat(path))))?.isDirectory()) return
      throw error
    }
    await quietly(wait(this.#folder.prune(session, path)))
  }

  async page(options: PageOptions): Promise<ListPage> {
    const session = await this.#connection.session(options.signal)
    return waitFor(options.signal, "list")(listPage(this.#folder, session, options))
  }

  async copy(from: string, to: string, options: CopyOptions): Promise<FileInfo | undefined> {
    const { signal, ifAbsent } = options
    const session = await this.#connection.session(signal)
    checkExtensions(session, ifAbsent, this.target)
    const wait = waitFor(signal, "copy")
    const source = await this.#open(session, from, wait)
    if (source === undefined) return undefined
    try {
      return await this.#store(session, { signal, ifAbsent }, to, (handle) =>
        copyBytes(session, source.handle, handle, source.info.size, wait),
      )
    } finally {
      void quietly(session.close(source.handle))
    }
  }

  async move(from: string, to: string, options: CopyOptions): Promise<FileInfo | undefined> {
    const { signal, ifAbsent } = options
    const session = await this.#connection.session(signal)
    const wait = waitFor(signal, "move")
    const path = this.#folder.path(from)
    const stats = await wait(unlessMissing(session.lstat(path)))
    if (stats?.isSymbolicLink()) {
      // It may lead elsewhere from another folder: the file that it leads to is copied, as reading it would.
      const copied = await this.copy(from, to, options)
      if (copied) await this.remove(from, { signal })
      return copied
    }
    if (!stats?.isFile()) return undefined
    await commitFile({ folder: this.#folder, session, target: this.target, wait }, path, to, { signal, ifAbsent })
    // After a link the old name is there still. What somebody else has written under it meanwhile stays.
    const now = ifAbsent ? await wait(unlessMissing(session.lstat(path))) : undefined
    if (now?.size === stats.size && now.mtime === stats.mtime) await wait(session.unlink(path))
    await quietly(wait(this.#folder.prune(session, path)))
    return fileInfo(to, stats)
  }

  /** Lets `transfer` notice a target that lies within its source; there is no copy from server to server. */
  place(key: string): ObjectPlace {
    return {
      service: this.target.slice(0, -this.#folder.settings.root.length),
      bucket: this.#folder.settings.root,
      key,
    }
  }

  errorCode(error: unknown): StorageErrorCode | undefined {
    return errorCode(error)
  }

  /** @param age in seconds @returns how many files were removed */
  async sweep(age: number): Promise<number> {
    const session = await this.#connection.session(undefined)
    return this.#temporary.sweep(session, (await this.#temporary.now(session)) - age)
  }

  close(): Promise<void> {
    return this.#connection.close()
  }

  /** Makes a file where nobody looks, and gives it its name when it is whole. Nothing of it is left where it fails. */
  async #store(
    session: Session,
    options: CopyOptions & Pick<PutOptions, "nextKey">,
    key: string,
    fill: (handle: Handle) => Promise<void>,
  ): Promise<FileInfo> {
    const { signal, ifAbsent } = options
    const wait = waitFor(signal, "write")
    const { path, handle } = await this.#openTemporary(session, wait)
    let isOpen = true
    try {
      await fill(handle)
      const stats = await wait(session.fstat(handle))
      isOpen = false
      await wait(session.close(handle))
      const taken = await commitFile({ folder: this.#folder, session, target: this.target, wait }, path, key, options)
      if (ifAbsent) await quietly(wait(session.unlink(path)))
      this.#sweepOnce(session, stats.mtime - STALE_AFTER)
      return fileInfo(taken, stats)
    } catch (failure) {
      // Asked before the file is removed, which gives its space back.
      const error = await this.#explain(session, failure)
      // The server does one after the other: the file is closed, then removed. An abort is not to wait for that.
      const cleaned = Promise.all([isOpen && quietly(session.close(handle)), quietly(session.unlink(path))])
      if (!signal?.aborted) await cleaned
      throw error
    }
  }

  /** A full disk is no more than a failure to SFTP. */
  async #explain(session: Session, error: unknown): Promise<unknown> {
    if (statusOf(error) !== STATUS.failure || !(await session.isFull(this.#folder.settings.root, 2 * PIECE)))
      return error
    return new SftpError("no space left on the server", STATUS.failure, "no-space", error)
  }

  /** The regular file of a key, open for reading. It is looked at before: opening a FIFO would wait for its writer. */
  async #open(session: Session, key: string, wait: Wait): Promise<{ handle: Handle; info: FileInfo } | undefined> {
    const path = this.#folder.path(key)
    if (!(await wait(unlessMissing(session.stat(path))))?.isFile()) return undefined
    const opening = unlessMissing(session.open(path, "r"))
    try {
      const handle = await wait(opening)
      if (handle === undefined) return undefined
      return { handle, info: fileInfo(key, await wait(session.fstat(handle))) }
    } catch (error) {
      void quietly(opening.then((handle) => handle && session.close(handle)))
      throw error
    }
  }

  /** A temporary file. One that is made after nobody waits for it any more is removed again. */
  async #openTemporary(session: Session, wait: Wait): Promise<TemporaryFile> {
    const opening = this.#temporary.open(session)
    try {
      return await wait(opening)
    } catch (error) {
      void quietly(
        opening.then(({ path, handle }) =>
          Promise.all([quietly(session.close(handle)), quietly(session.unlink(path))]),
        ),
      )
      throw error
    }
  }

  /** What was left behind is swept after the first write. */
  #sweepOnce(session: Session, before: number): void {
    if (this.#swept) return
    this.#swept = true
    void quietly(this.#temporary.sweep(session, before))
  }
}

function waitFor(signal: AbortSignal | undefined, operation: string): Wait {
  return (work) => orAborted(work, signal, (aborted) => abortError(aborted, operation))
}
