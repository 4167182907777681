// run.mjs [command …]: makes the workspace ready (pnpm install when the lockfile changed), then runs the command
// with the workspace's own Node and binaries. Needs only Node 20 and npm: nothing is expected to be installed.
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join, delimiter } from "node:path"
import { fileURLToPath } from "node:url"
import { PNPM } from "./pnpm.mjs"

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const stamp = join(root, "node_modules", ".cache", "setup")

function lockfileDigest() {
  const hash = createHash("sha256")
  for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json"]) {
    const path = join(root, file)
    if (existsSync(path)) hash.update(readFileSync(path))
  }
  return hash.digest("hex")
}

function install() {
  const frozen = existsSync(join(root, "pnpm-lock.yaml")) ? ["--frozen-lockfile"] : []
  const result = spawnSync("npx", ["-y", PNPM, "install", "--reporter=append-only", ...frozen], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  })
  if (result.status !== 0) {
    console.error(`setup: installing the workspace failed (npx ${PNPM} install, exit code ${result.status}).`)
    process.exit(result.status ?? 1)
  }
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, lockfileDigest())
}

if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== lockfileDigest()) install()

const [command, ...args] = process.argv.slice(2)
if (command) {
  const path = [join(root, "node_modules", "node", "bin"), join(root, "node_modules", ".bin"), process.env.PATH]
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, PATH: path.join(delimiter) },
  })
  if (result.error) console.error(`run: ${command} did not start: ${result.error.message}`)
  process.exit(result.status ?? 1)
}
