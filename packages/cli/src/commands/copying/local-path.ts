import { join } from "node:path"
import { driverOf } from "@node-storages/core"
import type { End } from "./jobs.ts"

/** The path of a file in a folder of this machine; undefined for a file of a storage. */
export function localPath({ storage, name, local }: End): string | undefined {
  const place = local ? driverOf(storage)?.place?.(name) : undefined
  return place && join(place.bucket, place.key)
}
