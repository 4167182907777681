import { spawnSync } from "node:child_process"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { packages } from "./packages.mjs"
import { PNPM } from "./pnpm.mjs"

/** Packs every built package into a folder, as it would be published, and answers with the tarballs. */
export async function pack(destination) {
  for (const { folder } of packages) {
    const { status, stderr } = spawnSync("npx", ["-y", PNPM, "pack", "--pack-destination", destination], {
      cwd: folder,
      encoding: "utf8",
    })
    if (status !== 0) throw new Error(`pnpm pack of ${folder} failed:\n${stderr}`)
  }
  return readdirSync(destination)
    .filter((file) => file.endsWith(".tgz"))
    .map((file) => join(destination, file))
}
