// What a package needs before it is published: types of everything, core's API report, publint, are-the-types-wrong,
// and the tarballs at work in an app outside the workspace.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pack } from "./pack.mjs"
import { smoke } from "./smoke.mjs"
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
      ["attw", [tarball, "--profile", "esm-only", "--no-emoji", "--format", "table-flipped", "--quiet"]],
    ]),
  )
  smoke(folder, tarballs)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
