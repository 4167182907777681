import { createHash } from "node:crypto"
import type { Checksums, FileInfo, StorageDriver } from "@node-storages/core"
import type { BrokenDriver } from "./broken-drivers.ts"
import { BackendError } from "./backend-error.ts"
import { part, pieces, type ReferenceDriver } from "./reference-driver.ts"

/** Applies a change to every key that goes in. */
function withKeys(honest: ReferenceDriver, change: (key: string) => string): Partial<StorageDriver> {
  return {
    put: (key, body, options) => honest.put(change(key), body, options),
    get: (key, options) => honest.get(change(key), options),
    head: (key, options) => honest.head(change(key), options),
    remove: (key, options) => honest.remove(change(key), options),
    copy: (from, to, options) => honest.copy(change(from), change(to), options),
    removeMany: (keys, options) => honest.removeMany(keys.map(change), options),
  }
}

/** Faults of `get`, `head` and `errorCode`, and of keys as a whole. */
export const BROKEN_READERS: readonly BrokenDriver[] = [
  {
    fault: "gives a short body as a success",
    caughtBy: "content > a large buffer is stored",
    breaks: (honest) => ({
      async get(key, options) {
        const object = await honest.get(key, options)
        if (!object || object.length! < 200_000) return object
        return { ...object, length: 200_000, chunks: pieces(honest.objects.get(key)!.bytes.slice(0, 200_000)) }
      },
    }),
  },
  {
    fault: "tells no metadata with the bytes, and does not say so",
    caughtBy: "metadata > metadata comes with the bytes",
    breaks: (honest) => ({
      async get(key, options) {
        const object = await honest.get(key, options)
        return object && { ...object, info: { ...object.info, metadata: undefined } }
      },
    }),
  },
  {
    fault: "counts the end of a range among its bytes",
    caughtBy: "read > slice(10, 20)",
    breaks: (honest) => ({
      get(key, { range, ...options }) {
        const wider = range?.end === undefined ? range : { start: range.start, end: range.end + 1 }
        return honest.get(key, { ...options, range: wider })
      },
    }),
  },
  {
    fault: "reads the whole file for a range",
    caughtBy: "read > slice(10, 20)",
    breaks: (honest) => ({ get: (key, { signal }) => honest.get(key, { signal }) }),
  },
  {
    fault: "fails for a range past the end",
    caughtBy: "read > slice(1001)",
    breaks: (honest) => ({
      async get(key, options) {
        const size = honest.objects.get(key)?.bytes.byteLength ?? Infinity
        if (options.range && options.range.start >= size) throw new BackendError("unknown")
        return honest.get(key, options)
      },
    }),
  },
  {
    fault: "throws for a file that is missing, and does not classify it",
    caughtBy: "read > a missing file is not-found",
    breaks: (honest) => ({
      async get(key, options) {
        const object = await honest.get(key, options)
        if (!object) throw new Error("NoSuchKey")
        return object
      },
    }),
  },
  {
    fault: "goes on reading after the abort, and ends early without an error",
    caughtBy: "cancel > a read that is aborted in the middle",
    breaks: (honest) => ({
      async get(key, { range, signal }) {
        const object = honest.objects.get(key)
        if (!object) return undefined
        const bytes = part(object.bytes, range)
        async function* chunks() {
          for await (const chunk of pieces(bytes)) {
            if (signal?.aborted) return
            yield chunk
          }
        }
        return { info: object.info, length: undefined, chunks: chunks() }
      },
    }),
  },
  {
    fault: "calls a refused file a missing one",
    caughtBy: "stat and exists > exists is never false for a storage that refuses",
    breaks: (honest) => ({ head: (key, options) => honest.head(key, options).catch(() => undefined) }),
  },
  {
    fault: "tells seconds as milliseconds",
    caughtBy: "stat and exists > stat tells name, size in bytes, and when",
    breaks: (honest) => ({
      async head(key, options) {
        const info = await honest.head(key, options)
        return info && { ...info, modified: new Date(info.modified.getTime() / 1000) }
      },
    }),
  },
  {
    fault: "takes a directory for a file",
    caughtBy: "stat and exists > a directory is no file",
    breaks: (honest) => ({
      async head(key, options) {
        const info = await honest.head(key, options)
        const below = [...honest.objects.keys()].some((other) => other.startsWith(`${key}/`))
        return info ?? (below ? { name: key, size: 0, modified: new Date() } : undefined)
      },
    }),
  },
  {
    fault: "classifies no error",
    caughtBy: "errors > of open by a storage without access",
    breaks: () => ({ errorCode: () => undefined }),
  },
  {
    fault: "puts its credentials into its errors",
    caughtBy: "errors > and prints of a storage hold no secret",
    breaks: () => ({
      async head() {
        throw new Error("denied for key=a secret of the tests")
      },
    }),
  },
  {
    fault: "composes the letters of names anew",
    caughtBy: 'names > "combining-é.txt" round-trips'.normalize("NFD"),
    breaks: (honest) => withKeys(honest, (key) => key.normalize("NFC")),
  },
  {
    fault: "decodes percent signs in keys",
    caughtBy: 'names > "a%2Fb" round-trips',
    breaks: (honest) => withKeys(honest, (key) => key.replaceAll("%2F", "/")),
  },
  {
    fault: "does not tell upper from lower case",
    caughtBy: "stat and exists > names are told apart by case",
    breaks: (honest) => withKeys(honest, (key) => key.toLowerCase()),
  },
  {
    fault: "tells digests in base64",
    caughtBy: "integrity > digests that write, stat, list and open tell",
    breaks: (honest) => ({
      async head(key, options) {
        const info = await honest.head(key, options)
        return info && { ...info, checksum: { md5: Buffer.from(info.checksum!.md5!, "hex").toString("base64") } }
      },
    }),
  },
  {
    fault: "tells the digest of the version before",
    caughtBy: "integrity > digests that write, stat, list and open tell",
    breaks: (honest) => {
      const first = new Map<string, Checksums | undefined>()
      const remembered = (info: FileInfo) => {
        if (!first.has(info.name)) first.set(info.name, info.checksum)
        return { ...info, checksum: first.get(info.name) }
      }
      return {
        async page(options) {
          const page = await honest.page(options)
          return { ...page, files: page.files.map(remembered) }
        },
      }
    },
  },
  {
    fault: "takes the MD5 of a large object's parts for the MD5 of its bytes",
    caughtBy: "integrity > digests that write, stat, list and open tell",
    breaks: (honest) => ({
      async put(key, body, options) {
        const info = await honest.put(key, body, options)
        const md5 = createHash("md5").update(info.checksum!.md5!).digest("hex")
        return info.size < 500_000 ? info : { ...info, checksum: { md5 } }
      },
    }),
  },
]
