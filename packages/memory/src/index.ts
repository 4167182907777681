import { queryOptions, registerScheme } from "@node-storages/core"
import { MemoryStorage } from "./memory-storage.ts"

export { MemoryStorage, type MemoryStorageOptions } from "./memory-storage.ts"

/** `memory:`, or `memory:?baseUrl=/media/` */
registerScheme("memory", (url) => new MemoryStorage(queryOptions(url, { location: "text", baseUrl: "text" })))
