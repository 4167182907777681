import assert from "node:assert/strict"
import { expectContent, expectError, expectOnly } from "../helpers/expect.ts"
import { given } from "../needs.ts"
import { type Suite, suite } from "../suite.ts"

export const deleteSuite: Suite = suite("delete", (test) => {
  test("removes the file, from exists, list and open", async ({ storage }) => {
    await storage.write("a/b.txt", "x")
    await storage.delete("a/b.txt")
    assert.equal(await storage.exists("a/b.txt"), false)
    await expectError("not-found", () => storage.open("a/b.txt").bytes())
    await expectOnly(storage, [])
    assert.deepEqual((await storage.listdir()).directories, [])
  })

  test("succeeds where there is nothing, any number of times", async ({ storage }) => {
    await storage.delete("missing.txt")
    await storage.delete("no/such/folder/missing.txt")
    await storage.write("a.txt", "x")
    await storage.delete("a.txt")
    await storage.delete("a.txt")
    await storage.delete("a.txt/below")
    await expectOnly(storage, [])
  })

  test("of an empty name is refused", async ({ storage }) => {
    await storage.write("a.txt", "x")
    await expectError("invalid-name", () => storage.delete(""))
    await expectError("invalid-name", () => storage.delete("/"))
    await expectOnly(storage, ["a.txt"])
  })

  test("of users/1 touches neither users/10 nor users/1x.txt nor what is below users/1", async ({ storage }) => {
    const siblings = ["users/10", "users/1x.txt", "users/1.txt", "users/11/a.txt"]
    for (const name of siblings) await storage.write(name, name)
    await storage.write("users/1", "one")
    await storage.delete("users/1")
    await expectOnly(storage, siblings)
  })

  test("of a directory's name deletes nothing below it", async ({ storage }) => {
    await storage.write("users/1/a.txt", "x")
    await storage.write("users/1/deep/b.txt", "y")
    await storage.delete("users/1")
    await storage.delete("users")
    await expectOnly(storage, ["users/1/a.txt", "users/1/deep/b.txt"])
    await expectContent(storage, "users/1/a.txt", "x")
  })

  test("many at once, of the same and of neighbouring names, all succeed", async ({ storage }) => {
    const names = Array.from({ length: 16 }, (_, index) => `folder/${index % 4}/file-${index}.txt`)
    await Promise.all(names.map((name) => storage.write(name, name)))
    await Promise.all([...names, ...names].map((name) => storage.delete(name)))
    await expectOnly(storage, [])
  })

  test("while neighbours are written loses none of them", async ({ storage }) => {
    for (let turn = 0; turn < 10; turn++) {
      await storage.write("folder/sub/old.txt", "old")
      await Promise.all([storage.delete("folder/sub/old.txt"), storage.write("folder/sub/new.txt", `${turn}`)])
      await expectContent(storage, "folder/sub/new.txt", `${turn}`)
      await storage.delete("folder/sub/new.txt")
    }
    await expectOnly(storage, [])
  })

  test("by a storage without access is refused", [given("createWithoutAccess")], async ({ options }) => {
    const storage = await options.createWithoutAccess!()
    await expectError(["permission-denied", "unauthenticated"], () => storage.delete("a.txt"), { names: "a.txt" })
    await storage.close()
  })
})
