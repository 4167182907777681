import { chmodSync, existsSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { until } from "../servers/until.ts"
import { appFolder } from "./app-folder.ts"
import { startCommand } from "./command-process.ts"
import { filesOf } from "./files-of.ts"
import { runCommand } from "./run-command.ts"
import { CTRL_C, startTerminal } from "./terminal.ts"

const FILES = {
  "media/avatars/me.txt": "me",
  "media/avatars/.hidden": "h",
  "media/report.txt": "report",
  "a.html": "a",
}

const run = async (cwd: string, ...args: string[]) => await runCommand(args, { cwd })

describe("storages cp", () => {
  it("goes into what ends with a slash, is a root or a folder, and else to exactly this name", async () => {
    const cwd = appFolder(FILES)
    expect(await run(cwd, "cp", "a.html", "backup:pages/")).toEqual({
      exitCode: 0,
      stdout: "Copied 1 file, 1 B.\n",
      stderr: "",
    })
    await run(cwd, "cp", "a.html", "backup:")
    await run(cwd, "cp", "media:report.txt", "backup:pages/other.txt")
    await run(cwd, "cp", "media:report.txt", "media:avatars/me.txt", "backup:several")
    expect(filesOf(`${cwd}/backup`)).toEqual({
      "a.html": "a",
      "pages/a.html": "a",
      "pages/other.txt": "report",
      "several/me.txt": "me",
      "several/report.txt": "report",
    })
    await run(cwd, "cp", "media:report.txt", "media:avatars/me.txt", "backup/pages")
    await run(cwd, "cp", "media:report.txt", "new/folder/x.txt")
    expect(Object.keys(filesOf(`${cwd}/backup/pages`))).toEqual(["a.html", "me.txt", "other.txt", "report.txt"])
    expect(filesOf(`${cwd}/new`)).toEqual({ "folder/x.txt": "report" })
  })

  it("copies directories with -r: under their names into what is there, else as exactly this one", async () => {
    const cwd = appFolder(FILES)
    await run(cwd, "cp", "-r", "media:avatars", "backup:old/avatars")
    expect(filesOf(`${cwd}/backup`)).toEqual({ "old/avatars/.hidden": "h", "old/avatars/me.txt": "me" })
    await run(cwd, "cp", "-r", "media:avatars", "./new")
    await run(cwd, "cp", "-r", "media:avatars", "./new")
    await run(cwd, "cp", "-r", "media:", "./all")
    expect(filesOf(`${cwd}/new`)).toEqual({
      ".hidden": "h",
      "avatars/.hidden": "h",
      "avatars/me.txt": "me",
      "me.txt": "me",
    })
    expect(Object.keys(filesOf(`${cwd}/all`))).toEqual(["avatars/.hidden", "avatars/me.txt", "report.txt"])
    await run(cwd, "cp", "-r", "./new", `file://${cwd}/by-url/`)
    expect(Object.keys(filesOf(`${cwd}/by-url/new`))).toHaveLength(4)
  })

  it("carries headers and metadata between storages, leaves none in a folder, and takes others instead", async () => {
    const cwd = appFolder(FILES)
    const stat = async (place: string) =>
      JSON.parse((await run(cwd, "stat", "--json", place)).stdout) as Record<string, unknown>
    await run(cwd, "cp", "--metadata", "a=b", "--cache-control", "no-cache", "a.html", "media:a")
    await run(cwd, "cp", "media:a", "backup:b")
    expect(await stat("backup:b")).toMatchObject({
      contentType: "application/octet-stream",
      cacheControl: "no-cache",
      metadata: { a: "b" },
    })
    await run(cwd, "cp", "--content-type", "text/x-own", "backup:b", "backup:c")
    expect(await stat("backup:c")).toMatchObject({ contentType: "text/x-own", cacheControl: "no-cache" })
    await run(cwd, "cp", "backup:c", "./c.txt")
    expect(existsSync(`${cwd}/.node-storages`)).toBe(false)
    const refused = await run(cwd, "cp", "--metadata", "a=b", "media:a", "./")
    expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("no headers") as string })
  })

  it("gives a plain file the type that its new name tells", async () => {
    const cwd = appFolder(FILES)
    await run(cwd, "cp", "a.html", "media:a.json")
    expect((await run(cwd, "stat", "media:a.json")).stdout).toContain("application/json")
  })

  it("replaces nothing with --no-clobber, copies the rest, lists what was there and ends with 1", async () => {
    const cwd = appFolder({ ...FILES, "backup/avatars/me.txt": "older" })
    const ended = await run(cwd, "cp", "-r", "--no-clobber", "media:avatars", "backup:")
    expect(ended).toEqual({
      exitCode: 1,
      stdout: "Copied 1 file, 1 B.\n",
      stderr: "error: 1 file was there already, and not replaced:\n  backup:avatars/me.txt\n",
    })
    expect(filesOf(`${cwd}/backup`)).toEqual({ "avatars/.hidden": "h", "avatars/me.txt": "older" })
    const one = await run(cwd, "cp", "--no-clobber", "media:avatars/me.txt", "backup:avatars/me.txt")
    expect(one.stderr).toBe("error: backup:avatars/me.txt is there already, and was not replaced.\n")
    expect(one.exitCode).toBe(1)
    await run(cwd, "cp", "media:avatars/me.txt", "backup:avatars/me.txt")
    expect(filesOf(`${cwd}/backup`)["avatars/me.txt"]).toBe("me")
  })

  it("tells with --dry-run what would be copied, and copies nothing", async () => {
    const cwd = appFolder(FILES)
    const { stdout } = await run(cwd, "cp", "-r", "--dry-run", "media:avatars", "a.html", "backup:x/")
    expect(stdout).toBe(
      "media:avatars/.hidden -> backup:x/avatars/.hidden\nmedia:avatars/me.txt -> backup:x/avatars/me.txt\n" +
        "a.html -> backup:x/a.html\nWould copy 3 files, 4 B.\n",
    )
    expect(existsSync(`${cwd}/backup`)).toBe(false)
  })

  it("reads standard input and writes standard output", async () => {
    const cwd = appFolder(FILES)
    const stored = await runCommand(["cp", "-", "media:in.bin", "--json"], { cwd, input: "from a pipe" })
    expect(JSON.parse(stored.stdout)).toEqual({ copied: 1, bytes: 11, failed: 0, dryRun: false })
    expect(await run(cwd, "cp", "media:in.bin", "-")).toEqual({ exitCode: 0, stdout: "from a pipe", stderr: "" })
  })

  it.each([
    [["cp", "a.html"], "takes a source and a target"],
    [["cp", "media:avatars", "backup:"], "media:avatars is a directory. With -r all that is in it is copied."],
    [["cp", "-r", "media:avatars", "media:avatars/copy"], "is within media:avatars"],
    [["cp", "-r", "media/avatars", "media:avatars/copy"], "is within media/avatars"],
    [["cp", "media:report.txt", "./media/report.txt"], "onto itself"],
    [["cp", "media:report.txt", "backup:report.txt", "x/"], "would both be copied"],
    [["cp", "a.html", "./a.html/"], "is a file, where a folder is meant"],
    [["cp", "-", "media:"], "Standard input has no name"],
    [["cp", "-", "a.html", "media:"], "one source alone"],
    [["cp", "-", "-"], "not both"],
    [["cp", "--metadata", "a", "a.html", "media:"], "--metadata takes key=value"],
    [["cp", "--concurrency", "0", "a.html", "media:"], "whole number"],
  ])("refuses %j, tells why, and does nothing", async (args, message) => {
    const cwd = appFolder({ ...FILES, "backup/report.txt": "x" })
    const { exitCode, stderr, stdout } = await runCommand(args, { cwd })
    expect(stderr).toContain(message)
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" })
    expect(filesOf(`${cwd}/backup`)).toEqual({ "report.txt": "x" })
  })

  it("ends with 3 where a source is missing, before anything is copied", async () => {
    const cwd = appFolder(FILES)
    expect(await run(cwd, "cp", "a.html", "media:nothing", "backup:")).toMatchObject({ exitCode: 3, stdout: "" })
    expect(await run(cwd, "cp", "-r", "media:nothing", "backup:")).toMatchObject({ exitCode: 3, stdout: "" })
    expect(existsSync(`${cwd}/backup`)).toBe(false)
  })

  it.skipIf(process.platform === "win32")(
    "copies what a link leads to under the link's name, and keeps programs programs",
    async () => {
      const cwd = appFolder({ ...FILES, "bin/tool": "#!/bin/sh" })
      chmodSync(`${cwd}/bin/tool`, 0o755)
      symlinkSync("bin/tool", `${cwd}/link`)
      await run(cwd, "cp", "link", "a.html", "out/")
      expect(statSync(`${cwd}/out/link`).mode & 0o111).not.toBe(0)
      expect(statSync(`${cwd}/out/a.html`).mode & 0o111).toBe(0)
      expect(filesOf(`${cwd}/out`)).toEqual({ "a.html": "a", link: "#!/bin/sh" })
    },
  )

  it("shows a bar on a terminal while it copies, and none afterwards", async () => {
    const cwd = appFolder()
    writeFileSync(`${cwd}/large.bin`, "")
    truncateSync(`${cwd}/large.bin`, 700_000_000)
    const terminal = await startTerminal(["cp", "large.bin", "media:"], { cwd })
    await terminal.shows(/Copying [█░]{24} \d+ MB of 700 MB/)
    expect(await terminal.exitCode).toBe(0)
    expect(terminal.screen()).toBe("Copied 1 file, 700 MB.")
  })

  it("leaves nothing behind after Ctrl-C, ends with 130 and tells what to do", async () => {
    const cwd = appFolder()
    writeFileSync(`${cwd}/large.bin`, "")
    truncateSync(`${cwd}/large.bin`, 20_000_000_000)
    const terminal = await startTerminal(["cp", "large.bin", "./out/"], { cwd })
    await terminal.shows("Copying █")
    terminal.type(CTRL_C)
    expect(await terminal.exitCode).toBe(130)
    expect(terminal.screen()).toContain("Nothing is half-written")
    expect(filesOf(`${cwd}/out`)).toEqual({})
    expect(existsSync(`${cwd}/out/.node-storages`)).toBe(false)
  })

  it("stores nothing of an input that Ctrl-C ends", async () => {
    const cwd = appFolder()
    const terminal = await startTerminal(["cp", "-", "media:typed.txt"], { cwd })
    await until(() => existsSync(`${cwd}/media/.node-storages/tmp`))
    terminal.type("hello\r")
    terminal.type(CTRL_C)
    expect(await terminal.exitCode).toBe(130)
    expect(terminal.screen()).toContain("nothing was stored under media:typed.txt")
    expect(filesOf(`${cwd}/media`)).toEqual({})
  })

  it.skipIf(process.platform !== "linux")("holds no file in memory, from a pipe or from disk", async () => {
    const cwd = appFolder()
    const running = await startCommand(["cp", "-", "media:large.bin"], { cwd, keepOpen: true })
    const { stdin, pid } = running.process
    const chunk = Buffer.alloc(1_000_000, "x")
    let most = 0
    for (let written = 0; written < 400; written++) {
      if (!stdin!.write(chunk)) await new Promise((resolve) => stdin!.once("drain", resolve))
      most = Math.max(most, memoryOf(pid!))
    }
    stdin!.end()
    expect((await running.ended).exitCode).toBe(0)
    expect(most).toBeGreaterThan(0)
    expect(most).toBeLessThan(250_000_000)
    const copy = await startCommand(["cp", "media:large.bin", "backup:"], { cwd })
    let ended = false
    void copy.ended.then(() => (ended = true))
    let peak = 0
    await until(() => {
      peak = Math.max(peak, memoryOf(copy.process.pid!))
      return ended
    })
    expect((await copy.ended).stdout).toBe("Copied 1 file, 400 MB.\n")
    expect(peak).toBeLessThan(250_000_000)
  })
})

/** The most that the process has held so far, in bytes; 0 where it has ended. */
function memoryOf(pid: number): number {
  try {
    const found = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))
    return Number(found?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}
