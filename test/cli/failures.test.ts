import { existsSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { appFolder } from "./app-folder.ts"
import { filesOf } from "./files-of.ts"
import { runCommand } from "./run-command.ts"

/** An app whose storage "backup" has a layer. */
const appWith = (layer: string, files: Record<string, string>): string =>
  appFolder({
    "storages.config.ts": `import { defineStorages, passThrough, StorageError } from "@node-storages/core"
import { LocalStorage } from "@node-storages/local"

const layer = (next) => {
  const members = passThrough(next)
  return { ...members, ${layer} }
}

export const storages = defineStorages({
  media: () => new LocalStorage("media"),
  backup: () => new LocalStorage("backup").with(layer),
})
`,
    ...files,
  })

const FILES = { "media/a.txt": "aaa", "media/b.txt": "b" }

describe("a storage that fails", () => {
  it("keeps the source of a move whose copy is found to be shorter", async () => {
    const cwd = appWith(
      'head: async (key, options) => { const info = await members.head(key, options); return key === "a.txt" ? { ...info, size: 2 } : info }',
      FILES,
    )
    const ended = await runCommand(["mv", "media:a.txt", "media:b.txt", "backup:"], { cwd })
    expect(ended).toMatchObject({ exitCode: 1, stdout: "Moved 1 file, 1 B.\n" })
    expect(ended.stderr).toContain("The copy has 2 bytes, and the source 3: backup:a.txt has a copy")
    expect(filesOf(`${cwd}/media`)).toEqual({ "a.txt": "aaa" })
  })

  it("keeps the source of a move that changes meanwhile", async () => {
    const cwd = appWith(
      'put: async (key, body, options) => { const info = await members.put(key, body, options); await storages.media.write(key, "new"); return info }',
      FILES,
    )
    const ended = await runCommand(["mv", "media:a.txt", "backup:"], { cwd })
    expect(ended).toMatchObject({ exitCode: 1, stdout: "" })
    expect(ended.stderr).toContain("The source changed while it was copied")
    expect(filesOf(`${cwd}/media`)["a.txt"]).toBe("new")
  })

  it("has what could not be deleted listed, and the rest deleted", async () => {
    const cwd = appWith(
      'remove: async (key, options) => { if (key === "a.txt") throw new StorageError("permission-denied", "not this one"); await members.remove(key, options) }',
      { "backup/a.txt": "a", "backup/b.txt": "b", "backup/c.txt": "c" },
    )
    expect(await runCommand(["rm", "-r", "--yes", "backup:"], { cwd })).toEqual({
      exitCode: 1,
      stdout: "Deleted 2 files.\n",
      stderr: "error: 1 file could not be deleted.\n  backup:a.txt: not this one\n",
    })
    expect(filesOf(`${cwd}/backup`)).toEqual({ "a.txt": "a" })
  })

  it("has what could not be copied listed as JSON where that is wanted", async () => {
    const cwd = appWith(
      'put: async (key, body, options) => { if (key === "a.txt") throw new StorageError("no-space", "full"); return await members.put(key, body, options) }',
      FILES,
    )
    for (const command of ["sync", "cp"]) {
      const args = command === "cp" ? ["cp", "-r"] : ["sync"]
      const { exitCode, stdout, stderr } = await runCommand([...args, "--json", "media:", "backup:"], { cwd })
      expect(exitCode).toBe(1)
      expect(JSON.parse(stdout)).toMatchObject({ copied: 1, failed: 1 })
      expect(JSON.parse(stderr)).toMatchObject({
        error: { code: "partial-failure", failures: [expect.stringContaining("full")] },
      })
    }
    expect(existsSync(`${cwd}/backup/a.txt`)).toBe(false)
  })
})
