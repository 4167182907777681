import type { Storage } from "../storage.ts"
import type { TransferOptions, TransferReport } from "./transfer-options.ts"

/**
 * Copies every file of one storage to another one, with headers and metadata, and skips what is there already, so that
 * a transfer that was interrupted goes on when it is called again. Nothing is deleted, unless the option `delete` says so:
 * then what the source does not have is deleted at the target, when all else has succeeded.
 *
 * Between storages of one service the service copies by itself where it can; else the bytes are streamed through this
 * process, in bounded memory. A file that fails does not stop the others.
 * @returns what was done; look at its `failures`, for which this does not reject
 * @throws StorageError `invalid-option` where the target is the source or within it; `aborted` by the signal or a
 * callback that throws, with the failures so far; what a listing fails with
 */
export async function transfer(from: Storage, to: Storage, options: TransferOptions = {}): Promise<TransferReport> {
  // An eighth of core, which most apps never need.
  const { transferFiles } = await import("./transfer-files.ts")
  return transferFiles(from, to, options)
}
