import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { readWholeFile } from "./read-file.ts"

let folder: string
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "read-file-"))))
afterAll(() => rmSync(folder, { recursive: true }))

const AT_ONCE = 256 * 1024

describe("readWholeFile", () => {
  it.each([0, 1, AT_ONCE, AT_ONCE + 1, 3 * AT_ONCE])(
    "reads all of a file of %i bytes, when there is room",
    async (size) => {
      const path = join(folder, String(size))
      const bytes = Buffer.from(Array.from({ length: size }, (_, index) => index % 251))
      writeFileSync(path, bytes)
      const asked: number[] = []
      const read = await readWholeFile(path, async (room) => void asked.push(room))
      expect(bytes.equals(read)).toBe(true)
      expect(asked).toEqual([size])
    },
  )

  it("takes no memory where the room is refused", async () => {
    const path = join(folder, "refused")
    writeFileSync(path, "x")
    await expect(readWholeFile(path, () => Promise.reject(new Error("full")))).rejects.toThrow("full")
  })

  it("lets timers run while many files are read", async () => {
    const path = join(folder, "again")
    writeFileSync(path, Buffer.alloc(AT_ONCE))
    let hadItsTurn = false
    setTimeout(() => (hadItsTurn = true), 1)
    // What never gives them a turn does not end by itself.
    const end = performance.now() + 60_000
    while (!hadItsTurn && performance.now() < end) await readWholeFile(path)
    expect(hadItsTurn).toBe(true)
  })

  it("rejects with the system's error where there is none", async () => {
    await expect(readWholeFile(join(folder, "none"))).rejects.toMatchObject({ code: "ENOENT", syscall: "open" })
  })
})
