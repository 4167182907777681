import { checkOptions, type OptionNames, STORAGE_OPTIONS, StorageError, type StorageOptions } from "@node-storages/core"
import { mayBlock } from "@node-storages/core/adapter"
import { BlockingFileSystem } from "./blocking-file-system.ts"
import type { LocalFileSystem } from "./file-system.ts"
import { RESERVED } from "./folder.ts"
import type { LocalDriverOptions } from "./local-driver.ts"
import { NODE_FILE_SYSTEM } from "./node-file-system.ts"
import { SigningKeys } from "./signed-urls.ts"

export interface LocalStorageOptions extends StorageOptions {
  /** Permissions of new files, set whatever the umask: `0o644`. Default: what the process's umask leaves of `0o666`. */
  readonly fileMode?: number | undefined
  /** Permissions of new directories: `0o755`. Default: what the process's umask leaves of `0o777`. */
  readonly directoryMode?: number | undefined
  /**
   * Whether a save is reported only after the file and its directory are on the disk, so that it survives a power
   * failure. Costs one or more disk flushes for each save. Default: false; readers see whole files either way.
   */
  readonly fsync?: boolean | undefined
  /** Whether directories that a delete or a move leaves empty are removed, up to the root. Default: false. */
  readonly pruneEmptyDirectories?: boolean | undefined
  /**
   * Keys that sign URLs, of at least 32 characters, for files that the app serves by `serveStorage` of
   * `@node-storages/http`. The first key signs, all of them check: a new one is put in front, and the old one removed
   * when its URLs have expired. Needs `baseUrl`; `url()` then signs unless `signedUrls` is false. Default: no signed URLs.
   */
  readonly signingKeys?: readonly string[] | undefined
  /** What takes the place of the disk, for tests and other file systems: `node:fs/promises` fits. Default: the disk. */
  readonly fileSystem?: LocalFileSystem | undefined
}

const LOCAL_STORAGE_OPTIONS: OptionNames<LocalStorageOptions> = {
  ...STORAGE_OPTIONS,
  fileMode: true,
  directoryMode: true,
  fsync: true,
  pruneEmptyDirectories: true,
  signingKeys: true,
  fileSystem: true,
}

/** The options that the driver takes, checked and with their defaults. */
export function driverOptions(options: LocalStorageOptions): Omit<LocalDriverOptions, "name" | "target"> {
  checkOptions("LocalStorage", options, LOCAL_STORAGE_OPTIONS)
  const { fileMode, directoryMode, fsync, pruneEmptyDirectories, signingKeys, fileSystem, location } = options
  checkMode("fileMode", fileMode)
  checkMode("directoryMode", directoryMode)
  checkFlag("fsync", fsync)
  checkFlag("pruneEmptyDirectories", pruneEmptyDirectories)
  if (typeof location === "string" && location.split(/[/\\]/)[0]!.toLowerCase() === RESERVED) {
    throw invalid(`location ${JSON.stringify(location)} is where the storage keeps its own records`)
  }
  return {
    fileMode,
    directoryMode,
    fsync: fsync ?? false,
    pruneEmptyDirectories: pruneEmptyDirectories ?? false,
    signingKeys: signingKeys && new SigningKeys(signingKeys, options.baseUrl, "LocalStorage"),
    fileSystem: fileSystem ?? (mayBlock() ? new BlockingFileSystem() : NODE_FILE_SYSTEM),
  }
}

export function invalid(problem: string): StorageError {
  return new StorageError("invalid-option", `LocalStorage: ${problem}.`)
}

function checkMode(name: string, mode: unknown): void {
  if (mode === undefined || (Number.isInteger(mode) && (mode as number) >= 0 && (mode as number) <= 0o7777)) return
  throw invalid(`${name} ${JSON.stringify(mode) ?? typeof mode} is no file mode, like 0o644`)
}

function checkFlag(name: string, flag: unknown): void {
  if (flag === undefined || typeof flag === "boolean") return
  throw invalid(`${name} must be true or false, not ${JSON.stringify(flag) ?? typeof flag}`)
}
