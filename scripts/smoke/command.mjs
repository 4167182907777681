// The `storages` command, as it is installed: by `npx` in the apps outside the workspace.
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { PNPM } from "../pnpm.mjs"
import { mustBe, run } from "./run.mjs"

const CONFIG = `
import { defineStorages, LocalStorage } from "node-storages"

export const storages = defineStorages({ media: () => new LocalStorage("media", { baseUrl: "/media/" }) })
await storages.media.write("avatars/me.txt", "hello")
`

const RUNNERS = { npm: ["npx", "--no-install"], pnpm: ["npx", "-y", PNPM, "exec"] }

/** The work of a row: the command's version, and a listing by a configuration that imports the umbrella. */
export function theCommand(app, manager, version) {
  const [program, ...before] = RUNNERS[manager]
  const storages = async (...args) => (await run(program, [...before, "storages", ...args], { cwd: app })).stdout.trim()
  return {
    "storages --version": async () => mustBe("the version", await storages("--version"), version),
    "storages ls": async () => {
      mkdirSync(join(app, "media"), { recursive: true })
      writeFileSync(join(app, "storages.config.mjs"), CONFIG)
      const listed = await storages("--config", "storages.config.mjs", "ls", "media:avatars/", "--json")
      if (!listed.includes('"avatars/me.txt"')) throw new Error(`the listing is ${listed}`)
    },
  }
}
