import { existsSync } from "node:fs"
import { type Layer, passThrough, prefix, type Storage, StorageError } from "@node-storages/core"
import { withoutDerivedType } from "../../locations/derived-type.ts"
import { isLocalPlace } from "../../locations/local-place.ts"
import type { Place } from "../../locations/place.ts"

/**
 * A place as a storage of its own that has nothing but what is in it.
 * @throws StorageError `not-found` for a folder of this machine that is not there
 */
export function sourceOf(place: Place): Storage {
  if (isLocalPlace(place) && !existsSync(place.folder)) {
    throw new StorageError("not-found", `There is no folder ${place.title}.`, { key: place.title })
  }
  const storage = targetOf(place)
  return place.local ? storage.with(derivedTypesUntold) : storage
}

/** The same for a place that is written to, which need not be there. */
export function targetOf({ storage, name }: Place): Storage {
  return name === "" ? storage : storage.with(prefix(name))
}

/** A plain file's type is known by its name alone: the target's own rules for names and defaults decide there. */
const derivedTypesUntold: Layer = (next) => {
  const members = passThrough(next)
  return {
    ...members,
    get: async (key, options) => {
      const object = await members.get(key, options)
      return object && { ...object, info: withoutDerivedType(object.info) }
    },
    head: async (key, options) => {
      const info = await members.head(key, options)
      return info && withoutDerivedType(info)
    },
  }
}
