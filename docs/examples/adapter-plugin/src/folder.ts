import { posix } from "node:path"
import { StorageError } from "@node-storages/core"
import { STATUS, statusOf, unlessMissing } from "./errors.ts"
import { type FolderSettings, RESERVED } from "./options.ts"
import type { Session } from "./session.ts"

/** How often a folder that others remove is made again. */
const MOST_ATTEMPTS = 100
/** Files in the making are nobody else's. */
const INTERNAL_MODE = 0o700

/** Where keys are on the server, and the folders that hold them. */
export class Folder {
  readonly settings: FolderSettings
  /** Where files in the making are: on the root's file system, so that a commit is one link or rename. */
  readonly internal: string

  constructor(settings: FolderSettings) {
    this.settings = settings
    this.internal = below(settings.root, RESERVED)
  }

  /** @throws StorageError `invalid-name` for what the storage keeps for itself */
  path(key: string): string {
    if (key === RESERVED || key.startsWith(`${RESERVED}/`)) {
      throw new StorageError(
        "invalid-name",
        `"${RESERVED}" is reserved: this storage keeps files in the making there.`,
        {
          key,
        },
      )
    }
    return below(this.settings.root, key)
  }

  /** The folder of a listing's prefix: `""` or something that ends with a slash. */
  directory(prefix: string): string {
    return prefix === "" ? this.settings.root : this.path(prefix.slice(0, -1))
  }

  /** Makes the folder of a file, and those above it. */
  makeParent(session: Session, path: string, key: string): Promise<void> {
    return this.#make(session, posix.dirname(path), key, this.settings.directoryMode)
  }

  async makeInternal(session: Session): Promise<void> {
    await this.#make(session, this.settings.root, RESERVED, this.settings.directoryMode)
    await this.#make(session, this.internal, RESERVED, INTERNAL_MODE)
  }

  async #make(session: Session, path: string, key: string, mode: number | undefined): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await session.mkdir(path, mode)
        // The mode given to mkdir is cut by the umask.
        if (mode !== undefined) await session.chmod(path, mode)
        return
      } catch (error) {
        const parent = posix.dirname(path)
        if (statusOf(error) === STATUS.noSuchFile && parent !== path && attempt < MOST_ATTEMPTS) {
          await this.#make(session, parent, key, this.settings.directoryMode)
          continue
        }
        const stats = await unlessMissing(session.stat(path))
        if (stats?.isDirectory()) return
        if (stats !== undefined) throw fileInTheWay(key, error)
        throw error
      }
    }
  }

  /** Removes the folders of a file that is gone as long as they are empty. */
  async prune(session: Session, path: string): Promise<void> {
    if (!this.settings.prune) return
    const start = below(this.settings.root, "")
    for (let folder = posix.dirname(path); folder.startsWith(start); folder = posix.dirname(folder)) {
      // Not empty, or somebody else's: it stays.
      if (
        !(await session.rmdir(folder).then(
          () => true,
          () => false,
        ))
      )
        return
    }
  }
}

function below(root: string, key: string): string {
  return root.endsWith("/") ? root + key : `${root}/${key}`
}

function fileInTheWay(key: string, cause?: unknown): StorageError {
  return new StorageError(
    "conflict",
    `${JSON.stringify(key)} can't be stored: a part of its path is a file, and a file can't hold others. Choose another name, or move that file.`,
    { key, cause },
  )
}

export function directoryInTheWay(key: string, cause?: unknown): StorageError {
  return new StorageError(
    "conflict",
    `${JSON.stringify(key)} can't be stored: there is a folder of this name. Choose another name, or remove it.`,
    { key, cause },
  )
}
