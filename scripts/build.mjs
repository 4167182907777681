// Builds every package into its dist/: declarations by tsc (which also checks the types), and one module an entry by
// rolldown, because a module in one file loads several times faster than in forty.
import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
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
    plugins: [{ name: "licences", transform: withLicence }],
    treeshake: { moduleSideEffects: true },
    tsconfig: false,
  })
  const { output } = await bundle.write({
    dir: join(folder, "dist"),
    entryFileNames: "[name].js",
    chunkFileNames: "shared.js",
    format: "esm",
    comments: { legal: true, annotation: true, jsdoc: false },
  })
  await bundle.close()
  const size = output.reduce((sum, { code = "" }) => sum + code.length, 0)
  console.log(`${manifest.name}: ${(size / 1024).toFixed(1)} KB`)
}

/** What is not a dependency is built in, with its licence. */
function withLicence(code, id) {
  if (!id.includes("/node_modules/")) return null
  return `/*! ${readFileSync(join(dirname(id), "license"), "utf8").trim()} */\n${code}`
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
