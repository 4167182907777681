import { checkOptions, type OptionNames } from "../check-options.ts"
import { type NamedFailure, StorageError } from "../errors.ts"
import type { FileInfo } from "../file-info.ts"
import { normalizeDirectory } from "../names.ts"
import { wholeNumber } from "../whole-number.ts"

/**
 * When a file that is at the target already counts as the same, and is skipped:
 * - `"content"`: the bytes are the same, by what the storages tell of them; where that does not say, they are read
 * - `"size"`: as many bytes
 * - `"modified"`: as many bytes, and the target's are not older
 * - `false`: never
 * - a function: where it answers with true; listings of some services tell name, size, time and entity tag only
 *
 * Headers and metadata are not compared.
 */
export type TransferComparison =
  | "content"
  | "size"
  | "modified"
  | false
  | ((source: FileInfo, target: FileInfo) => boolean | Promise<boolean>)

/** Which files `transfer` copies, and how it compares them. */
export interface TransferOptions {
  /** Only files below this directory, which is the same in both storages: `"users/1"`. Default: all. */
  readonly prefix?: string | undefined
  /**
   * Files at once, 1 to 1,000. Each holds what the target needs for one upload: little for small files and on disk,
   * about 48 MiB for a large file to S3 with its default part size. Default: 48 small ones or 8 large ones, which are
   * those of 8 MiB and more; between them as many as have 64 MiB together.
   */
  readonly concurrency?: number | undefined
  /** Default: `"content"`. */
  readonly compare?: TransferComparison | undefined
  /**
   * Deletes the files of the target that the source does not have, below `prefix` where there is one: after all else,
   * and only if no file has failed. A source without files empties the target. Default: false.
   */
  readonly delete?: boolean | undefined
  /** Compares and reports what would be copied and deleted, and writes nothing. Default: false. */
  readonly dryRun?: boolean | undefined
  /** Called after each file. What it throws stops the transfer, which rejects with `aborted`. */
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined
  /** Stops the transfer, which rejects with `aborted`. What is copied by then stays. */
  readonly signal?: AbortSignal | undefined
}

/** What became of a file, and the counts so far. */
export interface TransferProgress {
  readonly name: string
  /** With `dryRun`, `"copied"` and `"deleted"` are what would be. */
  readonly action: "copied" | "skipped" | "deleted" | "failed"
  readonly copied: number
  readonly skipped: number
  readonly deleted: number
  readonly failed: number
  /** The sizes of the copied files together. */
  readonly bytes: number
}

/** What a transfer did. One with failures is reported, not thrown. */
export interface TransferReport {
  /** How many files were copied; with `dryRun`, how many would be. */
  readonly copied: number
  /** How many were at the target already. */
  readonly skipped: number
  /** The sizes of the copied files together, as the source's listing tells them. */
  readonly bytes: number
  /** The target's files that were deleted, with the option `delete`; with `dryRun`, those that would be. */
  readonly deleted: readonly string[]
  /** Each file that could not be compared, copied or deleted, and why. Empty where all went well. */
  readonly failures: readonly NamedFailure[]
}

const TRANSFER_OPTIONS: OptionNames<TransferOptions> = {
  prefix: true,
  concurrency: true,
  compare: true,
  delete: true,
  dryRun: true,
  onProgress: true,
  signal: true,
}

/** Of small files. The client of AWS keeps 50 connections: with more, requests wait for one. */
const DEFAULT_CONCURRENCY = 48
/** By default so many large files are under way at once. */
const LARGE_FILES = 8
const MOST_CONCURRENCY = 1000
const COMPARISONS: readonly unknown[] = ["content", "size", "modified", false] satisfies TransferComparison[]

/**
 * In bytes: what a large file counts for, whatever its size. From the usual part size of cloud storages on an upload is
 * one in parts, and holds a few of them.
 */
export const LARGE_FILE: number = 8 * 1024 * 1024

/** The options, checked and with their defaults. */
export interface TransferSettings {
  /** `""`, or with a trailing slash. */
  readonly directory: string
  readonly concurrency: number
  /** Of all files under way, each with what it counts for. */
  readonly bytesAtOnce: number
  readonly compare: TransferComparison
  readonly deletes: boolean
  readonly dryRun: boolean
  readonly onProgress: ((progress: TransferProgress) => void) | undefined
  readonly signal: AbortSignal | undefined
}

/** @throws StorageError `invalid-option`, or `invalid-name` for a prefix that is no directory */
export function transferSettings(options: TransferOptions): TransferSettings {
  checkOptions("transfer()", options, TRANSFER_OPTIONS)
  const { prefix = "", concurrency = DEFAULT_CONCURRENCY, compare = "content" } = options
  const { delete: deletes = false, dryRun = false, onProgress, signal } = options
  for (const [name, value] of Object.entries({ delete: deletes, dryRun })) {
    if (typeof value === "boolean") continue
    throw new StorageError("invalid-option", `transfer(): ${name} must be true or false, not ${JSON.stringify(value)}.`)
  }
  if (typeof compare !== "function" && !COMPARISONS.includes(compare)) {
    throw new StorageError(
      "invalid-option",
      `transfer(): compare must be "content", "size", "modified", false or a function, not ${JSON.stringify(compare)}.`,
    )
  }
  return {
    directory: normalizeDirectory(prefix),
    concurrency: wholeNumber("transfer(): concurrency", concurrency, 1, MOST_CONCURRENCY),
    bytesAtOnce: options.concurrency === undefined ? LARGE_FILES * LARGE_FILE : Infinity,
    compare,
    deletes,
    dryRun,
    onProgress,
    signal,
  }
}
