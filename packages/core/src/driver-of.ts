import type { StorageDriver } from "./driver.ts"
import type { DriverStorage } from "./driver-storage.ts"
import type { Storage } from "./storage.ts"

/** The composed driver of a storage, for tools; undefined for a storage that somebody has made without one. */
export function driverOf(storage: Storage): StorageDriver | undefined {
  return (storage as Partial<DriverStorage>).driver
}
