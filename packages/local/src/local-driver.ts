import {
  type CopyOptions,
  type DriverCallOptions,
  type DriverFeatures,
  type DriverObject,
  type FileInfo,
  type GetOptions,
  type KeyLimits,
  type ListPage,
  type NamesPage,
  type PageOptions,
  type PutBody,
  type PutOptions,
  StorageError,
  type StorageDriver,
  throwIfAborted,
} from "@node-storages/core"
import { Commits } from "./commit.ts"
import { codeOf, errorCode, quietly, unlessMissing } from "./errors.ts"
import { bareInfo, fileInfo, NO_HEADERS } from "./file-info.ts"
import { closing, COPY_MODE, type LocalFileSystem, type Modes } from "./file-system.ts"
import { sameVersion, tokenOf } from "./file-version.ts"
import { Folder, type FoundFile, RESERVED } from "./folder.ts"
import { listNamesPage, listPage } from "./listing.ts"
import { renameFile } from "./move.ts"
import { MultipartUploads } from "./multipart-uploads.ts"
import { openFile } from "./open-file.ts"
import { filePermissions } from "./permissions.ts"
import { clamp, readBody } from "./read-body.ts"
import { Records } from "./records.ts"
import { signedMembers, type SigningKeys } from "./signed-urls.ts"
import { TemporaryFiles } from "./temporary-files.ts"
import { UploadFolders } from "./upload-folders.ts"
import { writeBody } from "./write-body.ts"

/** The longest path that Linux takes, in bytes, without the NUL at its end. */
const LONGEST_PATH = 4095
/** The longest name of a file on nearly every file system, in bytes. */
const LONGEST_SEGMENT = 255
/** How often a file that is replaced again and again is looked at anew. */
const MOST_ATTEMPTS = 100
/** How long nothing is written to a temporary file before it counts as left behind, in milliseconds. */
const STALE_AFTER = 3_600_000

const FEATURES: DriverFeatures = {
  conditionalCreate: true,
  conditionalMatch: false,
  conditionalCopy: true,
  metadata: true,
  cacheControl: true,
  contentDisposition: true,
  contentEncoding: true,
  contentLanguage: true,
}

/** What a LocalDriver is made of: LocalStorage fills in the defaults. */
export interface LocalDriverOptions extends Modes {
  /** `"local"` */
  readonly name: string
  /** `"file:///srv/media"` */
  readonly target: string
  readonly fileSystem: LocalFileSystem
  /** Equal for drivers whose roots are paths of one file system tree: `"file"`. Default: it is this driver's alone. */
  readonly service?: string | undefined
  readonly fsync: boolean
  readonly pruneEmptyDirectories: boolean
  /** What signs URLs, where an app serves the files by `@node-storages/http`. Default: nothing does. */
  readonly signingKeys?: SigningKeys | undefined
}

/** What a sweep has removed. */
export interface SweepResult {
  /** Temporary files of writes that never ended. */
  readonly temporaryFiles: number
  /** Metadata records that no file matches. */
  readonly records: number
  /** Uploads in parts that were neither completed nor aborted. */
  readonly uploads: number
}

/** Files in a folder. For adapters that bring a file system of their own; apps use LocalStorage. */
export class LocalDriver implements StorageDriver {
  readonly name: string
  readonly target: string
  readonly features: DriverFeatures = FEATURES
  readonly limits: KeyLimits
  readonly permissions: StorageDriver["permissions"]
  readonly place: StorageDriver["place"]
  readonly signedUrl: StorageDriver["signedUrl"]
  readonly signedUpload: StorageDriver["signedUpload"]
  readonly checkSigned: StorageDriver["checkSigned"]
  readonly multipart: MultipartUploads | undefined
  readonly #options: LocalDriverOptions
  readonly #folder: Folder
  readonly #temporary: TemporaryFiles
  readonly #records: Records
  readonly #commits: Commits
  readonly #uploads: UploadFolders
  #swept = false

