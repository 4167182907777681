import { realpathSync } from "node:fs"
import { driverOf, type Storage } from "@node-storages/core"
import { usageError } from "../../command-error.ts"
import { below, type Place } from "../../locations/place.ts"

/**
 * Refuses a copy onto itself, and one of a directory into itself, which would have no end.
 * @param target the name in the target's storage
 * @param done what is done to the source: `"copied"`
 * @throws CommandError
 */
export function checkEnds(from: Place, to: Place, target: string, done: string): void {
  const [source, goal] = [locationOf(from.storage, from.name), locationOf(to.storage, target)]
  if (source.owner !== goal.owner) return
  if (source.path === goal.path) throw usageError(`${from.title} would be ${done} onto itself.`)
  if (!goal.path.startsWith(`${source.path}/`)) return
  throw usageError(
    `${to.title} is within ${from.title}, so that what is ${done} would be found again. Choose a target outside of it.`,
  )
}

interface Location {
  /** Equal for storages whose paths can be compared. */
  readonly owner: string | Storage
  readonly path: string
}

/** Where a name is: by what drivers tell of their service, else it can be compared within one storage only. */
function locationOf(storage: Storage, name: string): Location {
  const key = below(name, "")
  // The place of a file in a directory tells where the directory is, also where that is the root.
  const place = driverOf(storage)?.place?.(below(key, "x"))
  if (place === undefined) return { owner: storage, path: `/${key}`.replace(/\/$/, "") }
  const bucket = place.service === "file" ? realPath(place.bucket) : place.bucket
  return { owner: place.service, path: `${bucket.replace(/\/$/, "")}/${place.key}`.slice(0, -2) }
}

function realPath(path: string): string {
  try {
    return realpathSync(path).replaceAll("\\", "/")
  } catch {
    return path
  }
}
