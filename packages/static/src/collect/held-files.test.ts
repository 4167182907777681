import { existsSync } from "node:fs"
import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { HeldFiles } from "./held-files.ts"

const file = (bytes: Uint8Array) => ({
  name: "a.js",
  bytes,
  contentType: "text/javascript",
  cacheControl: "no-cache",
  hashed: false,
})

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "held-bytes-test-"))
  vi.stubEnv("TMPDIR", folder)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, force: true })
})

describe("HeldFiles", () => {
  it("gives back what it was given, from memory up to its bound and from files above it", async () => {
    const held = new HeldFiles(10)
    const given = ["12345678", "abc", "9x", "de"].map((text) => Buffer.from(text))
    const back = []
    for (const bytes of given) back.push(await held.hold(file(bytes)))
    const [inside] = await readdir(folder)
    expect(await readdir(join(folder, inside!))).toHaveLength(2)
    for (const [index, read] of back.entries()) expect(await read()).toEqual(file(given[index]!))
    await held.dispose()
    expect(existsSync(join(folder, inside!))).toBe(false)
  })

  it("tells of a folder that takes nothing, with the way out", async () => {
    vi.stubEnv("TMPDIR", join(folder, "gone"))
    const held = new HeldFiles(0)
    await expect(held.hold(file(Buffer.from("x")))).rejects.toMatchObject({
      code: "publish-failed",
      message: expect.stringMatching(/^"a.js" could not be kept in .*gone.*TMPDIR/) as string,
    })
    await held.dispose()
  })

  it("has room again for what was given back, and no folder where none is needed", async () => {
    const held = new HeldFiles(4)
    await (
      await held.hold(file(Buffer.from("1234")))
    )()
    await held.hold(file(Buffer.from("5678")))
    await held.dispose()
    expect(await readdir(folder)).toEqual([])
  })
})
