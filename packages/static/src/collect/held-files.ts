import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { PublishedFile } from "../publishing/publisher.ts"
import { StaticError } from "../static-error.ts"

/** What is kept in memory at most, in bytes. */
const MOST_IN_MEMORY = 64 * 1024 * 1024

/** Files that are needed once more at the end of a run: in memory as long as they are few, then in a temporary folder. */
export class HeldFiles {
  readonly #most: number
  #inMemory = 0
  #files = 0
  #folder: Promise<string> | undefined

  constructor(mostInMemory: number = MOST_IN_MEMORY) {
    this.#most = mostInMemory
  }

  /**
   * @returns what gives the file back; for one call
   * @throws StaticError `publish-failed` where the folder takes no more
   */
  async hold(file: PublishedFile): Promise<() => Promise<PublishedFile>> {
    const size = file.bytes.byteLength
    if (this.#inMemory + size > this.#most) return this.#write(file)
    this.#inMemory += size
    return async () => {
      this.#inMemory -= size
      return file
    }
  }

  // A function of its own: what it returns holds on to all that is named in it, and the bytes are not.
  async #write({ bytes, ...file }: PublishedFile): Promise<() => Promise<PublishedFile>> {
    const path = await this.#save(file.name, bytes)
    return async () => ({ ...file, bytes: await readFile(path) })
  }

  async #save(name: string, bytes: Uint8Array): Promise<string> {
    try {
      this.#folder ??= mkdtemp(join(tmpdir(), "node-storages-collect-"))
      const path = join(await this.#folder, String(this.#files++))
      await writeFile(path, bytes)
      return path
    } catch (error) {
      throw new StaticError(
        "publish-failed",
        `${JSON.stringify(name)} could not be kept in ${tmpdir()} until all other files are stored: ` +
          `${(error as Error).message}. Free some space there, or set TMPDIR to a folder on another disk.`,
        { file: name, cause: error },
      )
    }
  }

  /** Removes the folder. What was not given back is lost. */
  async dispose(): Promise<void> {
    const folder = await this.#folder?.catch(() => undefined)
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  }
}
