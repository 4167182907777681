import type { DriverCallOptions, Layer, PutBody, StorageDriver } from "../driver.ts"
import { passThrough } from "./pass-through.ts"

/** One call on its way to the driver. */
export interface DriverCall<Result> {
  /** The driver's member: `"put"`, `"get"`, … */
  readonly member: keyof StorageDriver
  /** With `put`: what is stored. */
  readonly body?: PutBody | undefined
  readonly signal: AbortSignal | undefined
  /** Makes the call, with this signal in place of the caller's. Can be called again. */
  run(signal: AbortSignal | undefined): Promise<Result>
}

/** A layer that does the same around every asynchronous call; keys and results pass as they are. */
export function intercept(around: <Result>(call: DriverCall<Result>) => Promise<Result>): Layer {
  const through = <Result, Options extends DriverCallOptions>(
    member: keyof StorageDriver,
    options: Options,
    run: (options: Options) => Promise<Result>,
    body?: PutBody,
  ) => around({ member, body, signal: options.signal, run: (signal) => run({ ...options, signal }) })

  return (next) => {
    const members = passThrough(next)
    const { copy, copyFrom, move, removeMany, signedUrl, signedUpload } = members
    return {
      ...members,
      put: (key, body, options) => through("put", options, (given) => members.put(key, body, given), body),
      get: (key, options) => through("get", options, (given) => members.get(key, given)),
      head: (key, options) => through("head", options, (given) => members.head(key, given)),
      remove: (key, options) => through("remove", options, (given) => members.remove(key, given)),
      page: (options) => through("page", options, (given) => members.page(given)),
      copy: copy && ((from, to, options) => through("copy", options, (given) => copy(from, to, given))),
      copyFrom: copyFrom && ((from, to, options) => through("copyFrom", options, (given) => copyFrom(from, to, given))),
      move: move && ((from, to, options) => through("move", options, (given) => move(from, to, given))),
      removeMany: removeMany && ((keys, options) => through("removeMany", options, (given) => removeMany(keys, given))),
      signedUrl: signedUrl && ((key, options) => through("signedUrl", options, (given) => signedUrl(key, given))),
      signedUpload:
        signedUpload && ((key, options) => through("signedUpload", options, (given) => signedUpload(key, given))),
    }
  }
}
