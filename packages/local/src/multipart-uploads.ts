import {
  type DriverCallOptions,
  type DriverMultipart,
  type FileInfo,
  type MultipartOptions,
  type PartLimits,
  type PutBody,
  type SignedPartOptions,
  type SignedUpload,
  StorageError,
  throwIfAborted,
  type UploadedPart,
} from "@node-storages/core"
import type { Commits } from "./commit.ts"
import { codeOf, quietly, unlessMissing } from "./errors.ts"
import { closing, type LocalFileHandle, type LocalFileStats, type Modes, READ_FLAGS } from "./file-system.ts"
import type { Folder } from "./folder.ts"
import { expiryOf, type SigningKeys } from "./signed-urls.ts"
import type { TemporaryFiles } from "./temporary-files.ts"
import { type OpenUpload, partOf, partPath, type UploadFolders } from "./upload-folders.ts"
import { writeAll, writeBody } from "./write-body.ts"

/** Parts are put together in blocks of this many bytes. */
const BLOCK = 1024 * 1024
const OPERATION = "multipart upload"

export interface UploadTools {
  readonly folder: Folder
  readonly uploads: UploadFolders
  readonly temporary: TemporaryFiles
  readonly commits: Commits
  readonly modes: Modes
  readonly signingKeys: SigningKeys
  /** For messages. */
  readonly target: string
}

/**
 * Uploads in parts that reach the app, which serves the storage. A part is written beside the others and renamed, so
 * that it is there whole or not at all; the file is put together in a temporary one, and committed as every file.
 */
export class MultipartUploads implements DriverMultipart {
  readonly limits: PartLimits = { smallest: 1, largest: 5 * 1024 ** 3, count: 10_000 }
  readonly #tools: UploadTools

  constructor(tools: UploadTools) {
    this.#tools = tools
  }

  async start(key: string, { signal, ...headers }: MultipartOptions): Promise<string> {
    const { folder, uploads } = this.#tools
    // Refuses what can't be a file's name here, before anything is sent.
    folder.place(await folder.makeRoot(), key)
    const { id, record } = await uploads.make()
    const content = Buffer.from(JSON.stringify({ version: 1, key, ...headers }))
    await this.#place(record, (handle) => writeAll(handle, content), signal)
    return id
  }

  async signPart(key: string, uploadId: string, number: number, options: SignedPartOptions): Promise<SignedUpload> {
    const { signedAt, expiresIn, size } = options
    const expiresAt = expiryOf(signedAt, expiresIn)
    const terms = { method: "PUT", expiresAt, size, part: { uploadId, number } } as const
    return { method: "PUT", url: this.#tools.signingKeys.url(key, terms), headers: {}, fields: {}, expiresAt }
  }

  async parts(key: string, uploadId: string, _options: DriverCallOptions): Promise<readonly UploadedPart[]> {
    return this.#tools.uploads.parts(await this.#find(key, uploadId))
  }

  async storePart(
    key: string,
    uploadId: string,
    number: number,
    body: PutBody,
    { signal }: DriverCallOptions,
  ): Promise<UploadedPart> {
    const { uploads } = this.#tools
    const upload = await this.#find(key, uploadId)
    let stats
    try {
      stats = await this.#place(partPath(upload, number), (handle) => writeBody(handle, body), signal)
    } catch (error) {
      throw codeOf(error) === "ENOENT" && !(await uploads.isOpen(upload)) ? this.#notFound(key, error) : error
    }
    if (await uploads.isOpen(upload)) return partOf(number, stats)
    // It has ended meanwhile: nobody would look for the part any more.
    await uploads.remove(upload)
    throw this.#notFound(key)
  }

  async complete(
    key: string,
    uploadId: string,
    parts: readonly UploadedPart[],
    { signal }: DriverCallOptions,
  ): Promise<FileInfo> {
    const { folder, uploads, temporary, commits, modes } = this.#tools
    const upload = await this.#find(key, uploadId)
    const { path, handle } = await temporary.open(modes.fileMode)
    let info
    try {
      await closing(handle, async () => {
        // The mode given to open is cut by the umask.
        if (modes.fileMode !== undefined) await handle.chmod(modes.fileMode)
        const block = Buffer.allocUnsafeSlow(BLOCK)
        for (const part of parts) await this.#append(handle, block, upload, part, { key, signal })
      })
      info = await commits.commit(path, key, upload.headers, { signal, operation: OPERATION })
    } catch (error) {
      await quietly(folder.fileSystem.unlink(path))
      throw error
    }
    // The file is there: what can't be removed is left to the sweep.
    await quietly(uploads.remove(upload))
    return info
  }

  async abort(key: string, uploadId: string, _options: DriverCallOptions): Promise<void> {
    const upload = await this.#tools.uploads.find(key, uploadId)
    if (upload) await this.#tools.uploads.remove(upload)
  }

  /** A file of this content at the path, in one act. */
  async #place(
    path: string,
    write: (handle: LocalFileHandle) => Promise<void>,
    signal: AbortSignal | undefined,
  ): Promise<LocalFileStats> {
    const { fileSystem } = this.#tools.folder
    const { path: temporary, handle } = await this.#tools.temporary.open(undefined)
    try {
      const stats = await closing(handle, async () => {
        await write(handle)
        return handle.stat()
      })
      throwIfAborted(signal, OPERATION)
      await fileSystem.rename(temporary, path)
      return stats
    } catch (error) {
      await quietly(fileSystem.unlink(temporary))
      throw error
    }
  }

  /** Appends the bytes of a part, if it is still the one that was told. */
  async #append(
    target: LocalFileHandle,
    block: Buffer,
    upload: OpenUpload,
    part: UploadedPart,
    { key, signal }: { readonly key: string; readonly signal: AbortSignal | undefined },
  ): Promise<void> {
    const { fileSystem } = this.#tools.folder
    const source = await unlessMissing(fileSystem.open(partPath(upload, part.number), READ_FLAGS ?? "r"))
    if (source === undefined) throw this.#changed(key, part)
    await closing(source, async () => {
      const now = partOf(part.number, await source.stat())
      if (now.size !== part.size || now.etag !== part.etag) throw this.#changed(key, part)
      for (let position = 0; position < part.size;) {
        throwIfAborted(signal, OPERATION)
        const { bytesRead } = await source.read(block, 0, Math.min(BLOCK, part.size - position), position)
        if (bytesRead === 0) throw this.#changed(key, part)
        await writeAll(target, block.subarray(0, bytesRead))
        position += bytesRead
      }
    })
  }

  async #find(key: string, uploadId: string): Promise<OpenUpload> {
    const upload = await this.#tools.uploads.find(key, uploadId)
    if (upload) return upload
    throw this.#notFound(key)
  }

  #notFound(key: string, cause?: unknown): StorageError {
    const { target } = this.#tools
    return new StorageError(
      "not-found",
      `There is no upload in parts of ${JSON.stringify(key)} in ${target} with this id: it was completed, aborted or swept.`,
      { operation: OPERATION, storage: target, key, cause },
    )
  }

  #changed(key: string, { number }: UploadedPart): StorageError {
    return new StorageError(
      "conflict",
      `Part ${number} of ${JSON.stringify(key)} is not the one that was told any more: it was sent again, or the upload has ` +
        "ended. Ask parts() for what has arrived.",
      { operation: OPERATION, storage: this.#tools.target, key },
    )
  }
}
