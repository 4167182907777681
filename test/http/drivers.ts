import type { DriverObject, FileInfo, Layer, StorageDriver } from "@node-storages/core"
import { passThrough } from "@node-storages/core"

/** A layer that changes what reading gives. */
export function reading(change: (object: DriverObject, key: string) => DriverObject | Promise<DriverObject>): Layer {
  return (next: StorageDriver) => ({
    ...passThrough(next),
    get: async (key, options) => {
      const object = await next.get(key, options)
      return object && change(object, key)
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
