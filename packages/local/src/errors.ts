import { StorageError, type StorageErrorCode } from "@node-storages/core"

const CODES: ReadonlyMap<string, StorageErrorCode> = new Map([
  ["EEXIST", "already-exists"],
  ["ENOSPC", "no-space"],
  ["EDQUOT", "no-space"],
  ["EACCES", "permission-denied"],
  ["EPERM", "permission-denied"],
  ["EROFS", "permission-denied"],
  ["EISDIR", "conflict"],
  ["ENOTDIR", "conflict"],
  ["ELOOP", "conflict"],
  ["EBUSY", "conflict"],
  ["EMFILE", "unavailable"],
  ["ENFILE", "unavailable"],
  ["ESTALE", "unavailable"],
  ["ENAMETOOLONG", "invalid-name"],
] satisfies [string, StorageErrorCode][])

/** The code of a system error: `"ENOENT"`. */
export function codeOf(error: unknown): string | undefined {
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined
  return typeof code === "string" ? code : undefined
}

/** What a system error means for a storage. */
export function errorCode(error: unknown): StorageErrorCode | undefined {
  const code = codeOf(error)
  return code === undefined ? undefined : CODES.get(code)
}

/** Whether there is nothing at a path: no such entry, or what should be a directory above it is a file. */
export function isMissing(error: unknown): boolean {
  const code = codeOf(error)
  return code === "ENOENT" || code === "ENOTDIR"
}

/** The result, or undefined where there is nothing at the path. */
export async function unlessMissing<Result>(call: Promise<Result>): Promise<Result | undefined> {
  try {
    return await call
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** For clean-up whose failure must not hide the error that it follows; a later sweep takes what is left. */
export async function quietly(call: Promise<unknown>): Promise<void> {
  try {
    await call
  } catch {
    // Left to the sweep.
  }
}

/** The rule that no symbolic link leads out of the root. */
export function leavesRoot(key: string, root: string, cause?: unknown): StorageError {
  return new StorageError(
    "permission-denied",
    `${JSON.stringify(key)} leads out of the storage through a symbolic link, which is never followed: everything must stay ` +
      `inside ${root}. Replace the link by a directory (or a bind mount), or make its target the root of another storage.`,
    { key, cause },
  )
}

/** The rule that a name can't be a file and a directory at once. */
export function directoryInTheWay(key: string, cause?: unknown): StorageError {
  return new StorageError(
    "conflict",
    `${JSON.stringify(key)} can't be stored: there is a directory (or a device or socket) of this name on disk. ` +
      `Choose another name, or remove it.`,
    { key, cause },
  )
}

export function fileInTheWay(key: string, cause?: unknown): StorageError {
  return new StorageError(
    "conflict",
    `${JSON.stringify(key)} can't be stored: a part of its path is a file, and a file can't hold others on disk. ` +
      `Choose another name, or move that file.`,
    { key, cause },
  )
}
