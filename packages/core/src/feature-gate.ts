import type { DriverFeatures, StorageDriver } from "./driver.ts"
import { StorageError } from "./errors.ts"
import { passMultipart, passThrough } from "./layers/pass-through.ts"

/** The feature that each option of `put`, `copy` and `signedUpload` needs. */
const NEEDS_ON_PUT = {
  ifAbsent: "conditionalCreate",
  ifMatch: "conditionalMatch",
  metadata: "metadata",
  cacheControl: "cacheControl",
  contentDisposition: "contentDisposition",
  contentEncoding: "contentEncoding",
  contentLanguage: "contentLanguage",
} as const satisfies Record<string, keyof DriverFeatures>

const NEEDS_ON_COPY = { ifAbsent: "conditionalCopy" } as const

/** The error for what a backend can't do: names the option, the backend and the way out. */
export function unsupported(target: string, what: string, remedy: string): StorageError {
  return new StorageError("unsupported", `${target} can't honour ${what}. ${remedy}`, { storage: target })
}

/** Refuses, before any request, an option that the driver can't honour: nothing is dropped in silence. */
export function gateFeatures(next: StorageDriver): StorageDriver {
  const check = (options: object, needs: Readonly<Record<string, keyof DriverFeatures>>) => {
    for (const option in needs) {
      const value = (options as Record<string, unknown>)[option]
      if (value === undefined || value === false || next.features[needs[option]!]) continue
      throw unsupported(next.target, `"${option}"`, wayOut(option))
    }
  }
  const members = passThrough(next)
  const { put, copy, copyFrom, move, signedUpload, multipart } = members
  return {
    ...members,
    put: async (key, body, options) => {
      check(options, NEEDS_ON_PUT)
      return put(key, body, options)
    },
    copy:
      copy &&
      (async (from, to, options) => {
        check(options, NEEDS_ON_COPY)
        return copy(from, to, options)
      }),
    copyFrom:
      copyFrom &&
      (async (from, to, options) => {
        check(options, NEEDS_ON_COPY)
        return copyFrom(from, to, options)
      }),
    move:
      move &&
      (async (from, to, options) => {
        check(options, NEEDS_ON_COPY)
        return move(from, to, options)
      }),
    signedUpload:
      signedUpload &&
      (async (key, options) => {
        check(options, NEEDS_ON_PUT)
        return signedUpload(key, options)
      }),
    multipart: multipart && {
      ...passMultipart(multipart),
      start: async (key, options) => {
        check(options, NEEDS_ON_PUT)
        return multipart.start(key, options)
      },
    },
  }
}

function wayOut(option: string): string {
  if (option === "ifAbsent") {
    return "It has no atomic create: save with `overwrite: true`, or use write(), and choose names that are unique."
  }
  return `Leave the option out, or use a backend that has it.`
}
