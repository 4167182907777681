import { passThrough, type StorageDriver, StorageError } from "@node-storages/core"

/**
 * The service's limit is 1,024 characters; held in bytes of UTF-8, as on the other services, so that a name that is legal
 * on one is legal on all.
 */
export const KEY_BYTES = 1024
/** The service's limit on the `/`-separated segments of a name. */
const MOST_SEGMENTS = 254

/** Why the service could not hold a key as it is, or undefined where it can. */
function keyProblem(key: string): string | undefined {
  const segments = key.split("/")
  if (segments.length > MOST_SEGMENTS) {
    return `Azure takes at most ${MOST_SEGMENTS} segments between slashes, and it has ${segments.length}`
  }
  // The service drops such a dot in silence, and answers for another blob.
  if (segments.some((segment) => segment.endsWith("."))) return "Azure drops a dot at the end of a segment"
  return undefined
}

function refused(target: string, key: string, problem: string): StorageError {
  return new StorageError("invalid-name", `${JSON.stringify(key)} is no legal name in ${target}: ${problem}.`, {
    storage: target,
    key,
  })
}

/** Refuses, before any request, keys that the service would change in silence or refuse late. Lists every member. */
export function checkKeys(next: StorageDriver): StorageDriver {
  const members = passThrough(next)
  const { copy, copyFrom, place, publicUrl, removeMany, signedUpload, signedUrl } = members
  const check = (key: string) => {
    const problem = keyProblem(key)
    if (problem !== undefined) throw refused(next.target, key, problem)
  }
  return {
    ...members,
    put: async (key, body, options) => {
      check(key)
      return next.put(key, body, options)
    },
    get: async (key, options) => {
      check(key)
      return next.get(key, options)
    },
    head: async (key, options) => {
      check(key)
      return next.head(key, options)
    },
    remove: async (key, options) => {
      check(key)
      return next.remove(key, options)
    },
    removeMany:
      removeMany &&
      (async (keys, options) => {
        const failures = keys.flatMap((key) => {
          const problem = keyProblem(key)
          return problem === undefined ? [] : [{ key, error: refused(next.target, key, problem) }]
        })
        const legal = keys.filter((key) => keyProblem(key) === undefined)
        return legal.length === 0 ? failures : [...failures, ...(await removeMany(legal, options))]
      }),
    copy:
      copy &&
      (async (from, to, options) => {
        check(from)
        check(to)
        return copy(from, to, options)
      }),
    copyFrom:
      copyFrom &&
      (async (from, to, options) => {
        check(to)
        return copyFrom(from, to, options)
      }),
    place: place && ((key) => (keyProblem(key) === undefined ? place(key) : undefined)),
    publicUrl:
      publicUrl &&
      ((key) => {
        check(key)
        return publicUrl(key)
      }),
    signedUrl:
      signedUrl &&
      (async (key, options) => {
        check(key)
        return signedUrl(key, options)
      }),
    signedUpload:
      signedUpload &&
      (async (key, options) => {
        check(key)
        return signedUpload(key, options)
      }),
  }
}
