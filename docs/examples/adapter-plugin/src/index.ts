import { registerScheme } from "@node-storages/core"
import { storageOfUrl } from "./storage-url.ts"

export type { SftpStorageOptions } from "./options.ts"
export { SftpStorage, type SweepOptions } from "./sftp-storage.ts"

registerScheme("sftp", storageOfUrl)
