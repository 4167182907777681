import assert from "node:assert/strict"
import { compareKeys, nameProblem } from "@node-storages/core"
import { utf8 } from "../helpers/contents.ts"
import { expectError, expectOnly, failureOf, forEach, infosIn, namesIn } from "../helpers/expect.ts"
import { ODD_NAMES } from "../helpers/names.ts"
import { given } from "../needs.ts"
import { type Suite, suite } from "../suite.ts"

/** As other tools write them: some are legal names, the others can't be opened by name and are skipped. */
const FOREIGN_KEYS = [
  "a//b",
  "dir/",
  "empty-dir/",
  "../x",
  "./y",
  "dir/file.txt",
  "//z",
  "a/./b",
  "plain.txt",
  "tab\tname",
]

export const list: Suite = suite("list", (test) => {
  test("of an empty storage, and of a directory that does not exist, is empty", async ({ storage }) => {
    assert.deepEqual(await namesIn(storage), [])
    await storage.write("a.txt", "x")
    assert.deepEqual(await namesIn(storage, "missing"), [])
    assert.deepEqual(await namesIn(storage, "missing/deep/"), [])
    assert.deepEqual(await namesIn(storage, "a.txt"), [])
    assert.deepEqual(await namesIn(storage, "a.txt/b"), [])
  })

  test("gives every file below a directory, however deep, with or without a trailing slash", async ({ storage }) => {
    const inside = ["users/1/a.txt", "users/1/b/c/d.txt", "users/1/z"]
    for (const name of [...inside, "other.txt", "users/2/a.txt"]) await storage.write(name, "x")
    assert.deepEqual(await namesIn(storage, "users/1"), inside)
    assert.deepEqual(await namesIn(storage, "users/1/"), inside)
    assert.deepEqual(await namesIn(storage, "users\\1"), inside)
    assert.deepEqual(await namesIn(storage, "users/1/b"), ["users/1/b/c/d.txt"])
  })

  test("of users/1 gives neither users/10 nor users/1x.txt", async ({ storage }) => {
    for (const name of ["users/1/a.txt", "users/10/a.txt", "users/1x.txt", "users/1.txt", "users/1 /a"]) {
      await storage.write(name, "x")
    }
    assert.deepEqual(await namesIn(storage, "users/1"), ["users/1/a.txt"])
  })

  test("refuses a directory that is no legal name", async ({ storage }) => {
    for (const directory of ["..", "../x", "/", "a/../b", "./a", "a\0b"]) {
      await expectError("invalid-name", () => namesIn(storage, directory))
    }
  })

  test("tells what stat tells", async ({ storage }) => {
    await storage.write("a/b.txt", "12345")
    const [info] = await infosIn(storage, "a")
    assert.equal(info?.name, "a/b.txt")
    assert.equal(info?.size, 5)
    assert.ok(info?.modified instanceof Date && !Number.isNaN(info.modified.getTime()))
  })

  test("is in the order of the names' bytes in UTF-8", async ({ storage }) => {
    const names = [
      "B",
      "a",
      "a-b/x",
      "a.b",
      "a/b",
      "a0",
      "Z",
      "é",
      "z",
      "~",
      "！",
      "\u{1f600}",
      "\uff5e",
      "aa/1",
      "aa/10",
      "aa/2",
      "aa",
    ]
    const files = names.filter((name) => name !== "a" && name !== "aa")
    for (const name of files.toReversed()) await storage.write(name, "x")
    assert.deepEqual(await namesIn(storage), files.toSorted(compareKeys))
  })

  test("gives every one of a large number of files once, in order", async ({ storage, scale }) => {
    const names = manyNames(scale.list)
    await forEach(names, (name) => storage.write(name, ""))
    const listed = await namesIn(storage)
    assert.equal(listed.length, names.length)
    assert.deepEqual(listed, names.toSorted(compareKeys))
    const inOne = names.filter((name) => name.startsWith("folder-1/"))
    assert.deepEqual(await namesIn(storage, "folder-1"), inOne.toSorted(compareKeys))
  })

  test("of names gives the names of the same files, in the same order", async ({ storage, scale }) => {
    const names = manyNames(scale.list)
    await forEach(names, (name) => storage.write(name, ""))
    const listed = async (directory?: string) => {
      const all: string[] = []
      for await (const name of storage.listNames(directory)) all.push(name)
      return all
    }
    assert.deepEqual(await listed(), await namesIn(storage))
    assert.deepEqual(await listed("folder-1/"), await namesIn(storage, "folder-1"))
    assert.deepEqual(await listed("folder-1/missing"), [])
  })

  test("without headers tells name, size, time and entity tag as it does with them", async ({ storage }) => {
    await storage.write("a.css", "a", { contentType: "text/css" })
    await storage.write("b/c.txt", "bc")
    const told = async (options?: { headers: boolean }) => {
      const all: unknown[] = []
      for await (const { name, size, modified, etag } of storage.list("", options)) {
        all.push({ name, size, etag, modified: modified.getTime() })
      }
      return all
    }
    const listed = await told({ headers: false })
    assert.equal(listed.length, 2)
    assert.deepEqual(listed, await told())
  })

  test("gives every file also when each is deleted as it comes", async ({ storage, scale }) => {
    const names = manyNames(scale.list)
    await forEach(names, (name) => storage.write(name, ""))
    const deleted: string[] = []
    for await (const { name } of storage.list()) {
      deleted.push(name)
      // A few at a time, so that a slow service does not take minutes.
      if (deleted.length % 100 === 0) await storage.deleteMany(deleted.slice(-100))
    }
    assert.equal(deleted.length, names.length)
  })

  test("can be left early", async ({ storage }) => {
    for (const name of ["a", "b", "c"]) await storage.write(name, "x")
    for await (const { name } of storage.list()) {
      assert.equal(name, "a")
      break
    }
    assert.deepEqual(await namesIn(storage), ["a", "b", "c"])
  })

  test("gives odd names as they were written", async ({ storage }) => {
    for (const name of ODD_NAMES) await storage.write(name, "x")
    assert.deepEqual(await namesIn(storage), ODD_NAMES.toSorted(compareKeys))
    assert.deepEqual(await namesIn(storage, "日本語"), ["日本語/ファイル.txt"])
  })

  test("has no entry for a directory", async ({ storage }) => {
    await storage.write("a/b/c.txt", "x")
    await expectOnly(storage, ["a/b/c.txt"])
    await storage.delete("a/b/c.txt")
    await expectOnly(storage, [])
  })

  test(
    "skips keys of other tools that are no legal names, and never throws on them",
    [given("foreignKeys")],
    async ({ storage, options }) => {
      const writer = await options.foreignKeys!(storage)
      const stored: string[] = []
      for (const key of FOREIGN_KEYS) {
        // A service may refuse some of these itself.
        if ((await failureOf(() => writer.put(key, utf8("x")))) === undefined) stored.push(key)
      }
      assert.ok(stored.length > 0, "the service's own client could store none of the keys")
      const legal = stored.filter((key) => nameProblem(key) === undefined).toSorted(compareKeys)
      assert.deepEqual(await namesIn(storage), legal)
      assert.deepEqual(
        await namesIn(storage, "dir"),
        legal.filter((key) => key.startsWith("dir/")),
      )
      const { files, directories } = await storage.listdir()
      for (const name of [...directories, ...files.map((file) => file.name)]) assert.equal(nameProblem(name), undefined)
      await storage.listdir("a")
      await storage.listdir("dir")
    },
  )

  test("is refused for a storage without access", [given("createWithoutAccess")], async ({ options }) => {
    const storage = await options.createWithoutAccess!()
    await expectError(["permission-denied", "unauthenticated"], () => namesIn(storage))
    await expectError(["permission-denied", "unauthenticated"], () => storage.listdir("a"))
    await storage.close()
  })
})

function manyNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `folder-${index % 3}/${index % 11}/file ${index}.txt`)
}
