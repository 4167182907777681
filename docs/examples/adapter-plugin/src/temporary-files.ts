import { randomText } from "@node-storages/core"
import { quietly, STATUS, statusOf, unlessMissing } from "./errors.ts"
import type { Folder } from "./folder.ts"
import type { Handle, Session } from "./session.ts"

export interface TemporaryFile {
  readonly path: string
  readonly handle: Handle
}

/** Files in the making, in a hidden folder at the root. */
export class TemporaryFiles {
  readonly #folder: Folder
  /** Names no file of another process or instance; a count tells those of this one apart. */
  readonly #prefix: string = randomText(20)
  #count = 0

  constructor(folder: Folder) {
    this.#folder = folder
  }

  /** An empty file of a name of its own, open for writing. */
  async open(session: Session): Promise<TemporaryFile> {
    const { fileMode } = this.#folder.settings
    const path = `${this.#folder.internal}/${this.#prefix}-${this.#count++}.tmp`
    let handle: Handle
    try {
      handle = await session.open(path, "wx", fileMode)
    } catch (error) {
      if (statusOf(error) !== STATUS.noSuchFile) throw error
      await this.#folder.makeInternal(session)
      handle = await session.open(path, "wx", fileMode)
    }
    // The mode given to open is cut by the umask.
    if (fileMode !== undefined) await session.chmod(path, fileMode)
    return { path, handle }
  }

  /**
   * Removes what connections that broke and processes that were killed have left: files that nothing was written to since
   * `before`, in seconds since 1970 by the server's clock. @returns how many
   */
  async sweep(session: Session, before: number): Promise<number> {
    let removed = 0
    try {
      for await (const entries of session.readdir(this.#folder.internal)) {
        for (const { filename, attrs } of entries) {
          if (!attrs.isFile() || attrs.mtime > before) continue
          await unlessMissing(session.unlink(`${this.#folder.internal}/${filename}`))
          removed++
        }
      }
    } catch (error) {
      if (statusOf(error) !== STATUS.noSuchFile) throw error
    }
    return removed
  }

  /** The server's time, as a new file shows it, in seconds since 1970. */
  async now(session: Session): Promise<number> {
    const { path, handle } = await this.open(session)
    try {
      return (await session.fstat(handle)).mtime
    } finally {
      await quietly(session.close(handle))
      await quietly(session.unlink(path))
    }
  }
}
