import { mkdirSync, readFileSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { appFolder } from "./app-folder.ts"
import { filesOf } from "./files-of.ts"
import { runCommand } from "./run-command.ts"
import { CTRL_C, startTerminal } from "./terminal.ts"

const FILES = { "media/a/1.txt": "one", "media/a/.hidden": "h", "media/b.txt": "b" }

const run = async (cwd: string, ...args: string[]) => await runCommand(args, { cwd })

describe("storages sync", () => {
  it("copies what is missing or has changed, and goes by the alias transfer", async () => {
    const cwd = appFolder({ ...FILES, "backup/b.txt": "x", "backup/own.txt": "own" })
    expect(await run(cwd, "sync", "media:", "backup:")).toEqual({
      exitCode: 0,
      stdout: "Copied 3 files (5 B), 0 were the same.\n",
      stderr: "",
    })
    expect(filesOf(`${cwd}/backup`)).toEqual({ "a/.hidden": "h", "a/1.txt": "one", "b.txt": "b", "own.txt": "own" })
    const again = await run(cwd, "transfer", "--json", "media:", "backup:")
    expect(JSON.parse(again.stdout)).toEqual({
      copied: 0,
      skipped: 3,
      deleted: 0,
      failed: 0,
      bytes: 0,
      dryRun: false,
    })
  })

  it("takes storages, directories of them, folders and URLs at either end", async () => {
    const cwd = appFolder(FILES)
    await run(cwd, "sync", "media:a", "./new/folder")
    await run(cwd, "sync", "./new", "backup:from")
    await run(cwd, "sync", `file://${cwd}/backup/from`, "by-url")
    expect(filesOf(`${cwd}/new`)).toEqual({ "folder/.hidden": "h", "folder/1.txt": "one" })
    expect(filesOf(`${cwd}/backup`)).toEqual({ "from/folder/.hidden": "h", "from/folder/1.txt": "one" })
    expect(filesOf(`${cwd}/by-url`)).toEqual(filesOf(`${cwd}/new`))
  })

  it("compares as it is told", async () => {
    const cwd = appFolder({ "media/b.txt": "new", "backup/b.txt": "old" })
    utimesSync(`${cwd}/backup/b.txt`, 1_000_000_000, 1_000_000_000)
    const copied = async (compare: string) =>
      (await run(cwd, "sync", "--dry-run", "--compare", compare, "media:", "backup:")).stdout
    expect(await copied("size")).toBe("Would copy 0 files (0 B), 1 was the same.\n")
    expect(await copied("modified")).toBe("copy  b.txt\nWould copy 1 file (3 B), 0 were the same.\n")
    expect(await copied("content")).toBe("copy  b.txt\nWould copy 1 file (3 B), 0 were the same.\n")
    expect((await run(cwd, "sync", "--compare", "luck", "media:", "backup:")).exitCode).toBe(2)
    expect(readFileSync(`${cwd}/backup/b.txt`, "utf8")).toBe("old")
  })

  it("deletes with --delete what the source does not have, after a question that tells how many", async () => {
    const cwd = appFolder({ ...FILES, "backup/own.txt": "own", "backup/a/old.txt": "old" })
    const nobody = await run(cwd, "sync", "--delete", "media:", "backup:")
    expect(nobody.exitCode).toBe(4)
    expect(nobody.stderr).toContain("Delete 2 files of backup: that the source does not have; nothing of it is in")
    expect((await run(cwd, "sync", "--delete", "--dry-run", "media:", "backup:")).stdout).toBe(
      "copy  a/.hidden\ncopy  a/1.txt\ncopy  b.txt\ndelete  a/old.txt\ndelete  own.txt\n" +
        "Would copy 3 files (5 B), 0 were the same, would delete 2 files.\n",
    )
    expect(Object.keys(filesOf(`${cwd}/backup`))).toHaveLength(2)
    const terminal = await startTerminal(["sync", "--delete", "media:", "backup:"], { cwd }, { columns: 160 })
    await terminal.shows("Delete 2 files of backup: that the source does not have")
    terminal.type("y")
    expect(await terminal.exitCode).toBe(0)
    expect(terminal.screen()).toContain("Copied 3 files (5 B), 0 were the same, deleted 2 files.")
    expect(filesOf(`${cwd}/backup`)).toEqual({ "a/.hidden": "h", "a/1.txt": "one", "b.txt": "b" })
    expect((await run(cwd, "sync", "--delete", "media:", "backup:")).exitCode).toBe(0)
  })

  it.each([
    [["./nothing", "media:"], 3, "There is no folder ./nothing."],
    [["media:", "package.json"], 2, "package.json is a file, where a folder is meant."],
    [["media:", "media:a"], 2, "within the source"],
    [["media:", "media:"], 2, "the same place"],
    [["./media", "media:"], 2, "the same place"],
    [["--delete", "--yes", "media:a", "media:"], 2, "media"],
  ])("refuses %j with %i", async (args, exitCode, message) => {
    const cwd = appFolder(FILES)
    const ended = await run(cwd, "sync", ...args)
    expect(ended).toMatchObject({ exitCode, stdout: "" })
    expect(ended.stderr).toContain(message)
    expect(Object.keys(filesOf(`${cwd}/media`))).toHaveLength(3)
  })

  it("lists what failed, copies the rest, deletes nothing then, and ends with 1", async () => {
    const cwd = appFolder({ ...FILES, "backup/b.txt/in-the-way": "", "backup/own.txt": "own" })
    const { exitCode, stdout, stderr } = await run(cwd, "sync", "--delete", "--yes", "media:", "backup:")
    expect(stdout).toBe("Copied 2 files (4 B), 0 were the same, deleted 0 files, 1 failed.\n")
    expect(stderr).toMatch(/1 file could not be copied\. Nothing was deleted\..*\n {2}b\.txt: /)
    expect(exitCode).toBe(1)
    expect(filesOf(`${cwd}/backup`)).toMatchObject({ "own.txt": "own" })
  })

  it("shows on a terminal how far it is; Ctrl-C leaves whole files alone, and the same command goes on", async () => {
    const cwd = appFolder()
    mkdirSync(`${cwd}/large`)
    for (let index = 0; index < 16; index++) {
      writeFileSync(`${cwd}/large/${index}.bin`, "")
      truncateSync(`${cwd}/large/${index}.bin`, 40_000_000)
    }
    const args = ["sync", "--concurrency", "1", "--compare", "size", "./large", "./copies"]
    const terminal = await startTerminal(args, { cwd }, { columns: 200 })
    await terminal.shows(/Copying: \d+ files?, \d+ MB/)
    await terminal.shows(/Copying: [1-9]\d* files?, \d+ MB/)
    terminal.type(CTRL_C)
    expect(await terminal.exitCode).toBe(130)
    expect(terminal.screen()).toMatch(/Copied \d+ files? .*before it was stopped.*The same command again/s)
    expect(terminal.screen()).not.toMatch(/Copying:/)
    const copies = Object.keys(filesOf(`${cwd}/copies`))
    expect(copies.length).toBeGreaterThan(0)
    expect(copies.length).toBeLessThan(16)
    for (const name of copies) expect(statSync(`${cwd}/copies/${name}`).size).toBe(40_000_000)
    const rest = JSON.parse((await run(cwd, ...args, "--json")).stdout) as { copied: number; skipped: number }
    expect(rest).toMatchObject({ copied: 16 - copies.length, skipped: copies.length })
  })
})
