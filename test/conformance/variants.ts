/**
 * Storages that differ from one that passes the whole suite elsewhere, in one respect. Each runs the suites that this can
 * break; where in doubt, one more.
 */
export interface Variant {
  readonly suites: readonly string[]
  readonly reason: string
}

/** How much the tests of numbers do: the whole suite of the adapter has the large ones. */
export const SMALL = { list: 300, deleteMany: 60, race: 16 }

const URLS = ["urls", "signedUpload", "URLs of parts"]
const FILES_ON_DISK = [
  "save",
  "write",
  "races",
  "metadata",
  "failing content",
  "cancel",
  "read",
  "stat and exists",
  "delete",
  "deleteMany",
  "list",
  "listdir",
  "copy",
  "copy between storages",
  "move",
  "multipart",
]

/** Those of which nothing answers at URLs. */
export const VARIANTS = {
  "LocalStorage where calls block, as for a command": {
    suites: [...FILES_ON_DISK, "content", "integrity", "names", "layers", "errors"],
    reason: "every call of the disk is another one, and tells its errors; URLs and options are looked at before any",
  },
  "LocalStorage with a location, fsync, pruning and signing keys": {
    suites: [...FILES_ON_DISK, "content", "integrity", "names", "layers", "errors", ...URLS],
    reason: "keys are longer than names, also in errors; directories go when they are empty; URLs are signed for keys",
  },
} as const satisfies Readonly<Record<string, Variant>>

/** Those that a handler of `@node-storages/http` serves. */
export const SERVED = {
  "LocalStorage with signing keys, served by the Node handler": {
    suites: [...URLS, "multipart", "names", "metadata", "options", "errors"],
    reason: "its URLs are answered, by name and headers; the whole suite has none that are",
  },
  "LocalStorage with signing keys and a location, served by the web handler": {
    suites: [...URLS, "multipart", "names", "metadata"],
    reason: "the other handler, with keys that are longer than names",
  },
  "public LocalStorage with signing keys": {
    suites: [...URLS, "options"],
    reason: "URLs need no signature, and those of uploads still do",
  },
  "MemoryStorage with signing keys, served by the Node handler": {
    suites: [...URLS, "multipart", "names", "metadata"],
    reason: "the handler reads another file system",
  },
} as const satisfies Readonly<Record<string, Variant>>
