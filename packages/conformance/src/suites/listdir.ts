import assert from "node:assert/strict"
import { compareKeys, type Storage } from "@node-storages/core"
import { expectError, forEach } from "../helpers/expect.ts"
import { type Suite, suite } from "../suite.ts"

async function level(storage: Storage, directory?: string): Promise<{ directories: string[]; files: string[] }> {
  const { directories, files } = await storage.listdir(directory)
  return { directories, files: files.map(({ name }) => name) }
}

export const listdir: Suite = suite("listdir", (test) => {
  test("gives one level: directories and files, by their full names", async ({ storage }) => {
    const names = ["top.txt", "avatars/me.png", "avatars/2024/a.png", "avatars/2024/deep/b.png", "avatars/2025/c.png"]
    for (const name of names) await storage.write(name, "x")
    assert.deepEqual(await level(storage), { directories: ["avatars"], files: ["top.txt"] })
    assert.deepEqual(await level(storage, ""), { directories: ["avatars"], files: ["top.txt"] })
    const avatars = { directories: ["avatars/2024", "avatars/2025"], files: ["avatars/me.png"] }
    assert.deepEqual(await level(storage, "avatars"), avatars)
    assert.deepEqual(await level(storage, "avatars/"), avatars)
    assert.deepEqual(await level(storage, "avatars/2024/deep"), { directories: [], files: ["avatars/2024/deep/b.png"] })
  })

  test("of a directory that does not exist is empty", async ({ storage }) => {
    await storage.write("a.txt", "x")
    for (const directory of ["missing", "a", "a.txt", "a.txt/b"]) {
      assert.deepEqual(await level(storage, directory), { directories: [], files: [] }, directory)
    }
  })

  test("of users/1 gives neither users/10 nor users/1x.txt", async ({ storage }) => {
    for (const name of ["users/1/a.txt", "users/10/a.txt", "users/1x.txt"]) await storage.write(name, "x")
    assert.deepEqual(await level(storage, "users/1"), { directories: [], files: ["users/1/a.txt"] })
    assert.deepEqual(await level(storage, "users"), { directories: ["users/1", "users/10"], files: ["users/1x.txt"] })
  })

  test("tells sizes and times of files", async ({ storage }) => {
    await storage.write("a.txt", "12345")
    const { files } = await storage.listdir()
    assert.equal(files[0]?.size, 5)
    assert.ok(files[0]?.modified instanceof Date)
  })

  test("gives a directory with odd characters in a form that listdir takes", async ({ storage }) => {
    const odd = ["a b", "a%2Fb", "plus+", "hash#", "日本語", ".hidden", "é"]
    for (const name of odd) await storage.write(`${name}/sub dir/file.txt`, "x")
    const { directories } = await storage.listdir()
    assert.deepEqual(directories, odd.toSorted(compareKeys))
    for (const directory of directories) {
      assert.deepEqual(await level(storage, directory), { directories: [`${directory}/sub dir`], files: [] })
    }
  })

  test("forgets a directory with its last file", async ({ storage }) => {
    await storage.write("a/b/c.txt", "x")
    await storage.delete("a/b/c.txt")
    assert.deepEqual(await level(storage), { directories: [], files: [] })
    assert.deepEqual(await level(storage, "a"), { directories: [], files: [] })
  })

  test("gives every one of a large number of directories and files once, sorted", async ({ storage, scale }) => {
    const half = Math.ceil(scale.list / 2)
    const directories = Array.from({ length: half }, (_, index) => `wide/dir ${index}`)
    const files = Array.from({ length: half }, (_, index) => `wide/file ${index}`)
    await forEach(directories, (name) => storage.write(`${name}/deep/er.txt`, ""))
    await forEach(files, (name) => storage.write(name, ""))
    const listed = await level(storage, "wide")
    assert.deepEqual(listed.directories, directories.toSorted(compareKeys))
    assert.deepEqual(listed.files, files.toSorted(compareKeys))
  })

  test("refuses a directory that is no legal name", async ({ storage }) => {
    for (const directory of ["..", "/", "a/../b", "."])
      await expectError("invalid-name", () => storage.listdir(directory))
  })
})
