import type { CompleteDriver, CompleteMultipart, DriverMultipart, StorageDriver } from "../driver.ts"

/** The driver as a plain object whose members can be spread: bound, so that a driver may be a class. */
export function passThrough(next: StorageDriver): CompleteDriver {
  return {
    name: next.name,
    target: next.target,
    features: next.features,
    limits: next.limits,
    permissions: next.permissions,
    put: next.put.bind(next),
    get: next.get.bind(next),
    head: next.head.bind(next),
    remove: next.remove.bind(next),
    page: next.page.bind(next),
    pageNames: next.pageNames?.bind(next),
    errorCode: next.errorCode.bind(next),
    retryAfter: next.retryAfter?.bind(next),
    copy: next.copy?.bind(next),
    place: next.place?.bind(next),
    copyFrom: next.copyFrom?.bind(next),
    move: next.move?.bind(next),
    removeMany: next.removeMany?.bind(next),
    publicUrl: next.publicUrl?.bind(next),
    signedUrl: next.signedUrl?.bind(next),
    signedUpload: next.signedUpload?.bind(next),
    checkSigned: next.checkSigned?.bind(next),
    multipart: next.multipart && passMultipart(next.multipart),
    close: next.close?.bind(next),
  }
}

/** Its members as a plain object, bound. */
export function passMultipart(next: DriverMultipart): CompleteMultipart {
  return {
    limits: next.limits,
    start: next.start.bind(next),
    signPart: next.signPart.bind(next),
    parts: next.parts.bind(next),
    complete: next.complete.bind(next),
    abort: next.abort.bind(next),
    storePart: next.storePart?.bind(next),
  }
}
