import { existsSync, lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, utimesSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { appFolder } from "./app-folder.ts"
import { filesOf } from "./files-of.ts"
import { runCommand } from "./run-command.ts"
import { CTRL_C, ENTER, startTerminal } from "./terminal.ts"

const FILES = { "media/a/1.txt": "one", "media/a/2.txt": "two", "media/b.txt": "b", "loose.txt": "loose" }

const run = async (cwd: string, ...args: string[]) => await runCommand(args, { cwd })

describe("storages mv", () => {
  it("renames within a storage with headers, and moves between storages and folders", async () => {
    const cwd = appFolder(FILES)
    await run(cwd, "cp", "--metadata", "a=b", "loose.txt", "media:with")
    await run(cwd, "mv", "media:with", "media:renamed")
    await run(cwd, "mv", "media:renamed", "backup:sub/")
    expect((await run(cwd, "stat", "backup:sub/renamed")).stdout).toMatch(/metadata a: +b/)
    const ended = await run(cwd, "mv", "media:b.txt", "./loose.txt", "backup:")
    expect(ended).toMatchObject({ exitCode: 0, stdout: "Moved 2 files, 6 B.\n", stderr: "" })
    expect(existsSync(`${cwd}/loose.txt`)).toBe(false)
    expect(Object.keys(filesOf(`${cwd}/media`))).toEqual(["a/1.txt", "a/2.txt"])
    expect(filesOf(`${cwd}/backup`)).toMatchObject({ "b.txt": "b", "loose.txt": "loose", "sub/renamed": "loose" })
  })

  it("moves directories with -r, and folders of this machine are gone afterwards", async () => {
    const cwd = appFolder({ ...FILES, "folder/deep/x": "x" })
    expect((await run(cwd, "mv", "media:a", "backup:")).exitCode).toBe(2)
    await run(cwd, "mv", "-r", "media:a", "./folder", "backup:new/")
    expect(filesOf(`${cwd}/backup`)).toEqual({ "new/a/1.txt": "one", "new/a/2.txt": "two", "new/folder/deep/x": "x" })
    expect(filesOf(`${cwd}/media`)).toEqual({ "b.txt": "b" })
    expect(existsSync(`${cwd}/folder`)).toBe(false)
  })

  it("keeps time and mode where both ends are on this machine", async () => {
    const cwd = appFolder(FILES)
    utimesSync(`${cwd}/loose.txt`, 1_000_000_000, 1_000_000_000)
    await run(cwd, "mv", "loose.txt", "new/place.txt")
    expect(statSync(`${cwd}/new/place.txt`).mtimeMs).toBe(1_000_000_000_000)
    expect(existsSync(`${cwd}/loose.txt`)).toBe(false)
  })

  it("with --no-clobber leaves both files as they are where the name is taken", async () => {
    const cwd = appFolder({ ...FILES, "backup/1.txt": "older", "1.txt": "mine" })
    for (const source of ["media:a/1.txt", "./1.txt"]) {
      const ended = await run(cwd, "mv", "--no-clobber", source, "backup:1.txt")
      expect(ended).toMatchObject({ exitCode: 1, stdout: "" })
      expect(ended.stderr).toContain("backup:1.txt is there already, and was not replaced.")
    }
    expect((await run(cwd, "mv", "--no-clobber", "./1.txt", "./loose.txt")).exitCode).toBe(1)
    expect(filesOf(`${cwd}/backup`)).toEqual({ "1.txt": "older" })
    expect(readFileSync(`${cwd}/media/a/1.txt`, "utf8") + readFileSync(`${cwd}/1.txt`, "utf8")).toBe("onemine")
  })

  it("deletes no source whose copy failed, and tells each", async () => {
    const cwd = appFolder({ ...FILES, "backup/a/1.txt/in-the-way": "" })
    const { exitCode, stderr, stdout } = await run(cwd, "mv", "-r", "media:a", "backup:")
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "Moved 1 file, 3 B.\n" })
    expect(stderr).toMatch(/1 file could not be moved\.\n {2}media:a\/1\.txt: /)
    expect(Object.keys(filesOf(`${cwd}/media`))).toEqual(["a/1.txt", "b.txt"])
  })

  it.skipIf(process.platform === "win32")("moves a link as one, and nothing through a link to a folder", async () => {
    const cwd = appFolder(FILES)
    symlinkSync("loose.txt", `${cwd}/link`)
    symlinkSync("media", `${cwd}/linked`)
    expect((await run(cwd, "mv", "./link", "./renamed")).exitCode).toBe(0)
    expect(lstatSync(`${cwd}/renamed`).isSymbolicLink()).toBe(true)
    const refused = await run(cwd, "mv", "-r", "./linked", "backup:")
    expect(refused).toMatchObject({ exitCode: 2, stdout: "" })
    expect(refused.stderr).toContain("./linked is a link to a folder")
    expect(Object.keys(filesOf(`${cwd}/media`))).toHaveLength(3)
  })

  it("tells with --dry-run what would be moved, and refuses what would lose a file", async () => {
    const cwd = appFolder(FILES)
    expect((await run(cwd, "mv", "-n", "media:b.txt", "backup:c.txt")).stdout).toBe(
      "media:b.txt -> backup:c.txt\nWould move 1 file, 1 B.\n",
    )
    expect((await run(cwd, "mv", "./media/b.txt", "media:b.txt")).stderr).toContain("onto itself")
    expect((await run(cwd, "mv", "media:a/1.txt", "backup:a/1.txt", "./")).exitCode).toBe(3)
    expect((await run(cwd, "mv", "-", "media:x")).exitCode).toBe(2)
    expect(Object.keys(filesOf(`${cwd}/media`))).toEqual(["a/1.txt", "a/2.txt", "b.txt"])
  })
})

