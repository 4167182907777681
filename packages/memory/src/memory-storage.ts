import { checkOptions, DriverStorage, STORAGE_OPTIONS, type StorageOptions } from "@node-storages/core"
import { LocalDriver } from "@node-storages/local"
import { MemoryFileSystem } from "./memory-file-system.ts"

/**
 * Files in the memory of this process, for tests and demos: the same driver as LocalStorage, with the same guarantees,
 * on a file system of its own. Nothing is shared with other instances, and nothing survives the process.
 */
export class MemoryStorage extends DriverStorage {
  /** @throws StorageError `invalid-option` for unknown or malformed options */
  constructor(options: StorageOptions = {}) {
    checkOptions("MemoryStorage", options, STORAGE_OPTIONS)
    const driver = new LocalDriver("/", {
      name: "memory",
      target: "memory:",
      fileSystem: new MemoryFileSystem(),
      fileMode: undefined,
      directoryMode: undefined,
      fsync: false,
      // A directory is not more than a part of names here: it goes with its last file.
      pruneEmptyDirectories: true,
    })
    super(driver, options)
  }
}
