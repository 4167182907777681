// Runs the test suite on every supported version of Node: `npm run test:versions`, or `-- 22 26` for some.
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { root } from "./packages.mjs"

const versions = process.argv.slice(2).length > 0 ? process.argv.slice(2) : ["22", "24", "26"]
const setup = spawnSync("node", ["scripts/run.mjs"], { cwd: root, stdio: "inherit" })
if (setup.status !== 0) process.exit(1)

const failed = versions.filter((version) => {
  console.log(`\n> the test suite on Node ${version}`)
  const vitest = join(root, "node_modules/vitest/vitest.mjs")
  // The package `node` puts its binary first on PATH, for the processes that tests start too.
  const args = ["-y", "--package", `node@${version}`, "node", vitest, "run"]
  return spawnSync("npx", args, { cwd: root, stdio: "inherit" }).status !== 0
})
if (failed.length > 0) {
  console.error(`failed on Node ${failed.join(", ")}`)
  process.exit(1)
}
