import { describe, expect, it } from "vitest"
import { appFolder } from "./app-folder.ts"
import { runCommand } from "./run-command.ts"

const FILES = { "media/b/deep/x.css": "1234567890", "media/a.txt": "a", "media/.hidden": "h", "media/c": "" }

const run = async (cwd: string, ...args: string[]) => await runCommand(["ls", ...args], { cwd })

describe("storages ls", () => {
  it("lists one level, directories first, each sorted, or all of them with -r", async () => {
    const cwd = appFolder(FILES)
    expect((await run(cwd, "media:")).stdout).toBe("b/\n.hidden\na.txt\nc\n")
    expect((await run(cwd, "-r", "media:")).stdout).toBe(".hidden\na.txt\nb/deep/x.css\nc\n")
    expect((await run(cwd, "media:b/")).stdout).toBe("b/deep/\n")
  })

  it("tells size, time and type in columns with -l, and a file that is named itself", async () => {
    const cwd = appFolder(FILES)
    const { stdout } = await run(cwd, "-lr", "media:b", "--verbose")
    expect(stdout).toMatch(/^ +10 B {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ {2}text\/css +b\/deep\/x\.css\n$/)
    expect((await run(cwd, "./media/a.txt")).stdout).toBe("a.txt\n")
    expect((await run(cwd, "-l", "media:")).stdout.split("\n")[0]).toMatch(/^ +b\/$/)
  })

  it("lists folders of this machine and URLs, and ends with 3 where there is nothing", async () => {
    const cwd = appFolder(FILES)
    expect((await run(cwd, "./media/b")).stdout).toBe("deep/\n")
    expect((await run(cwd, "-r", `file://${cwd}/media/b`)).stdout).toBe("deep/x.css\n")
    expect(await run(cwd, "./nothing")).toMatchObject({ exitCode: 3, stdout: "" })
    expect(await run(cwd, "media:b/dee")).toMatchObject({ exitCode: 3, stdout: "" })
    expect(await run(cwd, "media:empty/")).toEqual({ exitCode: 0, stdout: "", stderr: "" })
  })

  it("lists any number of files, one JSON value a line", async () => {
    const cwd = appFolder(Object.fromEntries(Array.from({ length: 2500 }, (_, index) => [`media/${index}`, ""])))
    const lines = (await run(cwd, "--json", "-r", "media:")).stdout.trimEnd().split("\n")
    const names = lines.map((line) => (JSON.parse(line) as { name: string }).name)
    expect(names).toEqual(Array.from({ length: 2500 }, (_, index) => String(index)).toSorted())
  })
})
