import { writeFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { appFolder } from "./app-folder.ts"
import { runInOwnProcess } from "./command-process.ts"
import { environment, runCommand } from "./run-command.ts"

const CONFIG = `import { defineStorages, LocalStorage } from "node-storages"
import { defineStatic } from "node-storages/static"
export const storages = defineStorages({
  media: () => new LocalStorage("media", { baseUrl: "https://www.example.com/media/" }),
  static: () => new LocalStorage("public", { baseUrl: "https://static.example.com/" }),
})
export const staticConfig = defineStatic({ storage: storages.static, sources: ["assets"], cacheFolder: false })
`
const FILES = {
  "storages.config.ts": CONFIG,
  "media/a.txt": "ä",
  "assets/css/app.css": "a {}",
  "production.env": "FROM_A_FILE=yes\n",
}

/** A configuration that runs some code, and has one storage. */
const configuration = (code: string): string =>
  `import { defineStorages } from "@node-storages/core"
import { mayBlock } from "@node-storages/core/adapter"
import { LocalStorage } from "@node-storages/local"
${code}
void mayBlock
export const storages = defineStorages({ media: () => new LocalStorage("media") })
`

const surroundings = () => ({
  cwd: process.cwd(),
  env: { ...process.env },
  argv: process.argv,
  exit: Reflect.get(process, "exit") as unknown,
  exitCode: process.exitCode,
  streams: [process.stdin, process.stdout, process.stderr],
  console,
  listeners: (["SIGINT", "SIGTERM", "warning"] as const).map((name) => process.listenerCount(name)),
})

describe("a command in the process of the tests", () => {
  // The built command: that it can be loaded is tested here, for each of its parts.
  it.each([
    "--version",
    "--help",
    "help cp",
    "lss",
    "init --yes --config other.config.js",
    "check --permissions media",
    "collectstatic",
    "findstatic css/app.css",
    "prune --yes",
    "nginx",
    "caddy",
    "ls -r --json media:nothing",
    "--verbose ls media:",
    "cat media:a.txt",
    "cp media:a.txt ./b.txt",
    "cp - media:a.txt",
    "mv media:a.txt media:b.txt",
    "rm -r media:",
    "sync media: ./copies",
    "url media:a.txt",
    "serve nothing",
    "completion bash",
    "__complete zsh ls med",
  ])("answers as the built one in a process of its own: storages %s", async (line) => {
    const ends = [runInOwnProcess, runCommand].map(async (run) => {
      const cwd = appFolder(FILES)
      const { exitCode, stdout, stderr } = await run(line.split(" "), { cwd, input: "from a pipe" })
      const told = (text: string) => text.replaceAll(cwd, "HERE")
      return { exitCode, stdout: told(stdout), stderr: told(stderr) }
    })
    const [own, inTheTests] = await Promise.all(ends)
    expect(inTheTests).toEqual(own)
  })

  it("finds its folder, environment, arguments and streams, and leaves those of the tests as they were", async () => {
    const before = surroundings()
    const cwd = appFolder({
      ...FILES,
      "storages.config.ts": configuration(`
        console.log(process.cwd(), process.env.GIVEN, process.env.FROM_A_FILE, process.env.VITEST, mayBlock())
        console.error(process.argv.slice(2).join(" "), process.stdout.isTTY, process.stdin.isTTY)
        process.exitCode = 9`),
    })
    const ended = await runCommand(["--env", "production.env", "ls", "media:"], { cwd, env: { GIVEN: "given" } })
    expect(ended).toEqual({
      exitCode: 0,
      stdout: `${cwd} given yes undefined true\na.txt\n`,
      stderr: "--env production.env ls media: undefined undefined\n",
    })
    expect(surroundings()).toEqual(before)
    expect(environment()).not.toHaveProperty("FROM_A_FILE")
  })

  it("ends at a process.exit() with its code, and without what comes behind it", async () => {
    const before = surroundings()
    const cwd = appFolder({ "storages.config.ts": configuration('console.log("so far"); process.exit(7)') })
    expect(await runCommand(["ls", "media:"], { cwd })).toEqual({ exitCode: 7, stdout: "so far\n", stderr: "" })
    expect(surroundings()).toEqual(before)
  })

  it("gives all back where it can't be started, and where it fails in a way that it does not tell", async () => {
    const before = surroundings()
    await expect(runCommand(["ls"], { cwd: "/there/is/no/such/folder" })).rejects.toThrow("no such file")
    expect(surroundings()).toEqual(before)
    const cwd = appFolder(FILES)
    await expect(runCommand([Symbol("x") as unknown as string], { cwd })).rejects.toThrow(TypeError)
    expect(surroundings()).toEqual(before)
  })

  it("waits for the one before it", async () => {
    const folders = [appFolder(FILES), appFolder({ ...FILES, "media/b.txt": "b" })]
    const ended = await Promise.all(folders.map((cwd) => runCommand(["ls", "media:"], { cwd })))
    expect(ended.map(({ stdout }) => stdout)).toEqual(["a.txt\n", "a.txt\nb.txt\n"])
  })

  it("loads a configuration anew, with what it imports, and tells warnings of Node", async () => {
    const text = 'import { from } from "./other.ts"\nprocess.emitWarning(from)\nexport const storages = {}'
    const cwd = appFolder({ "storages.config.ts": text })
    for (const from of ["one", "two"]) {
      writeFileSync(`${cwd}/other.ts`, `export const from: string = "${from}"`)
      const { stderr } = await runCommand(["ls", "media:"], { cwd })
      expect(stderr).toContain(`Warning: ${from}`)
    }
  })

  it.each(["ts", "js"])("tells the place of an error in what Node has loaded: other.config.%s", async (extension) => {
    const cwd = appFolder()
    const file = `${cwd}/other.config.${extension}`
    for (const [text, place] of [
      ['\n\nthrow new Error("no luck")', ":3:7: no luck"],
      ['\nimport { nothing } from "node:fs"', ":2:1: "],
      // Node has no place for one in JavaScript.
      ["\n\nexport const storages = {\n  media: ,\n}", extension === "ts" ? ":4:" : ": Unexpected token"],
    ] as const) {
      writeFileSync(file, text)
      const [own, inTheTests] = await Promise.all(
        [runInOwnProcess, runCommand].map((run) => run(["--config", file, "ls", "media:"], { cwd })),
      )
      expect(inTheTests).toEqual(own)
      expect(own!.stderr).toContain(`other.config.${extension}${place}`)
    }
  })
})
