import assert from "node:assert/strict"
import type { FileHeaders } from "@node-storages/core"
import { noise } from "../helpers/contents.ts"
import { declaredHeaders, expectHeaders } from "../helpers/headers.ts"
import { expectAbsent, expectContent, expectError, expectOnly } from "../helpers/expect.ts"
import { ODD_NAMES } from "../helpers/names.ts"
import { declares, declaresNo } from "../needs.ts"
import { type Suite, suite } from "../suite.ts"

export const move: Suite = suite("move", (test) => {
  test("moves the bytes and removes the source", async ({ storage }) => {
    await storage.write("a/b.bin", noise(300_000))
    const info = await storage.move("a/b.bin", "c/d/e.bin")
    assert.equal(info.name, "c/d/e.bin")
    assert.equal(info.size, 300_000)
    await expectContent(storage, "c/d/e.bin", noise(300_000))
    await expectAbsent(storage, "a/b.bin")
    await expectOnly(storage, ["c/d/e.bin"])
    assert.deepEqual((await storage.listdir()).directories, ["c"])
  })

  test("carries content type and headers along", async ({ storage, driver }) => {
    const headers: FileHeaders = { contentType: "text/x-mine", ...declaredHeaders(driver) }
    await storage.write("a.bin", "x", headers)
    await storage.move("a.bin", "b.png")
    expectHeaders(await storage.stat("b.png"), headers)
  })

  test("replaces the target, whole and with its headers", async ({ storage, driver }) => {
    await storage.write("a.txt", "new", { contentType: "text/x-new" })
    await storage.write("b.txt", "old and longer", { contentType: "text/x-old", ...declaredHeaders(driver) })
    await storage.move("a.txt", "b.txt")
    await expectContent(storage, "b.txt", "new")
    expectHeaders(await storage.stat("b.txt"), { contentType: "text/x-new" })
    await expectOnly(storage, ["b.txt"])
  })

  test("leaves no headers behind for a later file of the old name", async ({ storage, driver }) => {
    await storage.write("a.txt", "x", { contentType: "text/x-old", ...declaredHeaders(driver) })
    await storage.move("a.txt", "b.txt")
    await storage.write("a.txt", "y")
    expectHeaders(await storage.stat("a.txt"), { contentType: "text/plain" })
  })

  test("moves a large file", async ({ storage, largeBytes }) => {
    await storage.write("a.bin", noise(largeBytes))
    await storage.move("a.bin", "b.bin")
    await expectContent(storage, "b.bin", noise(largeBytes))
    await expectOnly(storage, ["b.bin"])
  })

  test("moves from and to odd names", async ({ storage }) => {
    for (const [index, name] of ODD_NAMES.entries()) {
      const target = `moved/${ODD_NAMES[(index + 1) % ODD_NAMES.length]}`
      await storage.write(name, name)
      await storage.move(name, target)
      await expectContent(storage, target, name)
      assert.equal(await storage.exists(name), false)
    }
  })

  test("of a missing file is not-found, and leaves the target as it was", async ({ storage }) => {
    await storage.write("old.txt", "old")
    await expectError("not-found", () => storage.move("missing.txt", "new.txt"), { names: "missing.txt" })
    await expectError("not-found", () => storage.move("missing.txt", "old.txt"), { names: "missing.txt" })
    await expectError("not-found", () => storage.move("missing.txt", "missing.txt"), { names: "missing.txt" })
    await expectContent(storage, "old.txt", "old")
    await expectOnly(storage, ["old.txt"])
  })

  test("of a file onto itself leaves it as it is", async ({ storage }) => {
    await storage.write("a.txt", "x")
    await storage.move("a.txt", "a.txt")
    await expectContent(storage, "a.txt", "x")
    await expectOnly(storage, ["a.txt"])
  })

  test(
    "with ifAbsent moves to a free name, and keeps the source where the name is taken",
    [declares("conditionalCreate")],
    async ({ storage }) => {
      await storage.write("a.txt", "new")
      await storage.write("taken.txt", "old")
      await expectError("already-exists", () => storage.move("a.txt", "taken.txt", { ifAbsent: true }))
      await expectContent(storage, "a.txt", "new")
      await expectContent(storage, "taken.txt", "old")
      await storage.move("a.txt", "free.txt", { ifAbsent: true })
      await expectContent(storage, "free.txt", "new")
      await expectOnly(storage, ["free.txt", "taken.txt"])
    },
  )

  test(
    "with ifAbsent is refused with unsupported where the driver has no atomic create",
    [declaresNo("conditionalCreate"), declaresNo("conditionalCopy")],
    async ({ storage }) => {
      await storage.write("a.txt", "x")
      await expectError("unsupported", () => storage.move("a.txt", "b.txt", { ifAbsent: true }))
      await expectContent(storage, "a.txt", "x")
      await expectOnly(storage, ["a.txt"])
    },
  )
})
