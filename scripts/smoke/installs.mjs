// Apps outside the workspace, into which the tarballs are installed as a user would install the packages.
import { cpSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { root } from "../packages.mjs"
import { PNPM } from "../pnpm.mjs"
import { run } from "./run.mjs"

/** Of the lowest Node that the packages run on: whoever has it has these types. */
const NODE_TYPES = "22"
const QUIET = ["--no-audit", "--no-fund", "--loglevel=error"]

const FIXTURES = join(root, "test/packed")

/** @param packages what npm installs: names with versions, tarballs */
export async function installByNpm(folder, packages) {
  makeApp(folder, {})
  await run("npm", ["install", ...QUIET, ...packages], { cwd: folder })
}

/** Tarballs by npm, which puts all packages into one folder; with the apps of test/packed. */
export async function installApp(folder, packages) {
  await installByNpm(folder, packages)
  cpSync(FIXTURES, folder, { recursive: true })
}

/** Every tarball, by npm. */
export async function installAllByNpm(folder, tarballs) {
  await installApp(folder, [...tarballs.values(), `@types/node@${NODE_TYPES}`])
}

/** Every tarball, by pnpm without hoisting: a package finds what its package.json lists, and nothing else. */
export async function installAllByPnpm(folder, tarballs) {
  const dependencies = Object.fromEntries([...tarballs].map(([name, tarball]) => [name, `file:${tarball}`]))
  makeApp(folder, { ...dependencies, "@types/node": NODE_TYPES })
  const settings = {
    packages: ["."],
    hoist: false,
    publicHoistPattern: [],
    autoInstallPeers: false,
    strictPeerDependencies: true,
    // The packages need each other in a version that no registry has yet.
    overrides: dependencies,
    // The declarations of Google's client name a package that it does not depend on.
    packageExtensions: { gaxios: { dependencies: { "undici-types": "*" } } },
  }
  writeFileSync(join(folder, "pnpm-workspace.yaml"), JSON.stringify(settings))
  await run("npx", ["-y", PNPM, "install", "--reporter=append-only"], { cwd: folder })
  cpSync(FIXTURES, folder, { recursive: true })
}

/** Installs a Node and answers with its program. */
export async function installNode(folder, version) {
  await installByNpm(folder, [`node@${version}`])
  return join(folder, "node_modules/node/bin/node")
}

/** Megabytes of 10⁶ bytes, of files and folders. */
export function megabytesOf(path) {
  return bytesOf(path) / 1e6
}

function bytesOf(path) {
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.size
  return readdirSync(path).reduce((sum, entry) => sum + bytesOf(join(path, entry)), 0)
}

function makeApp(folder, dependencies) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name: "app", private: true, type: "module", dependencies }),
  )
}