  /** @param root an absolute path */
  constructor(root: string, options: LocalDriverOptions) {
    this.name = options.name
    this.target = options.target
    this.limits = {
      keyBytes: LONGEST_PATH - 1 - Buffer.byteLength(root),
      segmentBytes: LONGEST_SEGMENT,
      reserved: [RESERVED],
    }
    const { service } = options
    // A file system of its own refuses nobody.
    this.permissions = service === undefined ? undefined : filePermissions(root)
    const bucket = root.replaceAll("\\", "/")
    this.place = service === undefined ? undefined : (key) => ({ service, bucket, key })
    const { signingKeys } = options
    const signed = signingKeys && signedMembers(signingKeys)
    this.signedUrl = signed?.signedUrl
    this.signedUpload = signed?.signedUpload
    this.checkSigned = signed?.checkSigned
    this.#options = options
    this.#folder = new Folder(root, options.fileSystem, options, options.fsync)
    this.#temporary = new TemporaryFiles(this.#folder)
    this.#records = new Records(this.#folder, options, options.fsync)
    this.#commits = new Commits(this.#folder, this.#records, options.fsync)
    this.#uploads = new UploadFolders(this.#folder)
    this.multipart =
      signingKeys &&
      new MultipartUploads({
        folder: this.#folder,
        uploads: this.#uploads,
        temporary: this.#temporary,
        commits: this.#commits,
        modes: options,
        signingKeys,
        target: this.target,
      })
  }

  async put(key: string, body: PutBody, options: PutOptions): Promise<FileInfo> {
    const { fileSystem, fileMode } = this.#options
    const { signal, ifAbsent, nextKey, ...headers } = options
    const { path, handle } = await this.#temporary.open(fileMode)
    this.#sweepOnce()
    try {
      await closing(handle, async () => {
        // The mode given to open is cut by the umask.
        if (fileMode !== undefined) await handle.chmod(fileMode)
        await writeBody(handle, body)
      })
      return await this.#commits.commit(path, key, headers, { signal, ifAbsent, nextKey, operation: "write" })
    } catch (error) {
      await quietly(fileSystem.unlink(path))
      throw error
    }
  }

  async get(key: string, { range, signal }: GetOptions): Promise<DriverObject | undefined> {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const opened = await openFile(this.#folder, key)
      if (opened === undefined) return undefined
      const { handle, file } = opened
      let info
      try {
        throwIfAborted(signal, "read")
        info = await this.#describe(key, file)
      } catch (error) {
        await quietly(handle.close())
        throw error
      }
      if (info !== undefined) {
        const { start, length } = clamp(range, info.size)
        return { info, length, chunks: await readBody(handle, start, length, signal) }
      }
      await handle.close()
    }
    throw changing(key)
  }

