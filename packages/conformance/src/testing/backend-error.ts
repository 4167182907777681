import type { StorageErrorCode } from "@node-storages/core"

/** What this backend throws: no StorageError, so that `errorCode` has something to do. */
export class BackendError extends Error {
  readonly meaning: StorageErrorCode
  constructor(meaning: StorageErrorCode) {
    super(`the backend says ${meaning}`)
    this.meaning = meaning
  }
}
