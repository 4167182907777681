import assert from "node:assert/strict"
import { noise } from "../helpers/contents.ts"
import { expectError, infosIn } from "../helpers/expect.ts"
import { given } from "../needs.ts"
import { type Suite, suite } from "../suite.ts"

const TEN_MINUTES = 600_000
const REFUSED = ["permission-denied", "unauthenticated"] as const

export const statExists: Suite = suite("stat and exists", (test) => {
  test("stat tells name, size in bytes, and when it was written as a Date", async ({ storage }) => {
    const before = Date.now()
    await storage.write("a/größe.txt", "größe")
    const info = await storage.stat("a/größe.txt")
    assert.equal(info.name, "a/größe.txt")
    assert.equal(info.size, 7)
    assert.ok(info.modified instanceof Date && !Number.isNaN(info.modified.getTime()))
    const distance = info.modified.getTime() - before
    assert.ok(Math.abs(distance) < TEN_MINUTES, `it was written ${distance} ms from now: is it UTC?`)
  })

  test("stat tells the same again while nothing changes", async ({ storage }) => {
    await storage.write("a.txt", "x")
    const [first, second] = [await storage.stat("a.txt"), await storage.stat("a.txt")]
    assert.deepEqual({ ...first }, { ...second })
    await storage.open("a.txt").bytes()
    assert.equal((await storage.stat("a.txt")).modified.getTime(), first.modified.getTime(), "reading changed the time")
  })

  test("the time moves on when the file is replaced", async ({ storage }) => {
    const first = await storage.write("a.txt", "x")
    const second = await storage.write("a.txt", "yy")
    assert.ok(second.modified.getTime() >= first.modified.getTime())
    assert.equal(second.size, 2)
  })

  test("an entity tag is in quotes, as in HTTP", async ({ storage }) => {
    const { etag } = await storage.write("a.txt", "x")
    if (etag !== undefined) assert.match(etag, /^(W\/)?"[^"]*"$/)
  })

  test("list, listdir, stat and open tell the same size, time and entity tag", async ({ storage }) => {
    await storage.write("a.bin", noise(300_000))
    const found = await storage.stat("a.bin")
    const [listed] = await infosIn(storage)
    const { files } = await storage.listdir()
    for (const info of [listed!, files[0]!, await storage.open("a.bin").stat()]) {
      assert.equal(info.name, found.name)
      assert.equal(info.size, found.size)
      // A header tells whole seconds where a listing tells milliseconds.
      assert.ok(Math.abs(info.modified.getTime() - found.modified.getTime()) < 1000, "the times differ")
      if (info.etag !== undefined && found.etag !== undefined) assert.equal(info.etag, found.etag)
    }
  })

  test("stat of a missing file is not-found, and names it", async ({ storage }) => {
    const error = await expectError("not-found", () => storage.stat("missing/é.txt"), { names: "missing/é.txt" })
    assert.equal(error.retryable, false)
    assert.equal(error.key, "missing/é.txt")
  })

  test("exists is true for a file, false for none, and false again after a delete", async ({ storage }) => {
    assert.equal(await storage.exists("a.txt"), false)
    await storage.write("a.txt", "")
    assert.equal(await storage.exists("a.txt"), true)
    await storage.delete("a.txt")
    assert.equal(await storage.exists("a.txt"), false)
  })

  test("a directory is no file: exists is false and stat not-found", async ({ storage }) => {
    await storage.write("folder/sub/a.txt", "x")
    for (const directory of ["folder", "folder/sub"]) {
      assert.equal(await storage.exists(directory), false)
      await expectError("not-found", () => storage.stat(directory))
    }
    assert.equal(await storage.exists("folder/sub/a.txt/x"), false)
    assert.equal(await storage.exists("folder/sub/a"), false)
  })

  test("names are told apart by case", async ({ storage }) => {
    await storage.write("Case.txt", "upper")
    assert.equal(await storage.exists("case.txt"), false)
    await storage.write("case.txt", "lower")
    assert.equal(await storage.open("Case.txt").text(), "upper")
  })

  test(
    "exists is never false for a storage that refuses: it rejects",
    [given("createWithoutAccess")],
    async ({ options }) => {
      const storage = await options.createWithoutAccess!()
      await expectError(REFUSED, () => storage.exists("a.txt"), { names: "a.txt" })
      await expectError(REFUSED, () => storage.stat("a.txt"), { names: "a.txt" })
      await storage.close()
    },
  )

  test(
    "exists is never false for a service that does not answer: it rejects",
    [given("createUnreachable")],
    async ({ options }) => {
      const storage = await options.createUnreachable!()
      await expectError("network", () => storage.exists("a.txt"))
      await expectError("network", () => storage.stat("a.txt"))
      await storage.close()
    },
  )

  test(
    "exists is never false for a bucket that does not exist: it rejects",
    [given("createOnMissingBucket")],
    async ({ options }) => {
      const storage = await options.createOnMissingBucket!()
      await expectError("bucket-not-found", () => storage.exists("a.txt"))
      await expectError("bucket-not-found", () => storage.stat("a.txt"))
      await storage.close()
    },
  )
})
