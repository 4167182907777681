import { existsSync } from "node:fs"
import { readdir, rmdir } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { randomText, type Storage, StorageError } from "@node-storages/core"

/** How long what was written may take to be removed, in milliseconds: also after Ctrl-C. */
const REMOVAL_LIMIT = 10_000

/** A file whose bytes are known: one that the check has written, or in a storage that is only read one that was there. */
export interface Sample {
  readonly name: string
  /** Undefined until it is read. */
  bytes: Uint8Array | undefined
}

/** The files of one check, all in a directory of a random name. What was begun to be written is remembered. */
export class CheckFiles {
  readonly directory: string = `storages-check-${randomText(10)}`
  readonly #storage: Storage
  /** Of a storage on this machine. */
  readonly #folder: string | undefined
  readonly #folderWasThere: boolean
  readonly #written = new Set<string>()
  /** What the steps read. */
  sample: Sample | undefined

  constructor(storage: Storage, target: string | undefined) {
    this.#storage = storage
    this.#folder = target?.startsWith("file:") ? fileURLToPath(target) : undefined
    this.#folderWasThere = this.#folder !== undefined && existsSync(this.#folder)
  }

  /** A name for a file that is about to be written. */
  add(file: string): string {
    const name = `${this.directory}/${file}`
    this.#written.add(name)
    return name
  }

  get written(): readonly string[] {
    return [...this.#written]
  }

  /** Deletes everything that was written. @throws what the storage throws */
  async remove(signal: AbortSignal): Promise<void> {
    for (const name of this.#written) {
      await this.#storage.delete(name, { signal })
      this.#written.delete(name)
    }
    await this.#removeDirectory()
  }

  /** What is left after a failure or Ctrl-C is deleted. @returns the names that could not be */
  async removeRest(): Promise<readonly string[]> {
    const signal = AbortSignal.timeout(REMOVAL_LIMIT)
    for (const name of this.#written) {
      try {
        await this.#storage.delete(name, { signal })
        this.#written.delete(name)
      } catch (error) {
        if (!(await this.#isMissing(name, error, signal))) continue
        this.#written.delete(name)
      }
    }
    await this.#removeDirectory()
    return this.written
  }

  /** A storage that refuses to delete may have refused to write, too: then nothing is left. */
  async #isMissing(name: string, error: unknown, signal: AbortSignal): Promise<boolean> {
    if (StorageError.is(error, "read-only")) return true
    return await this.#storage.exists(name, { signal }).then(
      (exists) => !exists,
      () => false,
    )
  }

  /** On disk empty directories would stay: that of the check, and all of a folder that was made for it. */
  async #removeDirectory(): Promise<void> {
    if (this.#written.size > 0 || this.#folder === undefined) return
    await removeEmpty(this.#folderWasThere ? join(this.#folder, this.directory) : this.#folder)
  }
}

/** Removes a directory and those in it, as far as there are no files in them. */
async function removeEmpty(directory: string): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => [])
  for (const entry of entries) if (entry.isDirectory()) await removeEmpty(join(directory, entry.name))
  await rmdir(directory).catch(() => undefined)
}
