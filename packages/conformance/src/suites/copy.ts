import assert from "node:assert/strict"
import type { FileHeaders } from "@node-storages/core"
import { noise } from "../helpers/contents.ts"
import { declaredHeaders, expectHeaders } from "../helpers/headers.ts"
import { expectAbsent, expectContent, expectError, expectOnly } from "../helpers/expect.ts"
import { ODD_NAMES } from "../helpers/names.ts"
import { declares, declaresNo } from "../needs.ts"
import { type Suite, suite } from "../suite.ts"

export const copy: Suite = suite("copy", (test) => {
  test("copies the bytes and leaves the source", async ({ storage }) => {
    await storage.write("a.bin", noise(300_000))
    const info = await storage.copy("a.bin", "folder/b.bin")
    assert.equal(info.name, "folder/b.bin")
    assert.equal(info.size, 300_000)
    await expectContent(storage, "folder/b.bin", noise(300_000))
    await expectContent(storage, "a.bin", noise(300_000))
    await expectOnly(storage, ["a.bin", "folder/b.bin"])
  })

  test("carries content type and headers along", async ({ storage, driver }) => {
    const headers: FileHeaders = { contentType: "text/x-mine", ...declaredHeaders(driver) }
    await storage.write("a.bin", "x", headers)
    await storage.copy("a.bin", "b.png")
    expectHeaders(await storage.stat("b.png"), headers)
    expectHeaders(await storage.stat("a.bin"), headers)
  })

  test("makes a file of its own: the copy does not change with the source", async ({ storage }) => {
    await storage.write("a.txt", "first")
    await storage.copy("a.txt", "b.txt")
    await storage.write("a.txt", "second")
    await expectContent(storage, "b.txt", "first")
    await storage.delete("a.txt")
    await expectContent(storage, "b.txt", "first")
  })

  test("replaces the target, whole and with its headers", async ({ storage, driver }) => {
    await storage.write("a.txt", "new", { contentType: "text/x-new" })
    await storage.write("b.txt", "old and longer", { contentType: "text/x-old", ...declaredHeaders(driver) })
    await storage.copy("a.txt", "b.txt")
    await expectContent(storage, "b.txt", "new")
    expectHeaders(await storage.stat("b.txt"), { contentType: "text/x-new" })
  })

  test("copies an empty file", async ({ storage }) => {
    await storage.write("a", "")
    await storage.copy("a", "b")
    await expectContent(storage, "b", "")
  })

  test("copies a large file", async ({ storage, largeBytes }) => {
    await storage.write("a.bin", noise(largeBytes))
    await storage.copy("a.bin", "b.bin")
    await expectContent(storage, "b.bin", noise(largeBytes))
  })

  test("copies from and to odd names", async ({ storage }) => {
    for (const [index, name] of ODD_NAMES.entries()) {
      const target = `copy of/${ODD_NAMES[(index + 1) % ODD_NAMES.length]}`
      await storage.write(name, name)
      await storage.copy(name, target)
      await expectContent(storage, target, name)
    }
  })

  test("of a missing file is not-found, and leaves the target as it was", async ({ storage }) => {
    await storage.write("old.txt", "old")
    await expectError("not-found", () => storage.copy("missing.txt", "new.txt"), { names: "missing.txt" })
    await expectError("not-found", () => storage.copy("missing.txt", "old.txt"), { names: "missing.txt" })
    await expectError("not-found", () => storage.copy("missing.txt", "missing.txt"), { names: "missing.txt" })
    await expectAbsent(storage, "new.txt")
    await expectContent(storage, "old.txt", "old")
  })

  test("of a file onto itself leaves it as it is", async ({ storage }) => {
    await storage.write("a.txt", "x", { contentType: "text/x-mine" })
    await storage.copy("a.txt", "a.txt")
    await expectContent(storage, "a.txt", "x")
    assert.equal((await storage.stat("a.txt")).contentType, "text/x-mine")
    await expectOnly(storage, ["a.txt"])
  })

  test(
    "with ifAbsent copies to a free name, and is refused with already-exists for a taken one",
    [declares("conditionalCreate")],
    async ({ storage }) => {
      await storage.write("a.txt", "new")
      await storage.write("taken.txt", "old")
      await storage.copy("a.txt", "free.txt", { ifAbsent: true })
      await expectContent(storage, "free.txt", "new")
      await expectError("already-exists", () => storage.copy("a.txt", "taken.txt", { ifAbsent: true }))
      await expectError("already-exists", () => storage.copy("a.txt", "a.txt", { ifAbsent: true }), { names: "a.txt" })
      await expectContent(storage, "taken.txt", "old")
    },
  )

  test(
    "with ifAbsent is refused with unsupported where the driver has no atomic create",
    [declaresNo("conditionalCreate"), declaresNo("conditionalCopy")],
    async ({ storage }) => {
      await storage.write("a.txt", "x")
      await expectError("unsupported", () => storage.copy("a.txt", "b.txt", { ifAbsent: true }))
      await expectAbsent(storage, "b.txt")
    },
  )

  test("to another storage carries bytes, content type and headers", async ({ storage, another, driver }) => {
    const target = await another()
    const headers: FileHeaders = { contentType: "text/x-mine", ...declaredHeaders(driver) }
    await storage.write("a.bin", noise(200_000), headers)
    await target.write("b.png", storage.open("a.bin"))
    await expectContent(target, "b.png", noise(200_000))
    expectHeaders(await target.stat("b.png"), headers)
  })
})
