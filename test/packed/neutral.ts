/** Core alone, in a program that knows nothing of Node: no `@types/node`, only what TypeScript has for browsers. */
import { DriverStorage, normalizeName, type Storage, type StorageDriver, StorageError } from "@node-storages/core"

export function storageOf(driver: StorageDriver): Storage {
  return new DriverStorage(driver, { location: normalizeName("media") })
}

export async function textOf(storage: Storage, name: string): Promise<string | undefined> {
  try {
    return await storage.open(name).text()
  } catch (error) {
    if (StorageError.is(error, "not-found")) return undefined
    throw error
  }
}
