import type { CompleteDriver, Layer } from "../driver.ts"
import { StorageError } from "../errors.ts"

/** Refuses everything that writes or deletes, with `read-only`. */
export function readOnly(): Layer {
  return (next) => {
    const refuse = async (operation: string, key: string | undefined): Promise<never> => {
      throw new StorageError("read-only", `${next.target} is read-only here: ${operation} was refused by readOnly().`, {
        operation,
        storage: next.target,
        key,
      })
    }
    const complete: CompleteDriver = {
      name: next.name,
      target: next.target,
      features: next.features,
      limits: next.limits,
      permissions: next.permissions,
      put: (key) => refuse("put", key),
      get: (key, options) => next.get(key, options),
      head: (key, options) => next.head(key, options),
      remove: (key) => refuse("delete", key),
      page: (options) => next.page(options),
      pageNames: next.pageNames?.bind(next),
      errorCode: (error) => next.errorCode(error),
      retryAfter: next.retryAfter?.bind(next),
      copy: (from) => refuse("copy", from),
      place: next.place?.bind(next),
      copyFrom: (_, to) => refuse("copy", to),
      move: (from) => refuse("move", from),
      removeMany: () => refuse("delete", undefined),
      publicUrl: next.publicUrl?.bind(next),
      signedUrl: next.signedUrl?.bind(next),
      signedUpload: (key) => refuse("signedUpload", key),
      checkSigned: next.checkSigned?.bind(next),
      multipart: next.multipart && {
        limits: next.multipart.limits,
        start: (key) => refuse("multipart upload", key),
        signPart: (key) => refuse("multipart upload", key),
        parts: next.multipart.parts.bind(next.multipart),
        complete: (key) => refuse("multipart upload", key),
        abort: (key) => refuse("multipart upload", key),
        storePart: next.multipart.storePart && ((key) => refuse("multipart upload", key)),
      },
      close: next.close?.bind(next),
    }
    return complete
  }
}
