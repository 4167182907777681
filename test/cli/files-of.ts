import { globSync, lstatSync, readFileSync } from "node:fs"
import { join } from "node:path"

/** The files below a folder with their texts, hidden ones and those of storages included. */
export function filesOf(folder: string): Record<string, string> {
  const names = globSync("**/{*,.*}", { cwd: folder })
    .filter((name) => lstatSync(join(folder, name)).isFile())
    .toSorted()
  return Object.fromEntries(names.map((name) => [name.replaceAll("\\", "/"), readFileSync(join(folder, name), "utf8")]))
}
