import type { DriverCallOptions, DriverMultipart, Layer, PutBody, StorageDriver } from "../driver.ts"
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
    const { pageNames, copy, copyFrom, move, removeMany, signedUrl, signedUpload, multipart } = members
    return {
      ...members,
      put: (key, body, options) => through("put", options, (given) => members.put(key, body, given), body),
      get: (key, options) => through("get", options, (given) => members.get(key, given)),
      head: (key, options) => through("head", options, (given) => members.head(key, given)),
      remove: (key, options) => through("remove", options, (given) => members.remove(key, given)),
      page: (options) => through("page", options, (given) => members.page(given)),
      pageNames: pageNames && ((options) => through("pageNames", options, (given) => pageNames(given))),
      copy: copy && ((from, to, options) => through("copy", options, (given) => copy(from, to, given))),
      copyFrom: copyFrom && ((from, to, options) => through("copyFrom", options, (given) => copyFrom(from, to, given))),
      move: move && ((from, to, options) => through("move", options, (given) => move(from, to, given))),
      removeMany: removeMany && ((keys, options) => through("removeMany", options, (given) => removeMany(keys, given))),
      signedUrl: signedUrl && ((key, options) => through("signedUrl", options, (given) => signedUrl(key, given))),
      signedUpload:
        signedUpload && ((key, options) => through("signedUpload", options, (given) => signedUpload(key, given))),
      multipart:
        multipart && aroundMultipart(multipart, (_, options, run, body) => through("multipart", options, run, body)),
    }
  }
}

type AroundKey = <Result, Options extends DriverCallOptions>(
  key: string,
  options: Options,
  run: (options: Options) => Promise<Result>,
  body?: PutBody,
) => Promise<Result>

/** The members of a multipart upload, each with something around it. */
export function aroundMultipart(next: DriverMultipart, around: AroundKey): DriverMultipart {
  const { storePart } = next
  return {
    limits: next.limits,
    start: (key, options) => around(key, options, (given) => next.start(key, given)),
    signPart: (key, id, number, options) => around(key, options, (given) => next.signPart(key, id, number, given)),
    parts: (key, id, options) => around(key, options, (given) => next.parts(key, id, given)),
    complete: (key, id, parts, options) => around(key, options, (given) => next.complete(key, id, parts, given)),
    abort: (key, id, options) => around(key, options, (given) => next.abort(key, id, given)),
    storePart:
      storePart &&
      ((key, id, number, body, options) =>
        around(key, options, (given) => storePart.call(next, key, id, number, body, given), body)),
  }
}
