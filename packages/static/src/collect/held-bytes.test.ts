import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { TemporaryFile } from "@node-storages/core/adapter"
import * as fc from "fast-check"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { HeldBytes } from "./held-bytes.ts"

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "held-bytes-test-"))
  vi.stubEnv("TMPDIR", folder)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  await rm(folder, { recursive: true, force: true })
})

describe("HeldBytes", () => {
  it("gives back what it was given, from memory up to its bound and from a file above it", async () => {
    const append = vi.spyOn(TemporaryFile.prototype, "append")
    const held = new HeldBytes(10)
    const given = ["12345678", "abc", "9x", "de"].map((text) => Buffer.from(text))
    const back = await Promise.all(given.map((bytes) => held.hold("a.js", bytes)))
    expect(append.mock.calls.map(([bytes]) => String(bytes))).toEqual(["abc", "de"])
    for (const [index, { size, read }] of back.entries()) {
      expect(size).toBe(given[index]!.byteLength)
      expect(await read()).toEqual(given[index])
      expect(await read()).toEqual(given[index])
    }
    await held.dispose()
    expect(await readdir(folder)).toEqual([])
  })

  it("keeps any bytes apart, in whatever order they come and go", async () => {
    const lists = fc.array(fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.boolean()), { maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(lists, fc.nat(600), async (list, most) => {
        const held = new HeldBytes(most)
        try {
          await Promise.all(
            list.map(async ([bytes, isReleased]) => {
              const kept = await held.hold("a.js", bytes)
              expect(Buffer.from(await kept.read())).toEqual(Buffer.from(bytes))
              if (isReleased) kept.release()
              else expect(Buffer.from(await kept.read())).toEqual(Buffer.from(bytes))
            }),
          )
        } finally {
          await held.dispose()
        }
      }),
    )
    expect(await readdir(folder)).toEqual([])
  })

  it("tells of a folder that takes nothing, with the way out", async () => {
    vi.stubEnv("TMPDIR", join(folder, "gone"))
    const held = new HeldBytes(0)
    await expect(held.hold("a.js", Buffer.from("x"))).rejects.toMatchObject({
      code: "publish-failed",
      message: expect.stringMatching(/^"a.js" could not be kept in .*gone.*TMPDIR/) as string,
    })
    await held.dispose()
  })

  it("tells of a file that somebody has cut, instead of giving less", async () => {
    const held = new HeldBytes(0)
    const { read } = await held.hold("a.js", Buffer.from("12345"))
    vi.spyOn(TemporaryFile.prototype, "readAt").mockRejectedValue(new Error("The temporary file is shorter"))
    await expect(read()).rejects.toMatchObject({
      code: "publish-failed",
      message: expect.stringMatching(/^"a.js" could not be kept in .*shorter/) as string,
    })
    await held.dispose()
  })

  it("has room again for what was released, and no folder where none is needed", async () => {
    const held = new HeldBytes(4)
    const first = await held.hold("a.js", Buffer.from("1234"))
    first.release()
    await held.hold("b.js", Buffer.from("5678"))
    await held.dispose()
    expect(await readdir(folder)).toEqual([])
  })
})
