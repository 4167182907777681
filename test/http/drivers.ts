import type { DriverObject, FileInfo, Layer, StorageDriver } from "@node-storages/core"
import { intercept, passThrough } from "@node-storages/core"

/** A layer that changes what reading gives. */
export function reading(
  change: (object: DriverObject, key: string, signal: AbortSignal | undefined) => DriverObject | Promise<DriverObject>,
): Layer {
  return (next: StorageDriver) => ({
    ...passThrough(next),
    get: async (key, options) => {
      const object = await next.get(key, options)
      return object && change(object, key, options.signal)
    },
  })
}

/** As of a service that has none. */
export const withoutEtags: Layer = (next) => {
  const strip = (info: FileInfo): FileInfo => ({ ...info, etag: undefined })
  return {
    ...passThrough(next),
    head: async (key, options) => {
      const info = await next.head(key, options)
      return info && strip(info)
    },
    get: async (key, options) => {
      const object = await next.get(key, options)
      return object && { ...object, info: strip(object.info) }
    },
  }
}

/** Calls of this member fail. */
export function failing(member: string, error: () => Error): Layer {
  return intercept((call) => {
    if (call.member === member) throw error()
    return call.run(call.signal)
  })
}
