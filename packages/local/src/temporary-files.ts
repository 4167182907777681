import { join } from "node:path"
import { randomText } from "@node-storages/core"
import { codeOf, unlessMissing } from "./errors.ts"
import type { Folder } from "./folder.ts"
import type { LocalFileHandle } from "./file-system.ts"

const DIRECTORY = "tmp"
const MOST_ATTEMPTS = 10

/** Files in the making, in a directory of their own on the root's file system, so that a commit is one link or rename. */
export class TemporaryFiles {
  readonly #folder: Folder
  /** Names no file of another process or instance; a count tells those of this one apart. */
  readonly #prefix: string = randomText(20)
  #count = 0
  #directory: string | undefined

  constructor(folder: Folder) {
    this.#folder = folder
  }

  /** Makes a file of a name of its own by `make`, which gets the path; the directory is made where it is gone. */
  async create<Made>(make: (path: string) => Promise<Made>): Promise<{ path: string; made: Made }> {
    for (let attempt = 1; ; attempt++) {
      this.#directory ??= await this.#folder.makeInternal(DIRECTORY)
      const path = join(this.#directory, `${this.#prefix}-${this.#count++}.tmp`)
      try {
        return { path, made: await make(path) }
      } catch (error) {
        if (codeOf(error) !== "ENOENT" || attempt === MOST_ATTEMPTS) throw error
        this.#directory = undefined
      }
    }
  }

  /** An empty file, open for writing. */
  async open(mode: number | undefined): Promise<{ path: string; handle: LocalFileHandle }> {
    const { fileSystem } = this.#folder
    const { path, made } = await this.create((free) => fileSystem.open(free, "wx", mode))
    return { path, handle: made }
  }

  /** Removes what processes that were killed have left: files that nothing was written to since `before`. */
  async sweep(before: number): Promise<number> {
    const { fileSystem } = this.#folder
    const directory = await this.#folder.internal(DIRECTORY)
    if (directory === undefined) return 0
    let removed = 0
    for (const { name } of (await unlessMissing(fileSystem.readdir(directory, { withFileTypes: true }))) ?? []) {
      const path = join(directory, name)
      const stats = await unlessMissing(fileSystem.lstat(path))
      if (stats === undefined || stats.isDirectory() || stats.mtimeMs >= before) continue
      await unlessMissing(fileSystem.unlink(path))
      removed++
    }
    return removed
  }
}
