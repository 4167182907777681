import type { DriverFeatures, Storage, StorageDriver } from "@node-storages/core"
import type { ConformanceOptions } from "./options.ts"

/** Something without which a test makes no sense here. Each answers with the reason why the test is not run. */
export interface Need {
  /** Known before anything runs, from the options given to the suite. */
  fromOptions?(options: ConformanceOptions): string | undefined
  /** Known from what the storage declares. */
  fromStorage?(storage: Storage, driver: StorageDriver, options: ConformanceOptions): string | undefined
}

type Feature = Exclude<keyof DriverFeatures, "removeManyLimit">
type Capability =
  | "copy"
  | "copyFrom"
  | "move"
  | "removeMany"
  | "publicUrl"
  | "signedUrl"
  | "signedUpload"
  | "multipart"
  | "permissions"
type Facility =
  | "createWith"
  | "createWithoutAccess"
  | "createUnreachable"
  | "createOnMissingBucket"
  | "foreignKeys"
  | "secrets"

/** The driver says that it has the feature. */
export function declares(feature: Feature): Need {
  return {
    fromStorage: (_, { features }) => (features[feature] ? undefined : `the driver does not declare ${feature}`),
  }
}

/** The driver says that it has not got the feature: using it must be refused. */
export function declaresNo(feature: Feature): Need {
  return { fromStorage: (_, { features }) => (features[feature] ? `the driver declares ${feature}` : undefined) }
}

export function has(capability: Capability): Need {
  return { fromStorage: (_, driver) => (driver[capability] ? undefined : `the driver has no ${capability}`) }
}

export function hasNo(capability: Capability): Need {
  return { fromStorage: (_, driver) => (driver[capability] ? `the driver has ${capability}` : undefined) }
}

/** An option of the suite, without which the situation can't be made. */
export function given(facility: Facility): Need {
  return {
    fromOptions: (options) => (options[facility] === undefined ? `the suite was given no ${facility}` : undefined),
  }
}

/** Something answers at the storage's URLs. */
export const servedUrls: Need = { fromOptions: ({ urls }) => urls?.notServed }

/** Something answers at the URLs of parts, or the app itself can store them. */
export const partsCanBeSent: Need = {
  fromStorage: (_, { multipart }, { urls }) => (multipart?.storePart ? undefined : urls?.notServed),
}

/** The storage, as it was made, has public URLs. */
export const publicUrls: Need = {
  fromStorage(storage) {
    try {
      storage.publicUrl("a.txt")
      return undefined
    } catch {
      return "the storage's URLs are not public"
    }
  },
}

/** The backend limits keys by their characters. */
export const countsCharacters: Need = {
  fromStorage: (_, { limits }) =>
    limits.keyCharacters === undefined ? "the backend does not count characters" : undefined,
}
