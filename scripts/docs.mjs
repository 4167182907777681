// docs.mjs [dev | build] [options of VitePress]: writes the API reference, then serves the documentation or builds it
// into docs/.vitepress/dist. `dev --port 5174`, `build --outDir folder`.
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { root } from "./packages.mjs"

const [command = "dev", ...options] = process.argv.slice(2)
const docs = join(root, "docs")
const vitepress = join(docs, "node_modules/vitepress/bin/vitepress.js")

for (const [program, args] of [
  ["tsc", ["-p", join(docs, ".vitepress")]],
  ["node", [join(docs, ".vitepress/api.ts")]],
  ["node", [vitepress, command, docs, ...options]],
]) {
  const { status } = spawnSync(program, args, { cwd: root, stdio: "inherit" })
  if (status !== 0) process.exit(status ?? 1)
}
