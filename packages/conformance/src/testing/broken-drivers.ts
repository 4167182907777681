import { passThrough, type StorageDriver } from "@node-storages/core"
import { BROKEN_COPIES, BROKEN_COPIES_BETWEEN, BROKEN_URLS } from "./broken-copies-and-urls.ts"
import { BROKEN_LISTS } from "./broken-lists.ts"
import { BROKEN_MULTIPART } from "./broken-multipart.ts"
import { BROKEN_PERMISSIONS } from "./broken-permissions.ts"
import { BROKEN_READERS } from "./broken-readers.ts"
import { BROKEN_WRITERS } from "./broken-writers.ts"
import type { ReferenceDriver } from "./reference-driver.ts"

/** A driver with one fault, as real adapters have had it, and the test that must catch it. */
export interface BrokenDriver {
  readonly fault: string
  /** How the path of the test begins. */
  readonly caughtBy: string
  readonly breaks: (honest: ReferenceDriver) => Partial<StorageDriver>
}

export const BROKEN_DRIVERS: readonly BrokenDriver[] = [
  ...BROKEN_WRITERS,
  ...BROKEN_READERS,
  ...BROKEN_LISTS,
  ...BROKEN_COPIES,
  ...BROKEN_COPIES_BETWEEN,
  ...BROKEN_URLS,
  ...BROKEN_MULTIPART,
  ...BROKEN_PERMISSIONS,
]

/** The honest driver with some members replaced. */
export function broken(honest: ReferenceDriver, { breaks }: BrokenDriver): StorageDriver {
  return { ...passThrough(honest), ...breaks(honest) }
}
