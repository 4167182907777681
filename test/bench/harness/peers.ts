import { existsSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { NotHere } from "./row.ts"

const FOLDER = fileURLToPath(new URL("../peers", import.meta.url))

/** A peer's module, in the version of `test/bench/peers`. @throws NotHere where it is not installed */
export async function peer<Module>(specifier: string): Promise<Module> {
  if (!existsSync(join(FOLDER, "node_modules"))) throw new NotHere("the peers are not installed")
  const { resolve } = createRequire(join(FOLDER, "package.json"))
  return (await import(pathToFileURL(resolve(specifier)).href)) as Module
}
