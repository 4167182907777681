import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import type { CollectReport, Manifest } from "@node-storages/static"
import { describe, expect, it } from "vitest"
import { appFolder } from "./app-folder.ts"
import { startCommand } from "./command-process.ts"
import { runCommand } from "./run-command.ts"
import { manyFiles, staticConfiguration } from "./static-app.ts"
import { CTRL_C, startTerminal } from "./terminal.ts"

const FILES = {
  "storages.config.ts": staticConfiguration(),
  "assets/css/app.css": "body { background: url(../img/a.svg) }",
  "assets/img/a.svg": "<svg/>",
}

function manifestOf(cwd: string): Manifest {
  return JSON.parse(readFileSync(join(cwd, "public/staticfiles.json"), "utf8")) as Manifest
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))

/** What is whole: pictures, the manifest, and the records of headers. What is being written would be elsewhere. */
const PUBLISHED = /^img\/\d+\.[\da-f]{12}\.svg$|^staticfiles\.json$|^\.node-storages\/meta\//

describe("storages collectstatic", () => {
  it("publishes, says how many files were written, and writes nothing the second time", async () => {
    const cwd = appFolder(FILES)
    const first = await runCommand(["collectstatic"], { cwd })
    expect(first).toEqual({
      exitCode: 0,
      stdout: "2 static files, 4 files in all: 4 written (101 B), 0 unchanged. https://static.example.com/ is ready.\n",
      stderr: "",
    })
    expect(manifestOf(cwd).files).toHaveProperty("css/app.css")
    expect((await runCommand(["collectstatic"], { cwd })).stdout).toBe(
      "2 static files, 4 files in all: 0 written, 4 unchanged. https://static.example.com/ is ready.\n",
    )
  })

  it("writes nothing with --dry-run, and names with --verbose what it would", async () => {
    const cwd = appFolder(FILES)
    const { exitCode, stdout, stderr } = await runCommand(["collectstatic", "--dry-run", "--verbose"], { cwd })
    expect([exitCode, stdout]).toEqual([
      0,
      "2 static files, 4 files in all: 4 to write (101 B), 0 unchanged. Dry run: nothing was stored.\n",
    ])
    expect(stderr).toMatch(/^would write css\/app\.[\da-f]{12}\.css$/m)
    expect(existsSync(join(cwd, "public"))).toBe(false)
    expect((await runCommand(["-v", "collectstatic"], { cwd })).stderr).toMatch(/^written img\/a\.[\da-f]{12}\.svg$/m)
  })

  it("gives the whole report with --json", async () => {
    const cwd = appFolder(FILES)
    const { stdout, stderr } = await runCommand(["collectstatic", "--json"], { cwd })
    const report = JSON.parse(stdout) as CollectReport
    expect(report).toMatchObject({ files: 2, published: { written: 4, manifest: "written" }, problems: [] })
    expect(report.published.names).toHaveLength(4)
    expect(stderr).toBe("")
  })

  it("tells names that two sources have, and with --verbose what was left out", async () => {
    const cwd = appFolder({
      ...FILES,
      "storages.config.ts": staticConfiguration({ sources: '["assets", "more"]', options: 'ignore: ["*.psd"],' }),
      "more/css/app.css": "b {}",
      "more/x.psd": "layers",
    })
    const { exitCode, stderr } = await runCommand(["collectstatic"], { cwd })
    expect(exitCode).toBe(0)
    expect(stderr).toBe(
      "warning: css/app.css is in more than one source: assets/css/app.css is used, more/css/app.css is not\n",
    )
    const verbose = await runCommand(["collectstatic", "-v"], { cwd })
    expect(verbose.stderr).toContain("1 file left out by patterns of ignore:\n  x.psd\n")
  })

  it("tells every reference that leads nowhere with file, line and column, and leaves the release as it is", async () => {
    const cwd = appFolder(FILES)
    await runCommand(["collectstatic"], { cwd })
    const before = readFileSync(join(cwd, "public/staticfiles.json"), "utf8")
    const bad = Array.from({ length: 30 }, (_, index) => `a { b: url(gone-${index}.png) }`).join("\n")
    writeFileSync(join(cwd, "assets/css/bad.css"), bad)
    const { exitCode, stdout, stderr } = await runCommand(["collectstatic"], { cwd })
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" })
    expect(stderr).toMatch(
      /^error: 30 references lead nowhere, and nothing was published\. The release before is as it was/,
    )
    for (let index = 0; index < 30; index++)
      expect(stderr).toContain(`  css/bad.css:${index + 1}:12 gone-${index}.png: `)
    expect(readFileSync(join(cwd, "public/staticfiles.json"), "utf8")).toBe(before)

    const asJson = await runCommand(["collectstatic", "--json"], { cwd })
    const { error } = JSON.parse(asJson.stderr) as { error: { code: string; failures: string[] } }
    expect([asJson.exitCode, error.code, error.failures.length]).toEqual([1, "unresolved-references", 30])

    const lenient = await runCommand(["collectstatic", "--no-strict"], { cwd })
    expect(lenient.exitCode).toBe(0)
    expect(lenient.stderr).toContain("warning: css/bad.css:1:12 gone-0.png: ")
    expect(lenient.stderr).toContain("warning: and 10 more like this; --verbose tells all\n")
  })

  it("clears first only what it was allowed to, and only when everything is fit to be published", async () => {
    const cwd = appFolder({ ...FILES, "public/old.css": "old" })
    const refused = await runCommand(["collectstatic", "--clear"], { cwd })
    expect(refused.exitCode).toBe(4)
    expect(refused.stderr).toContain("Delete 1 file (3 B) in file://")
    expect(readdirSync(join(cwd, "public"))).toEqual(["old.css"])

    const dry = await runCommand(["collectstatic", "--clear", "-n"], { cwd })
    expect([dry.exitCode, dry.stderr]).toEqual([0, "1 file (3 B) would be deleted first.\n"])
    writeFileSync(join(cwd, "assets/css/bad.css"), "a { b: url(gone.png) }")
    expect((await runCommand(["collectstatic", "--clear", "--yes"], { cwd })).exitCode).toBe(1)
    expect(readdirSync(join(cwd, "public"))).toEqual(["old.css"])

    rmSync(join(cwd, "assets/css/bad.css"))
    const cleared = await runCommand(["collectstatic", "--clear", "--yes"], { cwd })
    expect([cleared.exitCode, cleared.stderr]).toEqual([0, "1 file (3 B) deleted.\n"])
    expect(readdirSync(join(cwd, "public"))).toEqual(expect.not.arrayContaining(["old.css"]))
  })

  it("asks on a terminal before it clears, and does nothing after a no or Ctrl-C", async () => {
    const cwd = appFolder({ ...FILES, "public/old.css": "old" })
    const asked = await startTerminal(["collectstatic", "--clear"], { cwd })
    await asked.shows(/Delete 1 file \(3 B\)/)
    asked.type("n")
    expect(await asked.exitCode).toBe(4)
    expect(asked.screen()).toContain("Nothing was done.")
    const left = await startTerminal(["collectstatic", "--clear"], { cwd })
    await left.shows(/Delete 1 file \(3 B\)/)
    left.type(CTRL_C)
    expect(await left.exitCode).toBe(130)
    expect(readdirSync(join(cwd, "public"))).toEqual(["old.css"])
    const agreed = await startTerminal(["collectstatic", "--clear"], { cwd })
    await agreed.shows(/Delete 1 file \(3 B\)/)
    agreed.type("y")
    expect(await agreed.exitCode).toBe(0)
    expect(agreed.raw()).toContain("https://static.example.com/ is ready.")
    expect(existsSync(join(cwd, "public/old.css"))).toBe(false)
  })

  it("goes on over a manifest that is damaged when it is told to, and tells how", async () => {
    const cwd = appFolder({ ...FILES, "public/staticfiles.json": "{ damaged" })
    const refused = await runCommand(["collectstatic"], { cwd })
    expect(refused.exitCode).toBe(1)
    expect(refused.stderr).toContain("--ignore-old-manifest goes on as if there were none.")
    const { exitCode } = await runCommand(["collectstatic", "--ignore-old-manifest"], { cwd })
    expect([exitCode, Object.keys(manifestOf(cwd).files)]).toEqual([0, ["css/app.css", "img/a.svg"]])
  })

  it("hints where the storage has no public address", async () => {
    const cwd = appFolder({
      ...FILES,
      "storages.config.ts": staticConfiguration({ storage: 'new LocalStorage("public")' }),
    })
    const { stdout, stderr } = await runCommand(["collectstatic"], { cwd })
    expect(stderr).toMatch(/^hint: the storage of staticConfig has no public address/)
    expect(stdout).toContain(`file://${cwd}/public is ready.`)
  })

  it("draws a bar on a terminal that ends without a trace, and plain lines in a pipe", async () => {
    const text = staticConfiguration({
      sources: manyFiles(2000),
      options: "compress: false,",
      storage: SLOW,
      imports: SLOWLY,
    })
    const cwd = appFolder({ "storages.config.ts": text })
    const terminal = await startTerminal(["collectstatic"], { cwd, env: { DELAY: "5" } })
    await terminal.shows(/^Collecting █+░+ \d{2,}\/2000 .*img\/\d+/m)
    expect(await terminal.exitCode).toBe(0)
    expect(terminal.screen().replaceAll("\n", "")).toMatch(
      /^2,000 static files, 4,000 files in all: 4,000 written \(\d+ KB\), 0 unchanged\. https:\/\/static\.example\.com\/ is ready\.$/,
    )
    const piped = await runCommand(["collectstatic"], { cwd })
    expect(piped).toMatchObject({ exitCode: 0, stderr: "" })
    expect(piped.stdout).toMatch(/^2,000 static files.* 4,000 unchanged\. .* is ready\.\n$/)
  })

  it.each(["SIGINT", "SIGTERM"] as const)(
    "leaves the release as it was on %s, and goes on the next time",
    async (signal) => {
      const config = (version: string) =>
        staticConfiguration({
          sources: manyFiles(300, version),
          options: "compress: false, plain: false,",
          storage: SLOW,
          imports: SLOWLY,
        })
      const cwd = appFolder({ "storages.config.ts": config("v1") })
      expect((await runCommand(["collectstatic"], { cwd })).exitCode).toBe(0)
      const before = readFileSync(join(cwd, "public/staticfiles.json"), "utf8")

      writeFileSync(join(cwd, "storages.config.ts"), config("v2"))
      const running = await startCommand(["-v", "collectstatic", "--concurrency", "4"], { cwd, env: { DELAY: "100" } })
      await running.writes(({ stderr }) => stderr.split("\nwritten ").length > 20)
      running.process.kill(signal)
      // npx hands a signal on that the terminal has sent to the command as well: the second is not a second Ctrl-C.
      await running.writes(({ stderr }) => stderr.includes("Stopping"))
      running.process.kill(signal)
      const { exitCode, stdout, stderr } = await running.ended
      expect([exitCode, stdout]).toEqual([signal === "SIGINT" ? 130 : 143, ""])
      expect(stderr).toMatch(
        /error: Stopped after \d+ files\. The release before is as it was: the manifest is replaced last/,
      )
      expect(readFileSync(join(cwd, "public/staticfiles.json"), "utf8")).toBe(before)
      expect(filesIn(join(cwd, "public")).filter((name) => !PUBLISHED.test(name))).toEqual([])

      const again = await runCommand(["collectstatic", "--json"], { cwd })
      const { published } = JSON.parse(again.stdout) as CollectReport
      expect(published.unchanged).toBeGreaterThanOrEqual(20)
      expect(published.written + published.unchanged).toBe(300)
      expect(readFileSync(join(cwd, "public/staticfiles.json"), "utf8")).not.toBe(before)
    },
  )
})

/** A storage whose writes take so many milliseconds as DELAY says. */
const SLOWLY = `import { setTimeout as delay } from "node:timers/promises"
import { intercept } from "node-storages"
const slowly = intercept(async (call) => {
  if (call.member === "put") await delay(Number(process.env.DELAY ?? 0))
  return call.run(call.signal)
})`
const SLOW = 'new LocalStorage("public", { baseUrl: "https://static.example.com/" }).with(slowly)'
