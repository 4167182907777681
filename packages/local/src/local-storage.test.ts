import { mkdir, readdir, stat } from "node:fs/promises"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { storageFromUrl } from "@node-storages/core"
import { expect, test } from "vitest"
import { filesBelow, temporaryRoot } from "../test/root.ts"
import { LocalStorage, type LocalStorageOptions } from "./index.ts"

test("constructing touches no file, and the folder is made by the first save", async () => {
  const root = join(await temporaryRoot(), "not", "there")
  const storage = new LocalStorage(root)
  await expect(stat(root)).rejects.toThrow("ENOENT")
  expect(await storage.exists("a.txt")).toBe(false)
  expect(await storage.listdir()).toEqual({ directories: [], files: [] })
  await storage.delete("a.txt")
  await expect(stat(root)).rejects.toThrow("ENOENT")
  expect(await storage.save("a.txt", "x")).toBe("a.txt")
  expect(await storage.open("a.txt").text()).toBe("x")
})

test("an unknown option names the nearest known one", () => {
  expect(() => new LocalStorage("x", { fileMod: 0o644 } as LocalStorageOptions)).toThrow('Did you mean "fileMode"?')
})

test.each([
  ["", {}],
  [undefined, {}],
  ["a\0b", {}],
  [new URL("https://example.com/"), {}],
  ["file://elsewhere/x", {}],
  ["x", { fileMode: 0o10000 }],
  ["x", { directoryMode: "755" }],
  ["x", { fsync: "yes" }],
  ["x", { pruneEmptyDirectories: 1 }],
  ["x", { location: ".node-storages/meta" }],
])("root %j with options %j is an invalid-option error", (root, options) => {
  expect(() => new LocalStorage(root as string, options as LocalStorageOptions)).toThrow(
    expect.objectContaining({ code: "invalid-option" }),
  )
})

test("a relative root is of the working directory at construction", async () => {
  const root = await temporaryRoot()
  await mkdir(join(root, "other"))
  const before = process.cwd()
  try {
    process.chdir(root)
    const storage = new LocalStorage("media")
    process.chdir(join(root, "other"))
    await storage.save("a.txt", "x")
    expect(storage.driver.target).toBe(pathToFileURL(join(root, "media")).href)
  } finally {
    process.chdir(before)
  }
  expect(await filesBelow(root)).toEqual([join("media", "a.txt")])
})

test("a file: URL is a root, as URL and as text, with a trailing slash or without", async () => {
  const root = join(await temporaryRoot(), "ä b%25")
  const url = pathToFileURL(root)
  await new LocalStorage(url).save("a.txt", "1")
  expect(await new LocalStorage(`${url.href}/`).open("a.txt").text()).toBe("1")
  expect(await readdir(root)).toContain("a.txt")
})

test("storageFromUrl takes the options from the query", async () => {
  const root = await temporaryRoot()
  const url = pathToFileURL(root).href
  const storage = storageFromUrl(
    `${url}?baseUrl=/media/&fsync=true&location=up&fileMode=600&pruneEmptyDirectories=true`,
  )
  await storage.save("a.txt", "x")
  expect(await storage.url("a.txt")).toBe("/media/up/a.txt")
  expect((await stat(join(root, "up", "a.txt"))).mode & 0o777).toBe(0o600)
  expect(() => storageFromUrl(`${url}?fileMode=rw`)).toThrow("octal")
  expect(() => storageFromUrl(`${url}?fsnyc=true`)).toThrow('Did you mean "fsync"?')
})

test.skipIf(process.platform === "win32")(
  "modes are set whatever the umask, and left to the umask by default",
  async () => {
    const before = process.umask(0o027)
    try {
      const [plain, set] = [await temporaryRoot(), await temporaryRoot()]
      await new LocalStorage(plain).save("d/a.txt", "x")
      expect((await stat(join(plain, "d", "a.txt"))).mode & 0o777).toBe(0o640)
      expect((await stat(join(plain, "d"))).mode & 0o777).toBe(0o750)
      const storage = new LocalStorage(set, { fileMode: 0o664, directoryMode: 0o775 })
      await storage.save("d/e/a.txt", "x", { cacheControl: "no-store" })
      await storage.copy("d/e/a.txt", "d/e/b.txt")
      for (const file of await filesBelow(set))
        expect([file, (await stat(join(set, file))).mode & 0o777]).toEqual([file, 0o664])
      expect((await stat(join(set, "d"))).mode & 0o777).toBe(0o775)
      expect((await stat(join(set, "d", "e"))).mode & 0o777).toBe(0o775)
    } finally {
      process.umask(before)
    }
  },
)

test("the storage's own directory can't be named, by the app or through a prefix layer's location", async () => {
  const root = await temporaryRoot()
  const storage = new LocalStorage(root)
  await storage.save("a.txt", "x", { cacheControl: "no-store" })
  await expect(storage.save(".node-storages/x", "x")).rejects.toMatchObject({ code: "invalid-name" })
  const call = { contentType: "text/plain" }
  const body = { size: 0, replayable: true, bytes: new Uint8Array(), async *stream() {} }
  await expect(storage.driver.put(".Node-Storages/x", body, call)).rejects.toMatchObject({ code: "invalid-name" })
  expect(await storage.driver.page({ prefix: ".node-storages/", recursive: true })).toEqual({ files: [], prefixes: [] })
})

test("a storage prints as what it is, without its options", async () => {
  const storage = new LocalStorage("/srv/media")
  expect(JSON.stringify(storage)).toBe('{"storage":"local","target":"file:///srv/media"}')
})
