import { messageOf } from "./body.ts"
import { abortError } from "./call.ts"
import type { DriverCallOptions, StorageDriver } from "./driver.ts"
import { StorageError, type StorageErrorCode } from "./errors.ts"
import { aroundMultipart } from "./layers/intercept.ts"
import { passThrough } from "./layers/pass-through.ts"
import { wrappedChunks } from "./lent-chunks.ts"
import { wholeBytes } from "./whole-chunks.ts"
import { describePermissions, type DriverPermissions } from "./permissions.ts"

/** What each code means for a person, and the way out. */
const EXPLANATIONS: Partial<Record<StorageErrorCode, string>> = {
  "already-exists": "there is a file of this name already",
  "precondition-failed": "the file has changed (or is gone) since its entity tag was read; read it again and retry",
  "permission-denied": "the backend refused; check what the credentials (or the process's user) may do there",
  unauthenticated:
    "no valid credentials; configure them, or check that they belong to this service and are not expired",
  "bucket-not-found": "there is no such bucket; check its name, the endpoint and the account, or create it",
  "invalid-option": "the storage is not configured for it; check its options and the environment that they come from",
  "wrong-region": "the bucket is in another region; set the storage's `region` to the bucket's",
  conflict: "another operation on the same name was in the way",
  network: "the connection failed; check the endpoint and the network",
  "rate-limited": "the backend asks for fewer requests; retry later, or lower the concurrency with the limit() layer",
  unavailable: "the backend failed on its side; retry later",
  "no-space": "the device or the quota is full; free some space",
  "checksum-mismatch": "what was stored differs from what was sent",
}

/** The operations of errors, and what a driver's permissions call them. */
const PERMITTED: Readonly<Record<string, keyof DriverPermissions>> = {
  read: "read",
  stat: "stat",
  write: "write",
  delete: "delete",
  list: "list",
  copy: "copy",
  move: "move",
  url: "url",
  signedUpload: "signedUpload",
  "multipart upload": "multipart",
}

/** What a refused operation would have needed, as far as the driver tells. */
function missing({ permissions }: StorageDriver, operation: string): string {
  const member = PERMITTED[operation]
  const needed = (member && permissions?.[member]) ?? []
  return needed.length === 0 ? "" : `. It needs ${describePermissions(needed)}`
}

/**
 * Wraps what a driver throws, also in the middle of a body, in a StorageError of the code that the driver tells.
 */
export function normalizeErrors(next: StorageDriver): StorageDriver {
  const wrap = (error: unknown, operation: string, key: string | undefined, signal?: AbortSignal): StorageError => {
    if (StorageError.is(error)) return error
    const context = { operation, storage: next.target, key, cause: error }
    const code = next.errorCode(error)
    // A refused commit says more than that the caller has given up meanwhile.
    if (signal?.aborted && (code === undefined || code === "network" || code === "aborted" || code === "unknown")) {
      return abortError(signal, operation, { ...context })
    }
    const explanation = code && EXPLANATIONS[code]
    const subject = key === undefined ? next.target : `${JSON.stringify(key)} in ${next.target}`
    const reason = explanation ? `${explanation} (${messageOf(error)})` : messageOf(error)
    const permission = code === "permission-denied" ? missing(next, operation) : ""
    const message = `${operation} of ${subject} failed: ${reason}${permission}`
    return new StorageError(code ?? "unknown", message, { ...context, retryAfter: next.retryAfter?.(error) })
  }

  const guard = async <Result>(
    operation: string,
    key: string | undefined,
    options: DriverCallOptions,
    call: () => Promise<Result>,
  ): Promise<Result> => {
    if (options.signal?.aborted) throw abortError(options.signal, operation, { storage: next.target, key })
    try {
      return await call()
    } catch (error) {
      throw wrap(error, operation, key, options.signal)
    }
  }

  async function* guardChunks(
    chunks: AsyncIterable<Uint8Array>,
    key: string,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array> {
    try {
      yield* chunks
    } catch (error) {
      throw wrap(error, "read", key, signal)
    }
  }

  const members = passThrough(next)
  const { pageNames, copy, copyFrom, move, removeMany, signedUrl, signedUpload, multipart, close } = members
  return {
    ...members,
    put: (key, body, options) => guard("write", key, options, () => members.put(key, body, options)),
    get: (key, options) =>
      guard("read", key, options, async () => {
        const object = await members.get(key, options)
        // What is in memory already can't fail any more.
        if (object === undefined || wholeBytes(object.chunks)) return object
        const guarded = wrappedChunks(object.chunks, (chunks) => guardChunks(chunks, key, options.signal))
        return { ...object, chunks: guarded }
      }),
    head: (key, options) => guard("stat", key, options, () => members.head(key, options)),
    remove: (key, options) => guard("delete", key, options, () => members.remove(key, options)),
    page: (options) => guard("list", options.prefix || undefined, options, () => members.page(options)),
    pageNames:
      pageNames && ((options) => guard("list", options.prefix || undefined, options, () => pageNames(options))),
    copy: copy && ((from, to, options) => guard("copy", from, options, () => copy(from, to, options))),
    copyFrom: copyFrom && ((from, to, options) => guard("copy", to, options, () => copyFrom(from, to, options))),
    move: move && ((from, to, options) => guard("move", from, options, () => move(from, to, options))),
    removeMany:
      removeMany &&
      ((keys, options) =>
        guard("delete", undefined, options, async () => {
          const failures = await removeMany(keys, options)
          return failures.map(({ key, error }) => ({ key, error: wrap(error, "delete", key) }))
        })),
    signedUrl: signedUrl && ((key, options) => guard("url", key, options, () => signedUrl(key, options))),
    signedUpload:
      signedUpload && ((key, options) => guard("signedUpload", key, options, () => signedUpload(key, options))),
    multipart:
      multipart &&
      aroundMultipart(multipart, (key, options, run) => guard("multipart upload", key, options, () => run(options))),
    close: close && (() => guard("close", undefined, {}, () => close())),
  }
}
