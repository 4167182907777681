// What a package needs before it is published: types of everything, core's API report, publint, are-the-types-wrong,
// the tarballs at work in apps outside the workspace, and the documents: the site, the first steps, the example.
import { mkdtempSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pack } from "./pack.mjs"
import { smoke } from "./smoke.mjs"
import { steps } from "./steps.mjs"

const folder = mkdtempSync(join(realpathSync(tmpdir()), "node-storages-pack-"))
// A step that fails ends the process.
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))

steps([
  ["node", ["scripts/build.mjs"]],
  ["tsc", ["-p", "tsconfig.tests.json"]],
  ["node", ["scripts/api-report.mjs"]],
])
const tarballs = pack(folder)
steps(
  [...tarballs.values()].flatMap((tarball) => [
    ["publint", [tarball, "--strict"]],
    ["attw", [tarball, "--profile", "esm-only", "--no-emoji", "--format", "table-flipped", "--quiet"]],
  ]),
)
if (!(await smoke(folder, tarballs))) process.exitCode = 1
steps([["node", ["scripts/test.mjs", "--project=documents"]]])
