import { driverOf, type Storage } from "@node-storages/core"
import type { StaticConfig } from "@node-storages/static"
import { configError } from "../command-error.ts"
import type { Session } from "../session.ts"

/** The static files of the configuration. @throws CommandError where it has none */
export async function requireStaticConfig(session: Session): Promise<StaticConfig> {
  const { file, staticConfig } = await session.config()
  if (staticConfig !== undefined) return staticConfig
  throw configError(
    `${file} has no export "staticConfig": nothing tells what the static files are, and where they go. ` +
      'Write: export const staticConfig = defineStatic({ storage: storages.static, sources: ["assets"] })',
  )
}

/** What a storage points at, for messages. */
export function describeStorage(storage: Storage): string {
  return driverOf(storage)?.target ?? "the storage"
}

/** Any name: of its URL only what stands before it is of interest. */
const PROBE = "x"

/** Where the files of a storage are for everybody: `https://static.example.com/`; undefined where they are not public. */
export function publicBaseOf(storage: Storage): string | undefined {
  try {
    const url = storage.publicUrl(PROBE)
    const end = url.search(/[?#]/)
    return (end === -1 ? url : url.slice(0, end)).slice(0, -PROBE.length)
  } catch {
    return undefined
  }
}
