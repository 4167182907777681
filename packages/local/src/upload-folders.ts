import { join } from "node:path"
import type { FileHeaders, UploadedPart } from "@node-storages/core"
import { isMissing, quietly, unlessMissing } from "./errors.ts"
import type { LocalFileStats } from "./file-system.ts"
import { etagOf } from "./file-version.ts"
import type { Folder } from "./folder.ts"
import { nodeCrypto } from "./node-modules.ts"
import { parseRecord } from "./records.ts"

const DIRECTORY = "uploads"
const RECORD = "upload.json"
const ID = /^[0-9a-f]{32}$/
const PART = /^[1-9]\d{0,4}$/

/** An upload that was started and has not ended. */
export interface OpenUpload {
  readonly directory: string
  readonly headers: FileHeaders
}

/**
 * Uploads in parts on disk, each in a directory of its own, `.node-storages/uploads/<id>`: the file `upload.json` has the
 * key and the headers, and each part is a file named by its number. An upload without its record is none.
 */
export class UploadFolders {
  readonly #folder: Folder

  constructor(folder: Folder) {
    this.#folder = folder
  }

  /** A directory for a new upload, and where its record belongs. */
  async make(): Promise<{ id: string; record: string }> {
    const id = nodeCrypto().randomBytes(16).toString("hex")
    return { id, record: join(await this.#folder.makeInternal(DIRECTORY, id), RECORD) }
  }

  /** Undefined where there is no such upload of this key. */
  async find(key: string, id: string): Promise<OpenUpload | undefined> {
    const directory = await this.#directoryOf(id)
    const record = directory === undefined ? undefined : await this.#read(directory)
    return record?.key === key ? { directory: directory!, headers: record.headers } : undefined
  }

  /** Whether the upload has not ended since it was found. */
  async isOpen({ directory }: OpenUpload): Promise<boolean> {
    return (await this.#read(directory)) !== undefined
  }

  /** By their numbers. */
  async parts({ directory }: OpenUpload): Promise<UploadedPart[]> {
    const parts: UploadedPart[] = []
    for (const name of await this.#namesIn(directory)) {
      if (!PART.test(name)) continue
      const stats = await unlessMissing(this.#folder.fileSystem.lstat(join(directory, name)))
      if (stats?.isFile()) parts.push(partOf(Number(name), stats))
    }
    return parts.toSorted((a, b) => a.number - b.number)
  }

  /** The record goes first: without it the upload is none, whatever is left of it. */
  async remove({ directory }: Pick<OpenUpload, "directory">): Promise<void> {
    const { fileSystem } = this.#folder
    await unlessMissing(fileSystem.unlink(join(directory, RECORD)))
    for (const name of await this.#namesIn(directory)) await unlessMissing(fileSystem.unlink(join(directory, name)))
    await quietly(fileSystem.rmdir(directory))
  }

  /** Removes uploads of which nothing has arrived since `before`, in milliseconds since 1970. @returns how many */
  async sweep(before: number): Promise<number> {
    const all = await this.#folder.internal(DIRECTORY)
    if (all === undefined) return 0
    let removed = 0
    for (const id of await this.#namesIn(all)) {
      const directory = await this.#directoryOf(id)
      if (directory === undefined || (await this.#lastArrival(directory)) >= before) continue
      await this.remove({ directory })
      removed++
    }
    return removed
  }

  async #lastArrival(directory: string): Promise<number> {
    const paths = [directory, ...(await this.#namesIn(directory)).map((name) => join(directory, name))]
    let last = 0
    for (const path of paths) {
      last = Math.max(last, (await unlessMissing(this.#folder.fileSystem.lstat(path)))?.mtimeMs ?? 0)
    }
    return last
  }

  async #directoryOf(id: string): Promise<string | undefined> {
    return ID.test(id) ? this.#folder.internal(DIRECTORY, id) : undefined
  }

  async #read(directory: string): Promise<ReturnType<typeof parseRecord>> {
    try {
      return parseRecord(await this.#folder.fileSystem.readFile(join(directory, RECORD), "utf8"))
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  async #namesIn(directory: string): Promise<string[]> {
    const entries = await unlessMissing(this.#folder.fileSystem.readdir(directory, { withFileTypes: true }))
    return (entries ?? []).map(({ name }) => name)
  }
}

/** Where a part is on disk. */
export function partPath({ directory }: OpenUpload, number: number): string {
  return join(directory, String(number))
}

/** A new part of the same number is another file, with another entity tag. */
export function partOf(number: number, stats: LocalFileStats): UploadedPart {
  return { number, size: stats.size, etag: etagOf(stats) }
}
