// What may depend on the version of Node: the tests of packages, of conformance and of the command, on the oldest and the
// newest that is supported. `npm run test:versions`, or `-- 22` for one. The workspace's own Node runs all tests.
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { root } from "./packages.mjs"

const given = process.argv.slice(2)
const versions = given.length > 0 ? given : ["22", "26"]
/** Parts of paths. Only packages have their tests in `src`. */
const FILES = ["/src/", "test/conformance/", "test/cli/"]

const setup = spawnSync("node", ["scripts/run.mjs"], { cwd: root, stdio: "inherit" })
if (setup.status !== 0) process.exit(1)

const failed = versions.filter((version) => {
  console.log(`\n> packages, conformance and command on Node ${version}`)
  const vitest = join(root, "node_modules/vitest/vitest.mjs")
  // The package `node` puts its binary first on PATH, for the processes that tests start too.
  const args = ["-y", "--package", `node@${version}`, "node", vitest, "run", "--project=!documents", ...FILES]
  return spawnSync("npx", args, { cwd: root, stdio: "inherit" }).status !== 0
})
if (failed.length > 0) {
  console.error(`failed on Node ${failed.join(", ")}`)
  process.exit(1)
}
