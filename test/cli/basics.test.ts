import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { appFolder } from "./app-folder.ts"
import { runInOwnProcess, startCommand } from "./command-process.ts"
import { runCommand } from "./run-command.ts"
import { startTerminal } from "./terminal.ts"

const FILES = { "media/avatars/me.png": "12", "media/report.pdf": "123" }

describe("the storages command", () => {
  it("lists a storage of the nearest configuration, wherever below it the command is started", async () => {
    const cwd = appFolder({ ...FILES, "src/deep/x.ts": "" })
    const ended = await runCommand(["ls", "media:"], { cwd: `${cwd}/src/deep` })
    expect(ended).toEqual({ exitCode: 0, stdout: "avatars/\nreport.pdf\n", stderr: "" })
  })

  it("prints one value of JSON a line with --json, before or behind the command", async () => {
    const cwd = appFolder(FILES)
    const { stdout } = await runCommand(["--json", "ls", "-r", "media:"], { cwd })
    expect(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => (JSON.parse(line) as { name: string }).name),
    ).toEqual(["avatars/me.png", "report.pdf"])
    expect((await runCommand(["ls", "-r", "media:", "--json"], { cwd })).stdout).toBe(stdout)
  })

  it("takes plain names for the storage that --storage names, by its name or its URL", async () => {
    const cwd = appFolder(FILES)
    expect((await runCommand(["--storage", "media", "ls", "avatars"], { cwd })).stdout).toBe("avatars/me.png\n")
    const url = ["ls", "avatars", "--storage", `file://${cwd}/media`]
    expect((await runCommand(url, { cwd })).stdout).toBe("avatars/me.png\n")
  })

  it("needs no configuration for folders and URLs, and tells where one is needed", async () => {
    const cwd = appFolder(FILES)
    const empty = `${cwd}/media/avatars`
    const config = ["--config", `${cwd}/nothing.ts`]
    expect(await runCommand([...config, "ls", "media:"], { cwd: empty })).toMatchObject({
      exitCode: 2,
      stderr: `error: There is no ${cwd}/nothing.ts, which --config names.\n`,
    })
  })

  it.each([
    [["ls", "medai:"], 'has no storage "medai". Is "media" meant?'],
    [["ls", "avatars"], 'In which storage is "avatars"? Write media:avatars, backup:avatars'],
    [["lss"], "unknown command 'lss'\n(Did you mean ls?)"],
    [["ls"], "Which storage? Write media:, backup:, or name it with --storage."],
    [["cat", "media:"], 'media: is a directory, not a file. "storages ls media:" shows its files.'],
    [["cp"], "missing required argument 'place'\n(storages cp --help shows examples)"],
    [["ls", "media:", "--recursiv"], "unknown option '--recursiv'\n(Did you mean --recursive?)"],
    [["ls", "media:../x"], '"../x"'],
    [["--import", "nothing-like-it", "ls", "media:"], "--import nothing-like-it: there is no such module"],
    [["--env", "nothing.env", "ls", "media:"], "nothing.env can't be read"],
  ])("refuses %j with exit code 2, and tells the way out", async (args, message) => {
    const { exitCode, stderr, stdout } = await runCommand(args, { cwd: appFolder(FILES) })
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" })
    expect(stderr).toContain(message)
  })

  it("imports an adapter that has no entry for require, as a file of the folder would", async () => {
    const cwd = appFolder(FILES)
    const files = {
      "package.json": '{ "name": "own", "type": "module", "exports": { "./adapter": { "import": "./adapter.js" } } }',
      "adapter.js": `import { registerScheme } from "@node-storages/core"
import { LocalStorage } from "@node-storages/local"
registerScheme("own", (url) => new LocalStorage(url.pathname))
`,
    }
    for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text)
    const args = ["--import", "own/adapter", "ls", `own://x${cwd}/media`]
    expect(await runCommand(args, { cwd })).toEqual({ exitCode: 0, stdout: "avatars/\nreport.pdf\n", stderr: "" })
  })

  it("ends with 3 where there is no such file, and tells it as JSON where that is wanted", async () => {
    const cwd = appFolder(FILES)
    const { exitCode, stderr } = await runCommand(["--json", "ls", "media:nothing"], { cwd })
    expect(exitCode).toBe(3)
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: "not-found" } })
  })

  it("has colours on a terminal, and none with NO_COLOR or in a pipe", async () => {
    const cwd = appFolder(FILES)
    const coloured = await startTerminal(["ls", "medai:"], { cwd })
    expect(await coloured.exitCode).toBe(2)
    expect(coloured.raw()).toContain("\u001b[31merror:\u001b[39m")
    const plain = await startTerminal(["ls", "medai:"], { cwd, env: { NO_COLOR: "1" } })
    await plain.exitCode
    expect(plain.raw()).toContain("error: ")
    expect(plain.raw()).not.toContain("\u001b[31m")
    expect((await runCommand(["ls", "medai:"], { cwd })).stderr).not.toContain("\u001b")
  })

  it("says nothing when the reader of a pipe has seen enough", async () => {
    const files = Object.fromEntries(
      Array.from({ length: 2000 }, (_, index) => [`media/${"x".repeat(80)}-${index}`, ""]),
    )
    const cwd = appFolder(files)
    const running = await startCommand(["ls", "media:"], { cwd })
    running.process.stdout!.once("data", () => running.process.stdout!.destroy())
    expect(await running.ended).toMatchObject({ exitCode: 0, stderr: "" })
  })
})