describe("storages rm", () => {
  it("deletes a file that is named without a question, and ends with 3 where there is none", async () => {
    const cwd = appFolder(FILES)
    expect(await run(cwd, "rm", "media:b.txt")).toEqual({ exitCode: 0, stdout: "Deleted 1 file, 1 B.\n", stderr: "" })
    expect(await run(cwd, "rm", "media:b.txt")).toEqual({
      exitCode: 3,
      stdout: "",
      stderr: "error: There is no media:b.txt.\n",
    })
    expect(await run(cwd, "rm", "-f", "media:b.txt")).toMatchObject({ exitCode: 0, stderr: "" })
    const some = await run(cwd, "rm", "--yes", "media:a/1.txt", "media:b.txt")
    expect(some).toMatchObject({ exitCode: 3, stdout: "Deleted 1 file, 3 B.\n" })
    expect(Object.keys(filesOf(`${cwd}/media`))).toEqual(["a/2.txt"])
  })

  it("asks before more than one file, with their number and bytes, and needs --yes where nobody can be asked", async () => {
    const cwd = appFolder(FILES)
    const ended = await run(cwd, "rm", "-r", "media:a")
    expect(ended).toMatchObject({ exitCode: 4, stdout: "" })
    expect(ended.stderr).toContain("Delete 2 files (6 B) in media:a? Nobody can be asked here: give --yes.")
    expect((await run(cwd, "rm", "media:a")).stderr).toContain("media:a is a directory. With -r")
    expect((await run(cwd, "rm", "media:a/1.txt", "media:b.txt")).exitCode).toBe(4)
    expect(Object.keys(filesOf(`${cwd}/media`))).toHaveLength(3)
    expect((await run(cwd, "rm", "-r", "--dry-run", "media:a")).stdout).toBe(
      "media:a/1.txt\nmedia:a/2.txt\nWould delete 2 files, 6 B.\n",
    )
    expect(await run(cwd, "rm", "-ry", "--json", "media:a")).toEqual({
      exitCode: 0,
      stdout: '{"deleted":2,"bytes":6,"failed":0,"dryRun":false}\n',
      stderr: "",
    })
    expect(Object.keys(filesOf(`${cwd}/media`))).toEqual(["b.txt"])
  })

  it.each([
    ["n", 4, 3],
    [CTRL_C, 130, 3],
    ["y", 0, 0],
  ])("names the whole storage in its question, and heeds the answer %j", async (answer, exitCode, left) => {
    const cwd = appFolder(FILES)
    const terminal = await startTerminal(["rm", "-r", "media:"], { cwd }, { columns: 160 })
    await terminal.shows(`Delete all 3 files (7 B) of media:, which is the whole storage file://${cwd}/media?`)
    terminal.type(answer)
    if (answer === "n") terminal.type(ENTER)
    expect(await terminal.exitCode).toBe(exitCode)
    expect(terminal.screen()).toContain(left === 0 ? "Deleted 3 files, 7 B." : "Nothing was done.")
    expect(Object.keys(filesOf(`${cwd}/media`))).toHaveLength(left)
  })

  it.skipIf(process.platform === "win32")("deletes a link and not what it leads to", async () => {
    const cwd = appFolder(FILES)
    symlinkSync("loose.txt", `${cwd}/link`)
    symlinkSync("media/a", `${cwd}/linked`)
    symlinkSync("nowhere", `${cwd}/dangling`)
    expect((await run(cwd, "rm", "--yes", "./link", "./linked", "./dangling")).exitCode).toBe(0)
    for (const name of ["link", "linked", "dangling"]) {
      expect(lstatSync(`${cwd}/${name}`, { throwIfNoEntry: false })).toBeUndefined()
    }
    expect(readFileSync(`${cwd}/loose.txt`, "utf8")).toBe("loose")
    expect(Object.keys(filesOf(`${cwd}/media`))).toHaveLength(3)
  })

  it("removes a folder of this machine with the empty ones in it, and never the one it is in", async () => {
    const cwd = appFolder({ ...FILES, "folder/deep/x": "x", "folder/.hidden": "h" })
    mkdirSync(`${cwd}/folder/empty/er`, { recursive: true })
    expect((await run(cwd, "rm", "-r", "--yes", "./folder")).stdout).toBe("Deleted 2 files, 2 B.\n")
    expect(existsSync(`${cwd}/folder`)).toBe(false)
    for (const place of [".", "..", "/", "./media/.."]) {
      expect((await run(cwd, "rm", "-r", "--yes", place)).exitCode).toBe(2)
    }
    expect(existsSync(`${cwd}/package.json`)).toBe(true)
  })
})
