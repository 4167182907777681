import { describe, expect, it } from "vitest"
import { appFolder } from "./app-folder.ts"
import { runCommand } from "./run-command.ts"
import { staticConfiguration } from "./static-app.ts"

const FILES = {
  "storages.config.ts": staticConfiguration({ sources: '["assets", "more"]', options: 'ignore: ["*.psd"],' }),
  "assets/css/app.css": "a {}",
  "more/css/app.css": "b {}",
  "more/js/app.js": "1",
  "more/art/logo.psd": "layers",
}

describe("storages findstatic", () => {
  it("tells every source that has a name, the one that is used first", async () => {
    const cwd = appFolder(FILES)
    expect(await runCommand(["findstatic", "css/app.css", "js/app.js"], { cwd: `${cwd}/more` })).toEqual({
      exitCode: 0,
      stdout: "css/app.css\n  assets/css/app.css (used)\n  more/css/app.css\njs/app.js\n  more/js/app.js\n",
      stderr: "",
    })
  })

  it("prints places alone with --first, and values with --json", async () => {
    const cwd = appFolder(FILES)
    const first = await runCommand(["findstatic", "--first", "css/app.css", "js/app.js"], { cwd })
    expect(first.stdout).toBe("assets/css/app.css\nmore/js/app.js\n")
    const { stdout } = await runCommand(["findstatic", "--json", "css/app.css"], { cwd })
    expect(JSON.parse(stdout)).toEqual({
      name: "css/app.css",
      used: "assets/css/app.css",
      found: ["assets/css/app.css", "more/css/app.css"],
    })
  })

  it.each([
    ["css/ap.css", "is css/app.css meant?"],
    ["app.js", "is js/app.js meant?"],
    ["css/app.3f9a1c0b2d4e.css", "this is the published name of css/app.css"],
    ["art/logo.psd", "more/art/logo.psd is left out by a pattern of ignore"],
    ["nothing/like/it.woff2", "no source has a name like it, of 2"],
  ])("ends with 3 for %s, with a hint", async (name, hint) => {
    expect(await runCommand(["findstatic", "css/app.css", name, "--first"], { cwd: appFolder(FILES) })).toEqual({
      exitCode: 3,
      stdout: "assets/css/app.css\n",
      stderr: `error: No source has ${name}.\n  ${name}: ${hint}\n`,
    })
  })

  it("refuses what is no name", async () => {
    const { exitCode, stderr } = await runCommand(["findstatic", "/css/app.css"], { cwd: appFolder(FILES) })
    expect(exitCode).toBe(2)
    expect(stderr).toContain('Ask for a name below the static root, like "css/app.css"')
  })
})
