import { existsSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { NotHere } from "./row.ts"

const FOLDER = fileURLToPath(new URL("../peers", import.meta.url))

/** A peer's module, in the version of `test/bench/peers`. @throws NotHere where it is not installed */
export async function peer<Module>(specifier: string): Promise<Module> {
  if (!existsSync(join(FOLDER, "node_modules"))) throw new NotHere("the peers are not installed")
  // Resolved from the peers' folder, as `import` does: some have nothing that `require` could find.
  const url = pathToFileURL(join(FOLDER, "load.mjs")).href
  const loader = (await import(url)) as { load(specifier: string): Promise<Module> }
  return loader.load(specifier)
}
