import { spawnSync } from "node:child_process"
import { gzipSync } from "node:zlib"
import { describe, expect, it } from "vitest"
import { appFolder } from "./app-folder.ts"
import { builtCommand } from "./built.ts"
import { environment, runCommand } from "./run-command.ts"

const FILES = {
  "me.png": "me",
  page: "<p>",
  "shop.sql": "select 1",
  "report.pdf": "%PDF",
  "public/a.css": "a{}",
  "media/avatars/me.png": "me",
  "media/avatars/old.png": "old",
  "media/report.pdf": "%PDF",
  "media/notes.txt": "notes",
  "media/tmp/x": "x",
  "media/2023/report.pdf": "%PDF",
  "media/2024/a.txt": "a",
  "backup/shop.sql.gz": gzipSync("select 1"),
}

/** Those of the help, each as it would be typed. */
async function examplesOf(command: string): Promise<string[]> {
  const { stdout } = await runCommand([command, "--help"], { cwd: appFolder() })
  return [...stdout.matchAll(/^ {2}\$ (storages .*)$/gm)].map((match) => match[1]!)
}

describe.skipIf(process.platform === "win32")("the examples that help shows", () => {
  it.each(["ls", "stat", "cat", "cp", "mv", "rm", "sync"])("of %s work as they are typed", async (command) => {
    const examples = await examplesOf(command)
    expect(examples.length).toBeGreaterThan(1)
    const bin = await builtCommand()
    // A bucket of that name is not there.
    for (const example of examples.filter((text) => !text.includes("s3://"))) {
      const script = `storages() { "${process.execPath}" "${bin}" "$@"; }; ${example}`
      const { status, stderr } = spawnSync("sh", ["-c", script], { cwd: appFolder(FILES), env: environment() })
      expect({ example, status, stderr: stderr.toString() }).toEqual({ example, status: 0, stderr: "" })
    }
  })
})
