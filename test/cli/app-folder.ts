import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { onTestFinished } from "vitest"
import { ROOT } from "../docs/markdown.ts"

const CONFIG = `import { defineStorages } from "@node-storages/core"
import { LocalStorage } from "@node-storages/local"

export const storages = defineStorages({
  media: () => new LocalStorage("media", { baseUrl: "https://media.example.com/" }),
  backup: () => new LocalStorage("backup"),
})
`

/**
 * An app's folder outside of the workspace, removed after the test: with the packages installed, files, and a
 * configuration with two storages on disk unless there is another.
 * @param files texts by path
 */
export function appFolder(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "node-storages-cli-")))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  symlinkSync(join(ROOT, "test/node_modules"), join(folder, "node_modules"), "junction")
  const all = { "package.json": '{ "type": "module" }', "storages.config.ts": CONFIG, ...files }
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}
