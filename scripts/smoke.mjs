// The matrix of the packed packages: installed by npm and by pnpm in apps outside the workspace, used on each Node,
// type-checked by each TypeScript, bundled by esbuild and Vite, run in pages, and released to a registry of this machine.
import { join } from "node:path"
import { packages } from "./packages.mjs"
import { bundledBy, byEsbuild, byVite } from "./smoke/bundles.mjs"
import { theCommand } from "./smoke/command.mjs"
import {
  installAllByNpm,
  installAllByPnpm,
  installApp,
  installByNpm,
  installNode,
  megabytesOf,
} from "./smoke/installs.mjs"
import { Matrix } from "./smoke/matrix.mjs"
import { onEachNode } from "./smoke/nodes.mjs"
import { inPages } from "./smoke/pages.mjs"
import { rehearsal } from "./smoke/release.mjs"
import { contents } from "./smoke/tarballs.mjs"
import { underEachTypeScript, withoutNodeTypes } from "./smoke/types.mjs"
import { ESBUILD, NODES, TYPESCRIPTS } from "./smoke/versions.mjs"

/** Megabytes of 10⁶ bytes that a package itself may take when it is installed, without its dependencies. */
const LARGEST_PACKAGE = 0.8
const LARGEST_ADAPTER = 0.3
const LARGEST_CORE_AND_LOCAL = 3

/**
 * Runs the matrix, prints it, and answers whether all of it is well.
 * @param folder an empty one, outside the workspace
 * @param tarballs of all packages, by their names
 */
export async function smoke(folder, tarballs) {
  const matrix = new Matrix()
  const [npm, pnpm, small, tools] = ["npm", "pnpm", "small", "tools"].map((name) => join(folder, name))
  const nodes = new Map()
  const compilers = [...TYPESCRIPTS].map(([version, specifier]) => `typescript-${version}@npm:${specifier}`)

  await matrix.row("install", {
    "all packages, npm": () => installAllByNpm(npm, tarballs),
    "all packages, pnpm": () => installAllByPnpm(pnpm, tarballs),
    "core and local": async () => {
      const names = ["@node-storages/core", "@node-storages/local"]
      await installApp(
        small,
        names.map((name) => tarballs.get(name)),
      )
      return within("core and local", megabytesOf(join(small, "node_modules")), LARGEST_CORE_AND_LOCAL)
    },
    "TypeScript, esbuild": () => installByNpm(tools, [...compilers, ESBUILD]),
    ...installNodes(folder, nodes),
  })
  await matrix.row("tarball", contents(npm, tarballs))
  await matrix.row("size", sizes(npm))
  await matrix.row("npm", onEachNode(npm, nodes))
  await matrix.row("pnpm", onEachNode(pnpm, nodes))
  await matrix.row("types, npm", underEachTypeScript(npm, tools))
  await matrix.row("types, pnpm", underEachTypeScript(pnpm, tools))
  await matrix.row("types without Node's", withoutNodeTypes(small, tools))
  await matrix.row("esbuild", bundledBy(byEsbuild(tools), npm, process.execPath))
  await matrix.row("Vite", bundledBy(byVite, npm, process.execPath))
  await matrix.row("pages", inPages(npm, process.execPath))
  const { manifest: command } = packages.find(({ manifest }) => manifest.bin)
  await matrix.row("command, npm", theCommand(npm, "npm", command.version))
  await matrix.row("command, pnpm", theCommand(pnpm, "pnpm", command.version))
  for (const [step, work] of Object.entries(rehearsal(folder))) await matrix.row("release", { [step]: work })
  matrix.print()
  return matrix.failures.length === 0
}

/** The work of a row; the programs of Node are added to `nodes` by their versions. */
function installNodes(folder, nodes) {
  const cells = NODES.map((version) => [
    `Node ${version}`,
    async () => void nodes.set(version, await installNode(join(folder, `node-${version}`), version)),
  ])
  return Object.fromEntries(cells)
}

/** How large each package itself is when it is installed. */
function sizes(app) {
  const cells = packages.map(({ manifest: { name } }) => {
    const limit = /\/(s3|gcs|azure)$/.test(name) ? LARGEST_ADAPTER : LARGEST_PACKAGE
    return [name, async () => within(name, megabytesOf(join(app, "node_modules", name)), limit)]
  })
  return Object.fromEntries(cells)
}

function within(what, megabytes, limit) {
  if (megabytes > limit) throw new Error(`${what} is ${megabytes.toFixed(2)} MB: over ${limit} MB.`)
  return `${megabytes.toFixed(2)} MB of at most ${limit}`
}
