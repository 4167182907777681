import { existsSync } from "node:fs"
import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { HeldBytes } from "./held-bytes.ts"

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "held-bytes-test-"))
  vi.stubEnv("TMPDIR", folder)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, force: true })
})

describe("HeldBytes", () => {
  it("gives back what it was given, from memory up to its bound and from files above it", async () => {
    const held = new HeldBytes(10)
    const given = ["12345678", "abc", "9x", "de"].map((text) => Buffer.from(text))
    const back = []
    for (const bytes of given) back.push(await held.hold(bytes))
    const [inside] = await readdir(folder)
    expect(await readdir(join(folder, inside!))).toHaveLength(2)
    for (const [index, read] of back.entries()) expect(Buffer.from(await read())).toEqual(given[index])
    await held.dispose()
    expect(existsSync(join(folder, inside!))).toBe(false)
  })

  it("has room again for what was given back, and no folder where none is needed", async () => {
    const held = new HeldBytes(4)
    await (
      await held.hold(Buffer.from("1234"))
    )()
    await held.hold(Buffer.from("5678"))
    await held.dispose()
    expect(await readdir(folder)).toEqual([])
  })
})
