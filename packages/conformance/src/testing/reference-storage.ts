import {
  checkOptions,
  type DriverFeatures,
  DriverStorage,
  passThrough,
  type Storage,
  STORAGE_OPTIONS,
  type StorageDriver,
  type StorageOptions,
} from "@node-storages/core"
import type { ConformanceOptions } from "../options.ts"
import type { ObjectServer } from "./object-server.ts"
import { ReferenceDriver } from "./reference-driver.ts"

const NOTHING: DriverFeatures = {
  conditionalCreate: false,
  conditionalMatch: false,
  conditionalCopy: false,
  metadata: false,
  cacheControl: false,
  contentDisposition: false,
  contentEncoding: false,
  contentLanguage: false,
}

/** The required members only, and no feature. */
export function withoutCapabilities(driver: StorageDriver): StorageDriver {
  return {
    ...passThrough(driver),
    features: NOTHING,
    copy: undefined,
    place: undefined,
    copyFrom: undefined,
    move: undefined,
    removeMany: undefined,
    publicUrl: undefined,
    signedUrl: undefined,
    signedUpload: undefined,
    multipart: undefined,
  }
}

/** How the suite makes storages over the reference driver, or over what is made of it. */
export function referenceOptions(
  server: () => ObjectServer,
  change: (driver: ReferenceDriver) => StorageDriver = (driver) => driver,
): ConformanceOptions {
  const drivers = new WeakMap<Storage, ReferenceDriver>()
  const make = (options: StorageOptions, failure?: "permission-denied" | "network" | "bucket-not-found"): Storage => {
    checkOptions("ReferenceStorage", options, STORAGE_OPTIONS)
    const driver = new ReferenceDriver({ server: server(), failure })
    const storage = new DriverStorage(change(driver), options)
    drivers.set(storage, driver)
    return storage
  }
  return {
    create: () => make({}),
    createWith: (options) => make(options),
    createWithoutAccess: () => make({}, "permission-denied"),
    createUnreachable: () => make({}, "network"),
    createOnMissingBucket: () => make({}, "bucket-not-found"),
    foreignKeys: async (storage) => ({
      async put(key, bytes) {
        drivers.get(storage)!.store(key, new Uint8Array(bytes), { contentType: "application/octet-stream" })
      },
    }),
    secrets: ["a secret of the tests"],
    largeBytes: 600_000,
    // No assertion, as in all runs of ours: what hangs ends, and what a busy machine does slowly does not.
    timeout: 600_000,
  }
}
