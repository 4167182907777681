import { mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { appFolder } from "./app-folder.ts"
import { runCommand } from "./run-command.ts"
import { staticConfiguration } from "./static-app.ts"
import { startTerminal } from "./terminal.ts"

/** An app with three releases, of which two are over. */
async function releases(): Promise<string> {
  const cwd = appFolder({ "storages.config.ts": staticConfiguration({ options: "plain: false, compress: false," }) })
  for (const version of ["1", "2", "3"]) {
    const [folder, file] = [join(cwd, "assets"), join(cwd, "assets/app.css")]
    mkdirSync(folder, { recursive: true })
    writeFileSync(file, `a { order: ${version} }`)
    expect((await runCommand(["collectstatic"], { cwd })).exitCode).toBe(0)
  }
  return cwd
}

const styles = (cwd: string): number => readdirSync(join(cwd, "public")).filter((name) => name.endsWith(".css")).length

describe("storages prune", () => {
  it("deletes nothing that is younger than 30 days, as its help says", async () => {
    const cwd = await releases()
    const { exitCode, stdout } = await runCommand(["prune", "--yes"], { cwd })
    expect([exitCode, stdout, styles(cwd)]).toEqual([0, "Nothing to delete. 3 releases are kept.\n", 3])
    expect((await runCommand(["prune", "--help"], { cwd })).stdout).toMatch(/default: "30d"/)
  })

  it("tells with --dry-run what would be deleted, and deletes it with --yes", async () => {
    const cwd = await releases()
    const dry = await runCommand(["prune", "--older-than", "0s", "--dry-run"], { cwd })
    expect(dry.stdout).toBe("1 file (14 B) and 1 record would be deleted. 2 releases are kept.\n")
    expect(styles(cwd)).toBe(3)
    const done = await runCommand(["prune", "--older-than", "0s", "--keep", "0", "--yes"], { cwd })
    expect(done).toEqual({
      exitCode: 0,
      stdout: "2 files (28 B) and 2 records deleted. 1 release is kept.\n",
      stderr: "",
    })
    expect(styles(cwd)).toBe(1)
  })

  it("gives the report with --json", async () => {
    const cwd = await releases()
    const { stdout } = await runCommand(["prune", "--older-than", "0", "--json", "--yes"], { cwd })
    expect(JSON.parse(stdout)).toMatchObject({ bytesDeleted: 14, releases: 2, dryRun: false })
  })

  it("asks with the count, on a terminal only", async () => {
    const cwd = await releases()
    const piped = await runCommand(["prune", "--older-than", "1ms"], { cwd })
    expect(piped.exitCode).toBe(4)
    expect(piped.stderr).toMatch(
      /Delete 1 file \(14 B\) and 1 record in file:.*replaced more than 1ms ago\?.* give --yes/,
    )
    const terminal = await startTerminal(["prune", "--older-than", "1ms"], { cwd })
    await terminal.shows("Delete 1 file (14 B) and 1 record")
    expect(styles(cwd)).toBe(3)
    terminal.type("y")
    expect(await terminal.exitCode).toBe(0)
    expect(terminal.screen()).toContain("1 file (14 B) and 1 record deleted. 2 releases are kept.")
    expect(styles(cwd)).toBe(2)
  })

  it.each([
    [["--older-than", "30"], "Give it a unit: 30d are days."],
    [["--older-than", "soon"], "It must be a number with a unit"],
    [["--keep", "-1"], "It must be a whole number from 0 on."],
  ])("refuses %j", async (args, message) => {
    const { exitCode, stderr } = await runCommand(["prune", ...args], { cwd: appFolder() })
    expect(exitCode).toBe(2)
    expect(stderr).toContain(message)
  })

  it("ends with 1 where nothing was collected", async () => {
    const cwd = appFolder({ "storages.config.ts": staticConfiguration() })
    const { exitCode, stderr } = await runCommand(["prune"], { cwd })
    expect(exitCode).toBe(1)
    expect(stderr).toContain("has no staticfiles.json")
  })
})
