// Tries to create each of some names, and prints those that it won.
import { StorageError } from "@node-storages/core"
import { makeStorage, type StorageSpec } from "./storage.ts"

const { spec, names, id } = JSON.parse(process.argv[2]!) as { spec: StorageSpec; names: string[]; id: string }
const storage = makeStorage(spec)
const won: string[] = []
for (const name of names) {
  try {
    await storage.write(name, id, { ifAbsent: true })
    won.push(name)
  } catch (error) {
    if (!StorageError.is(error, "already-exists")) throw error
  }
}
console.log(JSON.stringify(won))
await storage.close()
