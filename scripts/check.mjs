// What a package needs before it is published: types of everything, publint, are-the-types-wrong, core's API report.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pack } from "./pack.mjs"
import { steps } from "./steps.mjs"

const folder = mkdtempSync(join(tmpdir(), "node-storages-pack-"))
try {
  steps([
    ["node", ["scripts/build.mjs"]],
    ["tsc", ["-p", "tsconfig.tests.json"]],
    ["node", ["scripts/api-report.mjs"]],
  ])
  const tarballs = await pack(folder)
  steps(
    tarballs.flatMap((tarball) => [
      ["publint", [tarball, "--strict"]],
      ["attw", [tarball, "--profile", "esm-only", "--no-emoji", "--format", "ascii"]],
    ]),
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
