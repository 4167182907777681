import type { StorageDriver } from "./driver.ts"
import type { Storage } from "./storage.ts"

const backends = new WeakMap<Storage, StorageDriver>()

/** Called once by a storage that is a view of a backend. */
export function rememberBackend(storage: Storage, backend: StorageDriver): void {
  backends.set(storage, backend)
}

/** Whether both are views of the same instance of a backend, through whatever layers. */
export function shareBackend(one: Storage, other: Storage): boolean {
  const backend = backends.get(one)
  return backend !== undefined && backend === backends.get(other)
}
