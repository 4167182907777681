import { StorageError } from "../errors.ts"
import { shareBackend } from "../shared-backend.ts"
import type { Storage } from "../storage.ts"
import { driverOf } from "../driver-of.ts"

/**
 * Refuses a target that is the source, or lies within it: the listing of the source would come upon the copies, and
 * those would be copied again, without an end. Where files of the target are deleted, also a source that lies within it:
 * it would be deleted as a part of the target that it does not have itself.
 * @param directory of both, with trailing slash, or `""`
 * @throws StorageError `invalid-option`
 */
export function checkEnds(from: Storage, to: Storage, directory: string, deletes: boolean): void {
  if (from === to) throw sameEnds(from)
  const [source, target] = shareBackend(from, to)
    ? [targetOf(from, directory), targetOf(to, directory)]
    : [placeOf(from, directory), placeOf(to, directory)]
  if (source === undefined || target === undefined) return
  if (source === target) throw sameEnds(from)
  if (deletes && source.startsWith(target)) {
    throw new StorageError(
      "invalid-option",
      `transfer(): the source ${describe(from)} lies within the target ${describe(to)}, so that delete: true would delete it. ` +
        "Choose a source outside of the target, or leave delete out.",
    )
  }
  if (!target.startsWith(source)) return
  throw new StorageError(
    "invalid-option",
    `transfer(): the target ${describe(to)} lies within the source ${describe(from)}, so that copies would be copied again. ` +
      "Choose a target outside of it, or take a part of the source: the option prefix, or the layer prefix().",
  )
}

function sameEnds(storage: Storage): StorageError {
  return new StorageError(
    "invalid-option",
    `transfer(): source and target are the same place, ${describe(storage)}. Give two storages, or use copy() and move() within one.`,
  )
}

/** What a storage points at, for messages. */
export function describe(storage: Storage): string {
  return driverOf(storage)?.target ?? "a storage"
}

/** Comparable between views of one backend: layers add to the target what they add to keys. */
function targetOf(storage: Storage, directory: string): string {
  return `${describe(storage).replace(/\/$/, "")}/${directory}`
}

/** Comparable between storages whose drivers tell where their objects are. */
function placeOf(storage: Storage, directory: string): string | undefined {
  const place = driverOf(storage)?.place?.(`${directory}x`)
  return place && `${place.service} ${place.bucket.replace(/\/$/, "")}/${place.key.slice(0, -1)}`
}
