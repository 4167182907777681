import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { PNPM } from "../../../scripts/pnpm.mjs"
import { NotHere } from "./row.ts"

const FOLDER = fileURLToPath(new URL("../peers", import.meta.url))

/** Installs the libraries that are compared, in a workspace of their own. @returns why not, where it failed */
export function installPeers(): string | undefined {
  const command = ["-y", PNPM, "install", "--frozen-lockfile", "--reporter=silent"]
  const { status } = spawnSync("npx", command, { cwd: FOLDER, stdio: ["ignore", "inherit", "inherit"] })
  return status === 0 ? undefined : `npx ${command.slice(1).join(" ")} in ${FOLDER} failed`
}

/** A peer's module, in the version of `test/bench/peers`. @throws NotHere where it is not installed */
export async function peer<Module>(specifier: string): Promise<Module> {
  if (!existsSync(join(FOLDER, "node_modules"))) throw new NotHere("the peers are not installed")
  const resolve = createRequire(join(FOLDER, "package.json")).resolve
  return (await import(pathToFileURL(resolve(specifier)).href)) as Module
}
