import type { Storage } from "@node-storages/core"

/** The names of all files, as they are listed: what `deleteMany` takes. */
export async function* namesOf(storage: Storage): AsyncGenerator<string> {
  for await (const { name } of storage.list()) yield name
}