describe("a wrong configuration", () => {
  const config = (body: string): string =>
    `import { defineStorages } from "@node-storages/core"\nimport { LocalStorage } from "@node-storages/local"\n${body}`

  it.each([
    [
      "an option that is mistyped",
      config(
        'export const storages = defineStorages({\n  media: () => new LocalStorage("media", { baseUr: "/" }),\n})',
      ),
      /storages\.config\.ts:4:16: .*LocalStorage has no option "baseUr"\. Did you mean "baseUrl"\?/,
    ],
    ["an export that is mistyped", "export const storage = {}", /no export "storages": is "storage" meant\?/],
    ["no export", "const storages = {}", /has no export "storages"; it exports nothing/],
    [
      "a package that is not installed",
      'import "@node-storages/ftp"',
      /:1:9: "@node-storages\/ftp" is not installed.*npm install @node-storages\/ftp/,
    ],
    ["a syntax error", "export const storages = {\n  media: ,\n}", /storages\.config\.ts:2:\d+: /],
    ["an error that it throws", 'const x = 1\nthrow new Error("no luck")', /storages\.config\.ts:2:7: no luck/],
    ["a storage that is none", config("export const storages = { media: 5 }"), /"media" is none/],
    ["TypeScript that is more than types", "export enum A { b }", /storages\.config\.ts:1:\d+: .*enum/i],
  ])("is told with its place: %s", async (_title, text, message) => {
    const cwd = appFolder({ "storages.config.ts": text })
    const { exitCode, stderr, stdout } = await runCommand(["ls", "media:"], { cwd })
    expect(stderr).toMatch(message)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" })
  })

  it("never shows long texts of the file: they may be secrets", async () => {
    const text = config(
      'export const storages = defineStorages({\n  media: () => new LocalStorage("media", { key: "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY" }),\n})',
    )
    const { stderr } = await runCommand(["--verbose", "ls", "media:"], {
      cwd: appFolder({ "storages.config.ts": text }),
    })
    expect(stderr).toContain("> 4 |")
    expect(stderr).not.toContain("wJalrXUtnFEMIK7MDENG")
  })
})

describe("the disk", () => {
  const files = {
    "storages.config.ts": `import { mayBlock } from "@node-storages/core/adapter"
import { defineStorages } from "@node-storages/core"
import { LocalStorage } from "@node-storages/local"
console.error(\`may block: \${mayBlock()}\`)
export const storages = defineStorages({ media: () => new LocalStorage("media", { baseUrl: "/media/" }) })
`,
    "media/a.txt": "text",
  }

  it("may hold up a command, which does nothing else", async () => {
    // It is the process that may be held up, not the command.
    const { stdout, stderr } = await runInOwnProcess(["ls", "media:"], { cwd: appFolder(files) })
    expect({ stdout, stderr }).toEqual({ stdout: "a.txt\n", stderr: "may block: true\n" })
  })

  it("may not hold up a server", async () => {
    const running = await startCommand(["serve", "media", "--port", "0"], { cwd: appFolder(files) })
    await running.writes(({ stdout }) => stdout.includes("http://"))
    expect(running.written().stderr).toContain("may block: false\n")
  })
})
