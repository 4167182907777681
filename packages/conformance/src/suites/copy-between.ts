import assert from "node:assert/strict"
import { type FileHeaders, prefix, readOnly, type Storage, type StorageDriver, transfer } from "@node-storages/core"
import { generated, noise } from "../helpers/contents.ts"
import { declaredHeaders, expectHeaders } from "../helpers/headers.ts"
import { expectAbsent, expectContent, expectError, expectOnly } from "../helpers/expect.ts"
import { countCalls } from "../helpers/layers.ts"
import { ODD_NAMES } from "../helpers/names.ts"
import { has } from "../needs.ts"
import { type Suite, suite } from "../suite.ts"

/** Copies a file from one driver to another one of the same service. */
async function copyBetweenDrivers(source: StorageDriver, from: string, target: StorageDriver, to: string) {
  const place = source.place?.(from)
  assert.ok(place, "the driver has copyFrom, and can't tell the place of an object")
  assert.equal(place.service, target.place?.(to)?.service, "two storages of one kind are of two services")
  return target.copyFrom!(place, to, {})
}

export const copyBetween: Suite = suite("copy between storages", (test) => {
  const needs = [has("copyFrom")]

  test(
    "is made by the service, with bytes, headers and metadata",
    needs,
    async ({ storage, another, driver, driverOf }) => {
      const source = await another()
      const headers: FileHeaders = { contentType: "text/x-mine", ...declaredHeaders(driver) }
      await source.write("a.bin", noise(200_000), headers)
      const info = await copyBetweenDrivers(driverOf(source), "a.bin", driver, "folder/b.png")
      assert.deepEqual([info?.name, info?.size], ["folder/b.png", 200_000])
      await expectContent(storage, "folder/b.png", noise(200_000))
      expectHeaders(await storage.stat("folder/b.png"), headers)
      await expectOnly(source, ["a.bin"])
      await expectOnly(storage, ["folder/b.png"])
    },
  )

  test(
    "takes the source from where it is, whatever has its name at the target",
    needs,
    async ({ storage, another, driver, driverOf }) => {
      const source = await another()
      await source.write("a.txt", "theirs")
      await storage.write("a.txt", "ours")
      await storage.write("b.txt", "old and longer", { contentType: "text/x-old" })
      await copyBetweenDrivers(driverOf(source), "a.txt", driver, "b.txt")
      await expectContent(storage, "b.txt", "theirs")
      await expectContent(storage, "a.txt", "ours")
      assert.equal((await storage.stat("b.txt")).contentType, "text/plain")
    },
  )

  test("copies an empty and a large file", needs, async ({ storage, another, driver, driverOf, largeBytes }) => {
    const source = await another()
    await source.write("empty", "")
    await source.write("large", generated(noise(largeBytes)))
    for (const name of ["empty", "large"]) await copyBetweenDrivers(driverOf(source), name, driver, name)
    await expectContent(storage, "empty", "")
    await expectContent(storage, "large", noise(largeBytes))
  })

  test("takes odd names, at both ends", needs, async ({ storage, another, driver, driverOf }) => {
    const source = await another()
    for (const [index, name] of ODD_NAMES.entries()) {
      const target = `copy of/${ODD_NAMES[(index + 1) % ODD_NAMES.length]}`
      await source.write(name, name)
      await copyBetweenDrivers(driverOf(source), name, driver, target)
      await expectContent(storage, target, name)
    }
  })

  test(
    "of a missing file answers with undefined, and leaves the target as it was",
    needs,
    async ({ storage, another, driver, driverOf }) => {
      const source = driverOf(await another())
      await storage.write("old.txt", "old")
      assert.equal(await copyBetweenDrivers(source, "missing.txt", driver, "old.txt"), undefined)
      assert.equal(await copyBetweenDrivers(source, "missing.txt", driver, "new.txt"), undefined)
      await expectContent(storage, "old.txt", "old")
      await expectAbsent(storage, "new.txt")
    },
  )

  test("keeps prefixes at both ends", needs, async ({ storage, another, driverOf }) => {
    const source = await another()
    await source.write("in/a.txt", "inside")
    await source.write("a.txt", "outside")
    const [from, to] = [source.with(prefix("in")), storage.with(prefix("out"))]
    await copyBetweenDrivers(driverOf(from), "a.txt", driverOf(to), "b.txt")
    await expectContent(storage, "out/b.txt", "inside")
    await expectOnly(storage, ["out/b.txt"])
  })

  test("is refused by readOnly at the target, and not at the source", needs, async ({ storage, another, driverOf }) => {
    const source = await another()
    await source.write("a.txt", "x")
    const reader: Storage = source.with(readOnly())
    const closed = driverOf(storage.with(readOnly()))
    await expectError("read-only", () => copyBetweenDrivers(driverOf(reader), "a.txt", closed, "b.txt"))
    await expectAbsent(storage, "b.txt")
    await copyBetweenDrivers(driverOf(reader), "a.txt", driverOf(storage), "b.txt")
    await expectContent(storage, "b.txt", "x")
  })

  test("is what transfer() does: no byte is read or written by this process", needs, async ({ storage, another }) => {
    const source = await another()
    for (const name of ["a.txt", "b/c.bin"]) await source.write(name, noise(1000))
    const [reads, writes] = [countCalls(), countCalls()]
    const report = await transfer(source.with(reads.layer), storage.with(writes.layer))
    assert.deepEqual(
      { ...report, failures: [...report.failures] },
      { copied: 2, skipped: 0, bytes: 2000, deleted: [], failures: [] },
    )
    assert.deepEqual([reads.calls.includes("get"), writes.calls.includes("put")], [false, false])
    for (const name of ["a.txt", "b/c.bin"]) await expectContent(storage, name, noise(1000))
  })
})
