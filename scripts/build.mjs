// Builds every package into its dist/: declarations by tsc (which also checks the types), and one module by rolldown,
// because a module in one file loads several times faster than in forty.
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { rolldown } from "rolldown"
import { packages, root } from "./packages.mjs"

const types = spawnSync("tsc", ["-b", ...packages.map(({ folder }) => folder)], { cwd: root, stdio: "inherit" })
if (types.status !== 0) process.exit(types.status ?? 1)

for (const { folder, manifest } of packages) {
  const dependencies = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
  const bundle = await rolldown({
    input: join(folder, "src/index.ts"),
    platform: "node",
    external: (id) => id.startsWith("node:") || dependencies.some((name) => id === name || id.startsWith(`${name}/`)),
    treeshake: { moduleSideEffects: true },
    tsconfig: false,
  })
  const { output } = await bundle.write({
    file: join(folder, "dist/index.js"),
    format: "esm",
    comments: { legal: true, annotation: true, jsdoc: false },
  })
  await bundle.close()
  console.log(`${manifest.name}: ${(output[0].code.length / 1024).toFixed(1)} KB`)
}
