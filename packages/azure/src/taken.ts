import { StorageError } from "@node-storages/core"

/** The error of a create whose name is taken. */
export function taken(key: string, container: string, cause?: unknown): StorageError {
  const storage = `azblob://${container}`
  return new StorageError("already-exists", `There is a file ${JSON.stringify(key)} in ${storage} already.`, {
    operation: "write",
    storage,
    key,
    cause,
  })
}
