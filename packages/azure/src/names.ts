import type { KeyLimits } from "@node-storages/core"

/**
 * The service's limits on the name of a blob.
 * https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata
 */
const MOST_CHARACTERS = 1024
const MOST_SEGMENTS = 254

export const LIMITS: KeyLimits = {
  keyCharacters: MOST_CHARACTERS,
  // No UTF-16 code unit takes more.
  keyBytes: MOST_CHARACTERS * 3,
  problem(key) {
    const segments = key.split("/")
    if (segments.length > MOST_SEGMENTS) {
      return `Azure takes at most ${MOST_SEGMENTS} segments between slashes, and this name has ${segments.length}`
    }
    // The service drops such a dot in silence, and answers for another blob.
    return segments.some((segment) => segment.endsWith(".")) ? "Azure drops a dot at the end of a segment" : undefined
  },
}
