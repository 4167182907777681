import { spawnSync } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { createServer as createTcpServer, type AddressInfo } from "node:net"
import { describe, expect, it, onTestFinished } from "vitest"
import { smallDisk } from "../static/bad-input/small-disk.ts"
import { appFolder } from "./app-folder.ts"
import { builtCommand } from "./built.ts"
import { runCheck } from "./check-report.ts"
import { runCommand } from "./run-command.ts"
import { startTerminal } from "./terminal.ts"

const config = (entries: string, more = ""): Record<string, string> => ({
  "storages.config.ts": `
    import { defineStorages } from "@node-storages/core"
    import { LocalStorage } from "@node-storages/local"
    import { MemoryStorage } from "@node-storages/memory"
    ${more.split("\n")[0]}
    export const storages = defineStorages({ ${entries} })
    ${more.split("\n").slice(1).join("\n")}`,
})

async function listening(server: ReturnType<typeof createTcpServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

describe("check", () => {
  it("shows each step of each storage in a line, with what it took", async () => {
    const cwd = appFolder(config('media: () => new LocalStorage("media"), memory: () => new MemoryStorage()'))
    mkdirSync(`${cwd}/media`)
    const { exitCode, stdout, stderr } = await runCommand(["check"], { cwd })
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "All is well.\n" })
    expect(stdout).toContain(`media  file://${cwd}/media\n  ok    configuration `)
    expect(stdout).toMatch(/^ {2}ok {4}write {8,14}\d+ ms {2}\d+ bytes as storages-check-\w+\/check\.txt$/m)
    expect(stdout).toMatch(/^ {2}skip {2}url {20,26}the storage has no URLs\n {29,33}Set baseUrl/m)
    expect(stdout.match(/^ {2}ok {4}create/gm)).toHaveLength(2)
    expect(readdirSync(`${cwd}/media`)).toEqual([".node-storages"])
  })

  it("has marks and colours on a terminal in UTF-8, and words on others", async () => {
    const cwd = appFolder()
    const shown = await startTerminal(["check", "backup"], { cwd, env: { LANG: "en_US.UTF-8", LC_ALL: "" } })
    expect(await shown.exitCode).toBe(0)
    expect(shown.screen()).toMatch(/^ {2}✓ {2}write /m)
    expect(shown.screen()).toMatch(/^ {2}– {2}clock /m)
    expect(shown.raw()).toContain("\u001b[32m✓")
    const plain = await startTerminal(["check", "backup"], { cwd, env: { LANG: "C", LC_ALL: "C", NO_COLOR: "1" } })
    expect(await plain.exitCode).toBe(0)
    expect(plain.screen()).toMatch(/^ {2}ok {4}write /m)
    expect(plain.raw()).not.toContain("\u001b[32m")
  })

  it("tells a folder that is not there yet, and does not leave it behind", async () => {
    const cwd = appFolder()
    const checked = await runCheck(["backup"], { cwd })
    expect(checked.step("connection")).toMatchObject({ status: "warning", code: "folder-not-found" })
    expect(checked.step("delete").status).toBe("ok")
    expect([checked.exitCode, existsSync(`${cwd}/backup`)]).toEqual([0, false])
  })

  it("tells a folder that is a file", async () => {
    const checked = await runCheck(["backup"], { cwd: appFolder({ backup: "a file" }) })
    expect(checked.step("connection")).toMatchObject({ status: "failed", code: "not-a-folder" })
  })

  it.skipIf(!existsSync("/usr/bin/setpriv") || process.getuid?.() !== 0)(
    "tells which right is missing in a folder that may only be read",
    async () => {
      const cwd = appFolder(config('media: () => new LocalStorage("media")'))
      mkdirSync(`${cwd}/media`)
      for (const folder of [cwd, `${cwd}/media`]) chmodSync(folder, 0o755)
      const bin = await builtCommand()
      const args = ["--reuid=65534", "--regid=65534", "--clear-groups", process.execPath, bin, "check", "--json"]
      const { status, stdout } = spawnSync("/usr/bin/setpriv", args, { cwd, encoding: "utf8" })
      const { steps, leftBehind } = JSON.parse(stdout) as { steps: { step: string }[]; leftBehind: string[] }
      const write = steps.find(({ step }) => step === "write")
      expect(write).toMatchObject({ status: "failed", code: "permission-denied" })
      expect(write).toMatchObject({ text: expect.stringContaining("It needs write (w) and search (x) on") as string })
      expect([status, leftBehind]).toEqual([1, []])
    },
  )

  it("tells a disk that is full", async ({ skip }) => {
    using disk = await smallDisk(64 * 1024)
    if (disk === undefined) return skip("a small disk can't be mounted here")
    const cwd = appFolder(config(`media: () => new LocalStorage("${disk.folder}")`))
    writeFileSync(`${disk.folder}/large.bin`, new Uint8Array(60 * 1024))
    const checked = await runCheck([], { cwd })
    expect(checked.step("write")).toMatchObject({ status: "failed", code: "no-space" })
    expect([checked.exitCode, checked.reports[0]!.leftBehind]).toEqual([1, []])
  })

  it("writes nothing where the storage is read-only, and goes on", async () => {
    const cwd = appFolder({
      ...config(
        'media: () => new LocalStorage("media").with(readOnly())',
        'import { readOnly } from "@node-storages/core"',
      ),
      "media/a.txt": "is here",
    })
    const checked = await runCheck([], { cwd })
    expect(checked.step("write")).toMatchObject({ status: "skipped", text: "the storage is read-only" })
    expect([checked.exitCode, checked.named("failed"), checked.reports[0]!.leftBehind]).toEqual([0, [], []])
    const given = await runCheck(["--read-only"], { cwd })
    expect(given.named("ok")).toEqual(["configuration", "connection", "list", "stat", "read"])
  })

  it("tells a storage that can't be made, and checks the others", async () => {
    const cwd = appFolder(
      config('media: () => new LocalStorage("media", { baseUr: "/" }), backup: () => new LocalStorage("backup")'),
    )
    const checked = await runCheck([], { cwd })
    expect(checked.step("configuration")).toMatchObject({ status: "failed", code: "invalid-config" })
    expect(checked.step("configuration").text).toContain('Did you mean "baseUrl"?')
    expect([checked.exitCode, checked.reports.map(({ ok }) => ok)]).toEqual([1, [false, true]])
  })

  it.each([
    [["check", "medai"], 'has no storage "medai". Is "media" meant?'],
    [["check", "--origin", "www.example.com"], "It must be an origin: https://www.example.com"],
    [["check", "--origin", "https://www.example.com/path"], "without a path"],
    [["check", "--timeout", "soon"], "It must be a number of seconds, or a duration"],
  ])("refuses %j with exit code 2", async (args, message) => {
    const { exitCode, stderr } = await runCommand(args, { cwd: appFolder() })
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)])
  })

  it("does not wait longer than --timeout for a service that says nothing", async () => {
    const port = await listening(createTcpServer(() => undefined))
    const checked = await runCheck(
      [`s3://acme?endpoint=http://127.0.0.1:${port}&region=x&forcePathStyle=true`, "--timeout", "1s"],
      {
        cwd: appFolder(),
        env: { AWS_ACCESS_KEY_ID: "KEY", AWS_SECRET_ACCESS_KEY: "recognisable-secret" },
      },
    )
    expect(checked.step("connection")).toMatchObject({
      status: "failed",
      code: "timeout",
      text: "no answer within 1 s",
    })
    expect(checked.exitCode).toBe(1)
  })

  it("fetches files of this machine at the address where they are served", async () => {
    const cwd = appFolder()
    const { LocalStorage } = await import("@node-storages/local")
    const { nodeHandler } = await import("@node-storages/http")
    const handler = nodeHandler(new LocalStorage(`${cwd}/media`, { baseUrl: "/" }))
    const port = await listening(createServer((request, response) => void handler(request, response)))
    const files = (baseUrl: string) =>
      config(`media: () => new LocalStorage("media", { baseUrl: "${baseUrl}" })`)["storages.config.ts"]!
    writeFileSync(`${cwd}/storages.config.ts`, files(`http://127.0.0.1:${port}/`))
    const served = await runCheck([], { cwd })
    expect(served.step("url")).toMatchObject({ status: "ok" })
    expect(served.exitCode).toBe(0)
    writeFileSync(`${cwd}/storages.config.ts`, files(`http://127.0.0.1:${port}/elsewhere/`))
    const elsewhere = await runCheck([], { cwd })
    expect(elsewhere.step("url")).toMatchObject({ status: "failed", code: "not-public" })
    expect(elsewhere.step("url").text).toContain("is answered with 404")
  })
})
