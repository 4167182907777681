// Builds every package into its dist/: declarations by tsc (which also checks the types), and by rolldown one module an
// entry, one of what they share, and one of each part that is imported when it is needed: forty files load several times
// slower than one.
import { spawnSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { dirname, join } from "node:path"
import { rolldown } from "rolldown"
import { packages, root } from "./packages.mjs"

const types = spawnSync("tsc", ["-b", ...packages.map(({ folder }) => folder)], { cwd: root, stdio: "inherit" })
if (types.status !== 0) process.exit(types.status ?? 1)

for (const { folder, manifest } of packages) {
  const dependencies = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
  const bundle = await rolldown({
    input: entriesOf(manifest, folder),
    platform: "node",
    external: (id) => id.startsWith("node:") || dependencies.some((name) => id === name || id.startsWith(`${name}/`)),
    plugins: [{ name: "licences", transform: withLicence, generateBundle: inAscii }],
    treeshake: { moduleSideEffects: true },
    tsconfig: false,
  })
  const { output } = await bundle.write({
    dir: join(folder, "dist"),
    entryFileNames: "[name].js",
    chunkFileNames: "[name].js",
    // One module for all that others share: each file that is loaded costs more than its text.
    codeSplitting: { groups: [{ name: "shared", minShareCount: 2 }] },
    format: "esm",
    comments: { legal: true, annotation: true, jsdoc: false },
  })
  await bundle.close()
  removeOld(folder, new Set(output.map(({ fileName }) => fileName)))
  const size = output.reduce((sum, { code = "" }) => sum + code.length, 0)
  console.log(`${manifest.name}: ${(size / 1024).toFixed(1)} KB`)
}

/** What an earlier build has left in dist/ of sources that are gone: it would be packed. */
function removeOld(folder, built) {
  const isSource = (file) => existsSync(join(folder, "src", file.replace(/\.d\.ts$/, ".ts")))
  for (const path of readdirSync(join(folder, "dist"), { recursive: true })) {
    const file = path.replaceAll("\\", "/")
    const isOld = file.endsWith(".d.ts") ? !isSource(file) : file.endsWith(".js") && !built.has(file)
    if (isOld) rmSync(join(folder, "dist", path))
  }
}

/** What is not a dependency is built in, with its licence. */
function withLicence(code, id) {
  if (!id.includes("/node_modules/")) return null
  return `/*! ${readFileSync(join(dirname(id), "license"), "utf8").trim()} */\n${code}`
}

/** One character outside of ASCII makes Node take twice the memory, and more time, for all of a module. */
function inAscii(_, output) {
  for (const chunk of Object.values(output)) {
    if (/String\.raw`[^`]*[^\0-\x7f]/.test(chunk.code))
      throw new Error(`${chunk.fileName}: String.raw takes no escapes.`)
    chunk.code = chunk.code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
  }
}

/** The sources of a package's entries and commands, by their file in dist/; what they share goes into one more module. */
function entriesOf(manifest, folder) {
  const sources = Object.values(manifest.exports).flatMap((entry) => entry["node-storages-source"] ?? [])
  const commands = Object.values(manifest.bin ?? {}).map((file) =>
    file.replace("./dist/", "./src/").replace(".js", ".ts"),
  )
  return Object.fromEntries(
    [...sources, ...commands].map((source) => [source.replace(/^\.\/src\/|\.ts$/g, ""), join(folder, source)]),
  )
}
