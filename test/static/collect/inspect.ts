import { intercept, type Storage } from "@node-storages/core"
import { defineStatic, type Manifest, type StaticConfig, type StaticOptions } from "@node-storages/static"
import { namesOf } from "../../names-of.ts"

/** Every file of a storage, as text. */
export async function filesIn(storage: Storage): Promise<Record<string, string>> {
  const files: Record<string, string> = {}
  for await (const name of namesOf(storage)) files[name] = await storage.open(name).text()
  return files
}

export async function manifestIn(storage: Storage): Promise<Manifest> {
  return storage.open("staticfiles.json").json<Manifest>()
}

/** The calls that a storage's driver gets. */
export function counted(storage: Storage): { storage: Storage; calls: () => Record<string, number> } {
  const calls: Record<string, number> = {}
  return {
    storage: storage.with(
      intercept((call) => {
        calls[call.member] = (calls[call.member] ?? 0) + 1
        return call.run(call.signal)
      }),
    ),
    calls: () => calls,
  }
}

/** One folder into a storage, without compression unless that is asked for. */
export function define(storage: Storage, folder: string, more: Partial<StaticOptions> = {}): StaticConfig {
  return defineStatic({ storage, sources: [folder], compress: false, ...more })
}
