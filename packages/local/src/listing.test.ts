import { mkdir, rm, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { compareKeys } from "@node-storages/core"
import { expect, test } from "vitest"
import { hooked } from "../test/faulty.ts"
import { names, temporaryRoot } from "../test/root.ts"
import { LocalStorage } from "./index.ts"

test("files come in the order of their names' bytes in UTF-8, directories among them, surrogates last", async () => {
  const root = await temporaryRoot()
  const storage = new LocalStorage(root)
  const all = [
    "a",
    "a.txt",
    "a-b/x",
    "ab/x",
    "ab.txt",
    "a/../b".slice(5),
    "B",
    "é",
    "\ue000",
    "\u{1f600}",
    "\uffee/x",
    "\u{1f600}z/y",
    "zz/\ue000",
    "zz/\u{10000}",
    "zz!",
    "zz0",
  ]
  for (const name of all) await storage.write(name, name)
  const expected = all.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  expect(await names(storage.list())).toEqual(expected)
  expect(all.toSorted(compareKeys)).toEqual(expected)
  expect(await names(storage.list("zz"))).toEqual(["zz/\ue000", "zz/\u{10000}"])
})

test("listing a directory never reaches into one whose name begins alike", async () => {
  const storage = new LocalStorage(await temporaryRoot())
  for (const name of ["users/1/a", "users/10/a", "users/1x.txt", "users/1.txt"]) await storage.save(name, "x")
  expect(await names(storage.list("users/1"))).toEqual(["users/1/a"])
  expect(await names(storage.list("users/1/"))).toEqual(["users/1/a"])
  expect(await names(storage.list("users/1.txt"))).toEqual([])
  expect(await names(storage.list("users/2/3"))).toEqual([])
  expect(await names(storage.list("users/1.txt/x"))).toEqual([])
})

test("names alone are those of the same files, and no file is looked at for them but links", async () => {
  const root = await temporaryRoot()
  const looked: string[] = []
  const fileSystem = hooked((call, path) => {
    if (call === "lstat") looked.push(path.slice(root.length + 1))
  })
  const storage = new LocalStorage(root)
  for (const name of ["a/b/c", "a/d", "é", "z"]) await storage.save(name, "x", { cacheControl: "no-store" })
  if (process.platform !== "win32") {
    await symlink("z", join(root, "link"))
    await symlink("missing", join(root, "dangling"))
    await symlink("..", join(root, "a", "out"))
  }
  const listed = await Array.fromAsync(new LocalStorage(root, { fileSystem }).listNames())
  expect(listed).toEqual(await names(storage.list()))
  expect(listed).toContain("a/b/c")
  expect(looked.filter((path) => !["link", "z", "dangling", join("a", "out"), ""].includes(path))).toEqual([])
  expect(await Array.fromAsync(storage.listNames("a/b"))).toEqual(["a/b/c"])
  expect(await Array.fromAsync(new LocalStorage(join(root, "missing")).listNames())).toEqual([])
})

test("listdir gives one level, and never the storage's own directory", async () => {
  const storage = new LocalStorage(await temporaryRoot())
  for (const name of ["a.txt", "d/b.txt", "d/e/c.txt", "f/g/h"])
    await storage.save(name, "x", { cacheControl: "no-store" })
  const top = await storage.listdir()
  expect(top.directories).toEqual(["d", "f"])
  expect(top.files.map(({ name }) => name)).toEqual(["a.txt"])
  const below = await storage.listdir("d")
  expect(below.directories).toEqual(["d/e"])
  expect(below.files.map(({ name }) => name)).toEqual(["d/b.txt"])
})

test("a directory without files, however deep, is not listed, and one that holds some is", async () => {
  const root = await temporaryRoot()
  const storage = new LocalStorage(root)
  await mkdir(join(root, "empty", "deep", "er"), { recursive: true })
  await storage.save("full/deep/er/a.txt", "x")
  expect((await storage.listdir()).directories).toEqual(["full"])
  await storage.delete("full/deep/er/a.txt")
  expect(await storage.listdir()).toEqual({ directories: [], files: [] })
})

test("pages hold 1,000 files and join without gap or double; a cursor gives the same page again", async () => {
  const root = await temporaryRoot()
  for (const directory of ["a", "b/c", "b/d", "e"]) {
    await mkdir(join(root, directory), { recursive: true })
    for (let index = 0; index < 700; index++) await writeFile(join(root, directory, String(index)), "")
  }
  const { driver } = new LocalStorage(root)
  const all: string[] = []
  let cursor: unknown
  do {
    const page = await driver.page({ prefix: "", recursive: true, cursor })
    const again = await driver.page({ prefix: "", recursive: true, cursor })
    expect(again.files).toEqual(page.files)
    expect(page.files.length === 1000 || page.cursor === undefined).toBe(true)
    all.push(...page.files.map(({ name }) => name))
    cursor = page.cursor
  } while (cursor !== undefined)
  expect(all).toHaveLength(2800)
  expect(new Set(all).size).toBe(2800)
  expect(all).toEqual(all.toSorted(compareKeys))
})

test("one level of more than a page is listed whole, with its directories", async () => {
  const root = await temporaryRoot()
  for (let index = 0; index < 2300; index++) {
    if (index % 23 === 0) {
      await mkdir(join(root, `d${index}`, "deeper"), { recursive: true })
      await writeFile(join(root, `d${index}`, "deeper", "x"), "")
    } else await writeFile(join(root, `f${index}`), "")
  }
  const { directories, files } = await new LocalStorage(root).listdir()
  expect([directories.length, files.length]).toEqual([100, 2200])
})

test("files and directories that vanish between two pages are skipped", async () => {
  const root = await temporaryRoot()
  for (const directory of ["a", "b"]) {
    await mkdir(join(root, directory))
    for (let index = 0; index < 600; index++) await writeFile(join(root, directory, String(index)), "")
  }
  await mkdir(join(root, "c"))
  await writeFile(join(root, "c", "x"), "")
  const { driver } = new LocalStorage(root)
  const first = await driver.page({ prefix: "", recursive: true })
  await rm(join(root, "b", "99"))
  await rm(join(root, "c"), { recursive: true })
  const rest = await driver.page({ prefix: "", recursive: true, cursor: first.cursor })
  expect(rest.files).toHaveLength(199)
  expect(rest.cursor).toBeUndefined()
})

test.skipIf(process.platform !== "linux")("names on disk that no storage could open are skipped", async () => {
  const root = await temporaryRoot()
  await mkdir(join(root, "d\\e"))
  await writeFile(join(root, "d\\e", "x"), "")
  for (const name of ["a\\b", "line\nbreak", "good", Buffer.from([0x66, 0xff, 0xfe])]) {
    await writeFile(typeof name === "string" ? join(root, name) : Buffer.concat([Buffer.from(`${root}/`), name]), "")
  }
  expect(await names(new LocalStorage(root).list())).toEqual(["good"])
  expect((await new LocalStorage(root).listdir()).directories).toEqual([])
})

test("without headers a file is looked at once, and what is recorded of it is not read", async () => {
  const root = await temporaryRoot()
  await new LocalStorage(root).write("a.bin", "a", { cacheControl: "no-store" })
  const calls: string[] = []
  const fileSystem = hooked((call, path) => void calls.push(`${call} ${path.slice(root.length)}`))
  const storage = new LocalStorage(root, { fileSystem })
  const [file] = await Array.fromAsync(storage.list("", { headers: false }))
  expect(calls).toEqual(["realpath ", "readdir ", `lstat ${join("/", "a.bin")}`])
  const { name, size, modified, etag } = await storage.stat("a.bin")
  expect(file).toEqual({ name, size, modified, etag })
})
