import { describe, expect, test } from "vitest"
import { DriverStorage } from "./driver-storage.ts"
import { compareKeys } from "./names.ts"
import { failureOf } from "./testing/failure.ts"
import { FullMapDriver, MapDriver, MapError } from "./testing/map-driver.ts"

function storageOf(...keys: string[]) {
  const driver = new MapDriver()
  for (const key of keys) driver.seed(key, "x")
  return { driver, storage: new DriverStorage(driver) }
}

async function names(listing: AsyncIterable<{ name: string }>): Promise<string[]> {
  const all: string[] = []
  for await (const { name } of listing) all.push(name)
  return all
}

const FOREIGN = [
  "//a",
  "/a",
  "../x",
  "a//b",
  "a/./b",
  "a/../b",
  "dir/",
  "a\\b",
  "bad\nname",
  "a/..",
  ".",
  "C:x",
  "half\ud800",
]

describe("listNames", () => {
  test("gives the names that list gives, by pages of names where the driver has them", async () => {
    const keys = ["b", "a/b", "a-b", "a", "😀", "é", ...FOREIGN]
    for (const driver of [new MapDriver(), new FullMapDriver()]) {
      for (const key of keys) driver.seed(key, "x")
      driver.pageSize = 3
      const storage = new DriverStorage(driver)
      expect(await Array.fromAsync(storage.listNames())).toEqual(["a", "a-b", "a/b", "b", "é", "😀"])
      expect(await Array.fromAsync(storage.listNames("a"))).toEqual(["a/b"])
      expect(driver.count("page") > 0).toBe(!(driver instanceof FullMapDriver))
    }
  })

  test("refuses options that it does not know, and directories that lead out", async () => {
    const { storage } = storageOf("a")
    expect(() => storage.listNames("", { names: true } as object)).toThrow(/no option "names"/)
    await expect(Array.fromAsync(storage.listNames("../x"))).rejects.toMatchObject({ code: "invalid-name" })
  })
})

