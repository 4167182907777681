import { openAsBlob } from "node:fs"
import { readdir } from "node:fs/promises"
import { dirname, join, relative, sep } from "node:path"
import { fileURLToPath } from "node:url"
import type { Storage } from "@node-storages/core"

/** Saves the files that the npm package "bootstrap" ships for browsers, below "bootstrap/". */
export async function saveBootstrap(storage: Storage): Promise<{ files: number; bytes: number }> {
  const folder = join(dirname(fileURLToPath(import.meta.resolve("bootstrap/package.json"))), "dist")
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const saved = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name)
        const name = `bootstrap/${relative(folder, path).split(sep).join("/")}`
        return storage.write(name, await openAsBlob(path))
      }),
  )
  return { files: saved.length, bytes: saved.reduce((sum, { size }) => sum + size, 0) }
}
