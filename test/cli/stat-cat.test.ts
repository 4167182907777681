import { createHash } from "node:crypto"
import { truncateSync, writeFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { sampleBytes } from "../sample-bytes.ts"
import { appFolder } from "./app-folder.ts"
import { startCommand } from "./command-process.ts"
import { runCommand } from "./run-command.ts"

const FILES = { "media/avatars/me.txt": "hello", "media/report.pdf": "123", "loose.bin": "ab" }

describe("storages stat", () => {
  it("tells all that is known, in aligned lines", async () => {
    const cwd = appFolder(FILES)
    const headers = ["--cache-control", "no-cache", "--content-type", "text/html", "--metadata", "owner=anna"]
    await runCommand(["cp", ...headers, "--metadata", "state=a=b", "loose.bin", "media:index"], { cwd })
    const { stdout, exitCode } = await runCommand(["stat", "media:index"], { cwd })
    expect(stdout.replace(/\d{4}-.*Z/, "TIME").replace(/"[^"]+"/, "ETAG")).toBe(
      [
        "name:            index",
        "size:            2 bytes",
        "modified:        TIME",
        "content-type:    text/html",
        "cache-control:   no-cache",
        "etag:            ETAG",
        "metadata owner:  anna",
        "metadata state:  a=b",
        "",
      ].join("\n"),
    )
    expect(exitCode).toBe(0)
  })

  it("tells several files, of this machine too, and ends with 3 where one is missing, after the others", async () => {
    const cwd = appFolder(FILES)
    const { stdout, stderr, exitCode } = await runCommand(
      ["stat", "media:report.pdf", "media:nothing", "./loose.bin"],
      { cwd },
    )
    expect(stdout.match(/^name:.*/gm)).toEqual(["name:          report.pdf", "name:          loose.bin"])
    expect(stderr).toContain('"nothing"')
    expect(exitCode).toBe(3)
  })

  it("gives what the library gives as JSON, one file a line", async () => {
    const cwd = appFolder(FILES)
    const { stdout } = await runCommand(["stat", "--json", "media:report.pdf", "media:avatars/me.txt"], { cwd })
    expect(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      expect.objectContaining({ name: "report.pdf", size: 3, contentType: "application/pdf" }),
      expect.objectContaining({ name: "avatars/me.txt", size: 5 }),
    ])
  })

  it("finds the file of a URL", async () => {
    const cwd = appFolder(FILES)
    const { stdout } = await runCommand(["stat", `file://${cwd}/media/avatars/me.txt`], { cwd })
    expect(stdout).toMatch(/^name: +me\.txt$/m)
  })
})

describe("storages cat", () => {
  it("writes files one after the other, and ends with 3 where one is missing", async () => {
    const cwd = appFolder(FILES)
    expect(await runCommand(["cat", "media:avatars/me.txt", "./loose.bin"], { cwd })).toEqual({
      exitCode: 0,
      stdout: "helloab",
      stderr: "",
    })
    const missing = await runCommand(["cat", "media:nothing", "media:report.pdf"], { cwd })
    expect(missing).toMatchObject({ exitCode: 3, stdout: "123" })
  })

  it("writes every byte as it is, however large the file", async () => {
    const cwd = appFolder()
    const bytes = sampleBytes(5_000_000, 1)
    writeFileSync(`${cwd}/large.bin`, bytes)
    const running = await startCommand(["cat", "./large.bin"], { cwd })
    const hash = createHash("sha256")
    running.process.stdout!.on("data", (chunk: Buffer) => void hash.update(chunk))
    expect((await running.ended).exitCode).toBe(0)
    expect(hash.digest("hex")).toBe(createHash("sha256").update(bytes).digest("hex"))
  })

  it("tells that a directory is none of its files", async () => {
    const ended = await runCommand(["cat", "media:avatars"], { cwd: appFolder(FILES) })
    expect(ended).toEqual({ exitCode: 3, stdout: "", stderr: "error: media:avatars is a directory, not a file.\n" })
  })

  it("says nothing where the reader has seen enough, and refuses --json", async () => {
    const cwd = appFolder()
    writeFileSync(`${cwd}/large.bin`, "")
    truncateSync(`${cwd}/large.bin`, 200_000_000)
    const running = await startCommand(["cat", "./large.bin"], { cwd })
    running.process.stdout!.once("data", () => running.process.stdout!.destroy())
    expect(await running.ended).toMatchObject({ exitCode: 0, stderr: "" })
    expect(await runCommand(["cat", "--json", "./large.bin"], { cwd })).toMatchObject({ exitCode: 2, stdout: "" })
  })
})