describe("list", () => {
  test("gives everything in the order of the bytes of UTF-8, page by page", async () => {
    const keys = ["b", "a/b", "a-b", "a/b/c", "a", "\uffee", "😀", "é"]
    const { driver, storage } = storageOf(...keys)
    driver.pageSize = 3
    expect(await names(storage.list())).toEqual(keys.toSorted(compareKeys))
    expect(driver.calls.map(({ options }) => (options as { cursor: unknown }).cursor)).toEqual([undefined, 3, 6])
  })

  test("asks for a page only when it is needed", async () => {
    const { driver, storage } = storageOf("a", "b", "c", "d")
    driver.pageSize = 2
    const listing = storage.list()
    expect(driver.calls).toEqual([])
    await listing.next()
    await listing.next()
    expect(driver.count("page")).toBe(1)
    await listing.return()
    expect(driver.count("page")).toBe(1)
  })

  test("goes on after an empty page and after a cursor that is falsy", async () => {
    const { driver } = storageOf("a")
    const { info } = driver.files.get("a")!
    const pages = [
      { files: [], prefixes: [], cursor: 0 },
      { files: [], prefixes: [], cursor: "" },
      { files: [info], prefixes: ["d/"], cursor: undefined },
    ]
    let page = 0
    driver.page = async () => pages[page++ % 3]!
    const storage = new DriverStorage(driver)
    expect(await names(storage.list())).toEqual(["a"])
    expect(await storage.listdir()).toMatchObject({ directories: ["d"], files: [{ name: "a" }] })
  })

  test("skips keys that no name opens, and never throws on them", async () => {
    const { storage } = storageOf("ok.txt", "dir/ok.txt", ...FOREIGN)
    expect(await names(storage.list())).toEqual(["dir/ok.txt", "ok.txt"])
    expect(await names(storage.list("dir"))).toEqual(["dir/ok.txt"])
  })

  test("gives names that can be opened, whatever is stored beside them", async () => {
    const { storage, driver } = storageOf("a/b", ...FOREIGN)
    for await (const { name } of storage.list()) {
      expect((await storage.stat(name)).name).toBe(name)
      await storage.delete(name)
      expect(driver.files.has(name)).toBe(false)
    }
    expect([...driver.files.keys()]).toEqual(FOREIGN)
  })

  test.each(["users/1", "users/1/", "users\\1"])("of %j never touches users/10 or users/1x.txt", async (directory) => {
    const { storage } = storageOf("users/1/a", "users/1/b/c", "users/10/a", "users/1x.txt", "users/1")
    expect(await names(storage.list(directory))).toEqual(["users/1/a", "users/1/b/c"])
    expect(await storage.listdir(directory)).toMatchObject({
      directories: ["users/1/b"],
      files: [{ name: "users/1/a" }],
    })
  })

  test("of a directory that does not exist is empty", async () => {
    expect(await names(storageOf("a").storage.list("b"))).toEqual([])
    expect(await storageOf("a").storage.listdir("b")).toEqual({ directories: [], files: [] })
  })

  test.each(["../x", "/", "a//b", "a/../b"])("of %j is refused before any request", async (directory) => {
    const { driver, storage } = storageOf("a")
    expect((await failureOf(names(storage.list(directory)))).code).toBe("invalid-name")
    expect((await failureOf(storage.listdir(directory))).code).toBe("invalid-name")
    expect(driver.calls).toEqual([])
  })

  test("with an unknown option is refused", async () => {
    const { storage } = storageOf("a")
    expect((await failureOf(async () => names(storage.list("", { recursive: true } as never)))).code).toBe(
      "invalid-option",
    )
  })

  test("that fails on a later page rejects there, with what came before given", async () => {
    const { driver, storage } = storageOf("a", "b", "c")
    driver.pageSize = 2
    driver.fail = (member) =>
      member === "page" && driver.count("page") === 2 ? new MapError("permission-denied") : undefined
    const given: string[] = []
    const failure = await failureOf(async () => {
      for await (const { name } of storage.list()) given.push(name)
    })
    expect(failure).toMatchObject({ code: "permission-denied", operation: "list" })
    expect(given).toEqual(["a", "b"])
  })

  test("stops at the next page once its signal aborts", async () => {
    const { driver, storage } = storageOf("a", "b", "c")
    driver.pageSize = 1
    const controller = new AbortController()
    const given: string[] = []
    const failure = await failureOf(async () => {
      for await (const { name } of storage.list("", { signal: controller.signal })) {
        given.push(name)
        controller.abort()
      }
    })
    expect([failure.code, given]).toEqual(["aborted", ["a"]])
  })
})

describe("listdir", () => {
  test("gives one level, directories without slash and files, both with their full names and sorted", async () => {
    const { driver, storage } = storageOf("top.txt", "b/x", "a/y/z", "a/y.txt", "a-b", "c/d/e/f", "a/x")
    driver.pageSize = 1
    expect(await storage.listdir()).toMatchObject({
      directories: ["a", "b", "c"],
      files: [{ name: "a-b" }, { name: "top.txt" }],
    })
    expect(await storage.listdir("a/")).toMatchObject({
      directories: ["a/y"],
      files: [{ name: "a/x" }, { name: "a/y.txt" }],
    })
  })

  test("leaves out foreign keys and placeholders", async () => {
    const { storage } = storageOf("ok/a", "ok/", "ok", ...FOREIGN)
    expect(await storage.listdir()).toMatchObject({ directories: ["a", "dir", "ok"], files: [{ name: "ok" }] })
    expect(await storage.listdir("ok")).toMatchObject({ directories: [], files: [{ name: "ok/a" }] })
  })
})

describe("listing below a location", () => {
  test("strips it and shows nothing beside it", async () => {
    const { driver } = storageOf("up/a", "up/b/c", "up2/x", "up", "up/", "up//y", "up/\\z")
    const storage = new DriverStorage(driver, { location: "up" })
    expect(await names(storage.list())).toEqual(["a", "b/c"])
    expect(await names(storage.list("b"))).toEqual(["b/c"])
    expect(await storage.listdir()).toMatchObject({ directories: ["b"], files: [{ name: "a" }] })
    for await (const { name } of storage.list()) expect(await storage.exists(name)).toBe(true)
  })
})
