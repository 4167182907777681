// bench.mjs [rows and options of test/bench/run.ts]: installs the libraries that are compared, then measures.
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { root } from "./packages.mjs"
import { PNPM } from "./pnpm.mjs"

const bench = join(root, "test/bench")
const install = ["-y", PNPM, "install", "--frozen-lockfile", "--reporter=silent"]
const installed = spawnSync("npx", install, { cwd: join(bench, "peers"), stdio: ["ignore", "inherit", "inherit"] })
if (installed.status !== 0) console.error(`Without the peers: npx ${install.join(" ")} failed in test/bench/peers.`)

const run = ["--conditions=node-storages-source", "--no-warnings", join(bench, "run.ts"), ...process.argv.slice(2)]
process.exit(spawnSync("node", run, { cwd: root, stdio: "inherit" }).status ?? 1)
