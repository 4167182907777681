import {
  checkOptions,
  DriverStorage,
  type OptionNames,
  STORAGE_OPTIONS,
  type StorageOptions,
} from "@node-storages/core"
import { LocalDriver, SigningKeys } from "@node-storages/local"
import { MemoryFileSystem } from "./memory-file-system.ts"

export interface MemoryStorageOptions extends StorageOptions {
  /** Keys that sign URLs, as of `LocalStorage`: the first one signs, all of them check. Needs `baseUrl`. */
  readonly signingKeys?: readonly string[] | undefined
}

const MEMORY_STORAGE_OPTIONS: OptionNames<MemoryStorageOptions> = { ...STORAGE_OPTIONS, signingKeys: true }

/**
 * Files in the memory of this process, for tests and demos: the same driver as LocalStorage, with the same guarantees,
 * on a file system of its own. Nothing is shared with other instances, and nothing survives the process.
 */
export class MemoryStorage extends DriverStorage {
  /** @throws StorageError `invalid-option` for unknown or malformed options */
  constructor(options: MemoryStorageOptions = {}) {
    checkOptions("MemoryStorage", options, MEMORY_STORAGE_OPTIONS)
    const { signingKeys } = options
    const driver = new LocalDriver("/", {
      name: "memory",
      target: "memory:",
      fileSystem: new MemoryFileSystem(),
      fileMode: undefined,
      directoryMode: undefined,
      fsync: false,
      // A directory is not more than a part of names here: it goes with its last file.
      pruneEmptyDirectories: true,
      signingKeys: signingKeys && new SigningKeys(signingKeys, options.baseUrl, "MemoryStorage"),
    })
    super(driver, { ...options, signedUrls: options.signedUrls ?? (signingKeys && true) })
  }
}
