import type { CompleteDriver, CompleteMultipart, Layer } from "../driver.ts"
import type { FileInfo } from "../file-info.ts"
import { StorageError } from "../errors.ts"
import { type KeyLimits, nameProblem, normalizeDirectory, utf8Length } from "../names.ts"

/**
 * Everything below a directory, as if it were the whole storage: `prefix("tenant-1/")`. A name can't leave it.
 * Every member is listed, so that none can be forgotten and reach another tenant's files.
 */
export function prefix(directory: string): Layer {
  const base = normalizeDirectory(directory)
  if (base === "") return (next) => next
  const outer = (key: string) => base + key
  const inner = (info: FileInfo): FileInfo => ({ ...info, name: info.name.slice(base.length) })

  return (next) => {
    const problem = nameProblem(base.slice(0, -1), next.limits)
    if (problem !== undefined) {
      throw new StorageError(
        "invalid-option",
        `${next.target} can't have the location ${JSON.stringify(base)}: ${problem}.`,
      )
    }
    const {
      pageNames,
      copy,
      place,
      copyFrom,
      move,
      removeMany,
      publicUrl,
      signedUrl,
      signedUpload,
      checkSigned,
      multipart,
    } = next
    const innerMultipart: CompleteMultipart | undefined = multipart && {
      limits: multipart.limits,
      start: (key, options) => multipart.start(outer(key), options),
      signPart: (key, id, number, options) => multipart.signPart(outer(key), id, number, options),
      parts: (key, id, options) => multipart.parts(outer(key), id, options),
      complete: async (key, id, parts, options) => inner(await multipart.complete(outer(key), id, parts, options)),
      abort: (key, id, options) => multipart.abort(outer(key), id, options),
      storePart:
        multipart.storePart &&
        ((key, id, number, body, options) => multipart.storePart!(outer(key), id, number, body, options)),
    }
    const complete: CompleteDriver = {
      name: next.name,
      target: `${next.target.replace(/\/$/, "")}/${base.slice(0, -1)}`,
      features: next.features,
      limits: innerLimits(next.limits, base),
      permissions: next.permissions,
      put: async (key, body, options) => {
        const { nextKey } = options
        return inner(await next.put(outer(key), body, { ...options, nextKey: nextKey && (() => outer(nextKey())) }))
      },
      get: async (key, options) => {
        const object = await next.get(outer(key), options)
        return object && { ...object, info: inner(object.info) }
      },
      head: async (key, options) => {
        const info = await next.head(outer(key), options)
        return info && inner(info)
      },
      remove: (key, options) => next.remove(outer(key), options),
      page: async (options) => {
        const page = await next.page({ ...options, prefix: outer(options.prefix) })
        return {
          files: page.files.map(inner),
          prefixes: page.prefixes.map((key) => key.slice(base.length)),
          cursor: page.cursor,
        }
      },
      pageNames:
        pageNames &&
        (async (options) => {
          const page = await pageNames.call(next, { ...options, prefix: outer(options.prefix) })
          return { names: page.names.map((key) => key.slice(base.length)), cursor: page.cursor }
        }),
      errorCode: (error) => next.errorCode(error),
      retryAfter: next.retryAfter?.bind(next),
      copy:
        copy &&
        (async (from, to, options) => {
          const info = await copy.call(next, outer(from), outer(to), options)
          return info && inner(info)
        }),
      place: place && ((key) => place.call(next, outer(key))),
      copyFrom:
        copyFrom &&
        (async (from, to, options) => {
          const info = await copyFrom.call(next, from, outer(to), options)
          return info && inner(info)
        }),
      move:
        move &&
        (async (from, to, options) => {
          const info = await move.call(next, outer(from), outer(to), options)
          return info && inner(info)
        }),
      removeMany:
        removeMany &&
        (async (keys, options) => {
          const failures = await removeMany.call(next, keys.map(outer), options)
          return failures.map(({ key, error }) => ({ key: key.slice(base.length), error }))
        }),
      publicUrl: publicUrl && ((key) => publicUrl.call(next, outer(key))),
      signedUrl: signedUrl && ((key, options) => signedUrl.call(next, outer(key), options)),
      signedUpload: signedUpload && ((key, options) => signedUpload.call(next, outer(key), options)),
      checkSigned: checkSigned && ((key, token) => checkSigned.call(next, outer(key), token)),
      multipart: innerMultipart,
      close: next.close?.bind(next),
    }
    return complete
  }
}

/** What is left of a backend's limits for keys below a directory. What it reserves is not there. */
function innerLimits({ keyBytes, keyCharacters, segmentBytes, problem }: KeyLimits, base: string): KeyLimits {
  return {
    keyBytes: keyBytes - utf8Length(base),
    ...(keyCharacters !== undefined && { keyCharacters: keyCharacters - base.length }),
    ...(segmentBytes !== undefined && { segmentBytes }),
    ...(problem && { problem: (key: string) => problem(base + key) }),
  }
}