  async head(key: string, _options: DriverCallOptions): Promise<FileInfo | undefined> {
    return (await this.#find(key))?.info
  }

  async remove(key: string, { signal }: DriverCallOptions): Promise<void> {
    const { fileSystem } = this.#options
    const root = await this.#folder.realRoot()
    if (root === undefined) return
    const place = await this.#folder.resolve(root, this.#folder.place(root, key))
    if (place === undefined) return
    const previous = await this.#commits.previous(place)
    throwIfAborted(signal, "delete")
    try {
      if ((await unlessMissing(fileSystem.unlink(place.path).then(() => true))) === undefined) return
    } catch (error) {
      // Linux answers EISDIR, others EPERM. A directory is no file: there is nothing to delete.
      const mayBeDirectory = codeOf(error) === "EISDIR" || codeOf(error) === "EPERM"
      if (mayBeDirectory && (await unlessMissing(fileSystem.lstat(place.path)))?.isDirectory()) return
      throw error
    }
    await this.#records.remove(place.key, previous)
    if (this.#options.pruneEmptyDirectories) await this.#folder.prune(root, place.directory)
  }

  page(options: PageOptions): Promise<ListPage> {
    return listPage(
      this.#folder,
      options,
      options.headers === false
        ? async (name, file) => bareInfo(name, file.stats)
        : async (name, file) => (await this.#describe(name, file)) ?? (await this.#find(name))?.info,
    )
  }

  pageNames(options: PageOptions): Promise<NamesPage> {
    return listNamesPage(this.#folder, options)
  }

  async copy(from: string, to: string, options: CopyOptions): Promise<FileInfo | undefined> {
    const { fileSystem, fileMode } = this.#options
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const source = await this.#find(from, true)
      if (source === undefined) return undefined
      const { file, info } = source
      const copied = await unlessMissing(
        this.#temporary.create((path) => fileSystem.copyFile(file.path, path, COPY_MODE)),
      )
      if (copied === undefined) continue
      this.#sweepOnce()
      try {
        const now = await unlessMissing(fileSystem.lstat(file.path))
        if (now && sameVersion(now, file.stats)) {
          if (fileMode !== undefined) await fileSystem.chmod(copied.path, fileMode)
          return await this.#commits.commit(copied.path, to, info, { ...options, operation: "copy" })
        }
      } catch (error) {
        await quietly(fileSystem.unlink(copied.path))
        throw error
      }
      await quietly(fileSystem.unlink(copied.path))
    }
    throw changing(from)
  }

  async move(from: string, to: string, options: CopyOptions): Promise<FileInfo | undefined> {
    const source = await this.#find(from, true)
    if (source === undefined) return undefined
    const { file, info } = source
    if (!file.isLink) {
      const parts = { folder: this.#folder, records: this.#records, commits: this.#commits, fsync: this.#options.fsync }
      const moved = await renameFile(parts, file, info, to, options)
      if (moved) {
        if (this.#options.pruneEmptyDirectories)
          await this.#folder.prune((await this.#folder.realRoot())!, file.directory)
        return moved
      }
    }
    const copied = await this.copy(from, to, options)
    if (copied === undefined) return undefined
    const now = await this.#folder.find(from)
    if (now && !sameVersion(now.stats, file.stats)) throw changing(from)
    await this.remove(from, {})
    return copied
  }

  errorCode(error: unknown): ReturnType<typeof errorCode> {
    return errorCode(error)
  }

  /** Removes temporary files, records and uploads that belong to nothing and are older than so many milliseconds. */
  async sweep(age: number, uploadAge: number): Promise<SweepResult> {
    const now = Date.now()
    return {
      temporaryFiles: await this.#temporary.sweep(now - age),
      records: await this.#records.sweep(now - age),
      uploads: await this.#uploads.sweep(now - uploadAge),
    }
  }

  /** What processes that were killed have left is swept at the first write, beside it. */
  #sweepOnce(): void {
    if (this.#swept) return
    this.#swept = true
    void quietly(this.#temporary.sweep(Date.now() - STALE_AFTER))
  }

  async #find(key: string, strict = false): Promise<{ file: FoundFile; info: FileInfo } | undefined> {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const file = await this.#folder.find(key)
      if (file === undefined) return undefined
      const info = await this.#describe(key, file, strict)
      if (info !== undefined) return { file, info }
    }
    throw changing(key)
  }

  /**
   * What is known of a version of a file, or undefined where it was replaced or deleted before its record was read:
   * the record goes with its version, so that none found means none only while the version is in place.
   */
  async #describe(name: string, file: FoundFile, strict = false): Promise<FileInfo | undefined> {
    if (tokenOf(file.stats) === undefined) return fileInfo(name, file.stats, NO_HEADERS)
    const headers = await this.#records.read(file.key, file.stats, strict)
    const now = await unlessMissing(this.#options.fileSystem.lstat(file.path))
    return now && sameVersion(now, file.stats) ? fileInfo(name, file.stats, headers) : undefined
  }
}

function changing(key: string): StorageError {
  return new StorageError("conflict", `${JSON.stringify(key)} was replaced again and again while it was looked at.`, {
    key,
  })
}
