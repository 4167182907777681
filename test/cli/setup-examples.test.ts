import { spawnSync } from "node:child_process"
import { mkdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { appFolder } from "./app-folder.ts"
import { builtCommand } from "./built.ts"
import { environment, runCommand } from "./run-command.ts"
import { startTerminal } from "./terminal.ts"

const CONFIG = `import { defineStorages } from "@node-storages/core"
  import { LocalStorage } from "@node-storages/local"
  export const storages = defineStorages({ media: () => new LocalStorage("media") })`
const FILES = { "storages.config.ts": CONFIG, "production.env": "A=b\n", "assets/a.css": "a{}", "media/a.txt": "a" }

async function examplesOf(command: string): Promise<string[]> {
  const { stdout } = await runCommand([command, "--help"], { cwd: appFolder() })
  const examples = [...stdout.matchAll(/^ {2}\$ storages (.*)$/gm)].map((match) => match[1]!)
  expect(examples.length).toBeGreaterThan(1)
  return examples
}

describe.skipIf(process.platform === "win32")("the examples that help shows", () => {
  it.each(["check", "init", "completion"])("of %s work as they are typed", async (command) => {
    const bin = await builtCommand()
    for (const example of await examplesOf(command)) {
      const cwd = appFolder(FILES)
      if (command === "init") rmSync(join(cwd, "storages.config.ts"))
      const HOME = join(cwd, "home")
      for (const folder of [".zsh/completions", ".config/fish/completions"])
        mkdirSync(join(HOME, folder), { recursive: true })
      if (example === "init") {
        // It asks; its answers have a test of their own.
        const terminal = await startTerminal(["init"], { cwd })
        await terminal.shows("Where shall media be")
        continue
      }
      const script = `storages() { "${process.execPath}" "${bin}" "$@"; }; storages ${example}`
      const env = environment({ HOME, PROFILE: join(HOME, "profile.ps1") })
      const { status, stdout, stderr } = spawnSync("sh", ["-c", script], { cwd, env, encoding: "utf8" })
      expect({ example, status, said: status === 0 ? "" : stdout + stderr }).toEqual({ example, status: 0, said: "" })
    }
  })
})
