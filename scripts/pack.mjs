import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { packages, root } from "./packages.mjs"
import { PNPM } from "./pnpm.mjs"

/** Packs every built package into a folder, as it would be published, and answers with the tarballs by their packages. */
export function pack(destination) {
  const args = ["--recursive", "--filter", "./packages/*", "pack", "--pack-destination", destination]
  const { status, stdout, stderr } = spawnSync("npx", ["-y", PNPM, ...args], { cwd: root, encoding: "utf8" })
  if (status !== 0) throw new Error(`pnpm pack failed:\n${stdout}\n${stderr}`)
  return new Map(
    packages.map(({ manifest: { name, version } }) => [
      name,
      join(destination, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`),
    ]),
  )
}
