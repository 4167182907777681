import assert from "node:assert/strict"
import { StorageError } from "@node-storages/core"
import { expectContent, expectError, expectOnly, forEach } from "../helpers/expect.ts"
import { given } from "../needs.ts"
import { type Suite, suite } from "../suite.ts"

const REFUSED: readonly string[] = ["permission-denied", "unauthenticated"]

export const deleteMany: Suite = suite("deleteMany", (test) => {
  test("takes an array, a set, a generator and an async generator", async ({ storage }) => {
    function* generator() {
      yield "c"
    }
    async function* asyncGenerator() {
      yield "d"
    }
    for (const name of ["a", "b", "c", "d", "kept"]) await storage.write(name, "x")
    await storage.deleteMany(["a"])
    await storage.deleteMany(new Set(["b"]))
    await storage.deleteMany(generator())
    await storage.deleteMany(asyncGenerator())
    await expectOnly(storage, ["kept"])
  })

  test("of nothing does nothing", async ({ storage }) => {
    await storage.write("kept", "x")
    await storage.deleteMany([])
    await expectOnly(storage, ["kept"])
  })

  test("succeeds for names that are missing or given twice", async ({ storage }) => {
    await storage.write("a", "x")
    await storage.write("b", "x")
    await storage.deleteMany(["missing", "a", "a", "b", "no/such/folder/x", "a"])
    await expectOnly(storage, [])
  })

  test("deletes every one of a large number of names", async ({ storage, scale }) => {
    const names = Array.from({ length: scale.deleteMany }, (_, index) => `many/${index % 7}/file-${index}.txt`)
    await forEach(names, (name) => storage.write(name, ""))
    await storage.write("many/kept.txt", "kept")
    await storage.deleteMany(names)
    await expectOnly(storage, ["many/kept.txt"])
  })

  test("deletes what a listing gives while it goes on", async ({ storage }) => {
    const names = Array.from({ length: 50 }, (_, index) => `listed/${index}`)
    await forEach(names, (name) => storage.write(name, ""))
    await storage.write("listed-not", "")
    async function* listed() {
      for await (const { name } of storage.list("listed")) yield name
    }
    await storage.deleteMany(listed())
    await expectOnly(storage, ["listed-not"])
  })

  test("deletes odd names, and touches no sibling", async ({ storage }) => {
    const odd = ["a b&c.txt", "<xml>&amp;.txt", "users/1", "é+%25.txt", "quote\"'.txt", "日本語"]
    const siblings = ["users/10", "users/1x.txt", "a b", "é+%", "<xml>&.txt"]
    for (const name of [...odd, ...siblings]) await storage.write(name, "x")
    await storage.deleteMany(odd)
    await expectOnly(storage, siblings)
  })

  test("of a directory's name deletes nothing below it", async ({ storage }) => {
    await storage.write("users/1/a.txt", "x")
    await storage.deleteMany(["users/1", "users"])
    await expectContent(storage, "users/1/a.txt", "x")
  })

  test("reports each invalid name, and deletes all the others", async ({ storage }) => {
    const names = ["a", "b", "c", "d"]
    for (const name of names) await storage.write(name, "x")
    const requested = ["a", "../x", "b", "", "c", "/etc/passwd", "d"]
    const error = await expectError("partial-failure", () => storage.deleteMany(requested))
    assert.deepEqual(error.failures?.map(({ name }) => name).toSorted(), ["", "../x", "/etc/passwd"])
    for (const failure of error.failures ?? []) assert.ok(StorageError.is(failure.error, "invalid-name"))
    await expectOnly(storage, [])
  })

  test("by a storage without access reports every single name", [given("createWithoutAccess")], async ({ options }) => {
    const storage = await options.createWithoutAccess!()
    const names = Array.from({ length: 40 }, (_, index) => `folder/${index}.txt`)
    const error = await expectError("partial-failure", () => storage.deleteMany(names))
    assert.deepEqual(error.failures?.map(({ name }) => name).toSorted(), names.toSorted())
    for (const failure of error.failures ?? []) {
      assert.ok(StorageError.is(failure.error) && REFUSED.includes(failure.error.code), String(failure.error))
    }
    await storage.close()
  })

  test(
    "by a storage that can't be reached reports every single name",
    [given("createUnreachable")],
    async ({ options }) => {
      const storage = await options.createUnreachable!()
      const error = await expectError("partial-failure", () => storage.deleteMany(["a", "b", "c"]))
      assert.deepEqual(error.failures?.map(({ name }) => name).toSorted(), ["a", "b", "c"])
      await storage.close()
    },
  )

  test("that is aborted on its way rejects with aborted", async ({ storage }) => {
    const controller = new AbortController()
    async function* names() {
      yield "a"
      controller.abort()
      for (let index = 0; index < 3000; index++) yield `b-${index}`
    }
    await expectError("aborted", () => storage.deleteMany(names(), { signal: controller.signal }))
  })
})
