import { queryOptions, registerScheme, StorageError } from "@node-storages/core"
import { LocalStorage } from "./local-storage.ts"

export type { LocalDirectoryEntry, LocalFileHandle, LocalFileStats, LocalFileSystem } from "./file-system.ts"
export { LocalDriver, type LocalDriverOptions, type SweepResult } from "./local-driver.ts"
export { LocalStorage, type SweepOptions } from "./local-storage.ts"
export type { LocalStorageOptions } from "./options.ts"
export { SigningKeys } from "./signed-urls.ts"

/** `file:///srv/media?baseUrl=https://media.example.com/&fsync=true&fileMode=644` */
registerScheme("file", (url) => {
  const { fileMode, directoryMode, ...options } = queryOptions(url, {
    location: "text",
    baseUrl: "text",
    fsync: "flag",
    pruneEmptyDirectories: "flag",
    fileMode: "text",
    directoryMode: "text",
  })
  return new LocalStorage(url, {
    ...options,
    ...(fileMode !== undefined && { fileMode: octal("fileMode", fileMode) }),
    ...(directoryMode !== undefined && { directoryMode: octal("directoryMode", directoryMode) }),
  })
})

function octal(name: string, mode: string): number {
  if (/^[0-7]{3,4}$/.test(mode)) return Number.parseInt(mode, 8)
  throw new StorageError("invalid-option", `The storage URL's parameter "${name}" must be octal, like 644.`)
}
