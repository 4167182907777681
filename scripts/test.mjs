// npm test [options of Vitest]: the tests, but for those of the documents where no project is named: `npm run check`
// has these. `--soak`: with the rounds that take long.
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { root } from "./packages.mjs"

/** Each test file and each command that it starts has a process: compiled once, an SDK is loaded in half the time. */
const NODE_COMPILE_CACHE = join(root, "node_modules/.cache/compile")

const given = process.argv.slice(2)
const args = given.filter((arg) => arg !== "--soak")
const projects = args.some((arg) => arg.startsWith("--project")) ? [] : ["--project=!documents"]
const { status } = spawnSync("vitest", ["run", ...projects, ...args], {
  cwd: root,
  stdio: "inherit",
  env: { NODE_COMPILE_CACHE, ...process.env, ...(given.length > args.length && { NODE_STORAGES_TEST_SOAK: "yes" }) },
})
process.exit(status ?? 1)
