import { open } from "node:fs/promises"
import { readdirSync, readlinkSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { chunksOf, filesBelow, internalFiles, names, temporaryRoot } from "../test/root.ts"
import { LocalStorage } from "./index.ts"

const HEADERS = { contentType: "text/x-special", cacheControl: "max-age=60", metadata: { owner: "me" } }

test.each(["copy", "move"] as const)(
  "%s carries headers and metadata, and leaves no record too many",
  async (operation) => {
    const root = await temporaryRoot()
    const storage = new LocalStorage(root)
    await storage.save("a.txt", "x", HEADERS)
    await storage.save("d/b.txt", "old", { cacheControl: "no-store" })
    expect(await storage[operation]("a.txt", "d/b.txt")).toMatchObject({ ...HEADERS, name: "d/b.txt", size: 1 })
    expect(await storage.stat("d/b.txt")).toMatchObject(HEADERS)
    expect(await storage.open("d/b.txt").text()).toBe("x")
    expect(await storage.exists("a.txt")).toBe(operation === "copy")
    expect(await internalFiles(root)).toHaveLength(operation === "copy" ? 2 : 1)
  },
)

test.each(["copy", "move"] as const)("%s to another extension keeps the content type", async (operation) => {
  const storage = new LocalStorage(await temporaryRoot())
  await storage.save("a.html", "x")
  await storage[operation]("a.html", "b.bin")
  expect((await storage.stat("b.bin")).contentType).toBe("text/html")
  await storage[operation]("b.bin", "c.html")
  expect((await storage.stat("c.html")).contentType).toBe("text/html")
})

test.each(["copy", "move"] as const)("%s with ifAbsent never replaces, and leaves the source", async (operation) => {
  const root = await temporaryRoot()
  const storage = new LocalStorage(root)
  await storage.save("a.txt", "a", HEADERS)
  await storage.save("b.txt", "b", { cacheControl: "no-store" })
  const before = await filesBelow(root)
  await expect(storage[operation]("a.txt", "b.txt", { ifAbsent: true })).rejects.toMatchObject({
    code: "already-exists",
  })
  expect(await filesBelow(root)).toEqual(before)
  expect(await storage.stat("b.txt")).toMatchObject({ cacheControl: "no-store" })
  expect(await storage[operation]("a.txt", "c.txt", { ifAbsent: true })).toMatchObject(HEADERS)
  expect(await storage.exists("a.txt")).toBe(operation === "copy")
})

test.each(["copy", "move"] as const)(
  "%s of what is not there is not-found, and replaces nothing",
  async (operation) => {
    const storage = new LocalStorage(await temporaryRoot())
    await storage.save("b.txt", "b")
    await storage.save("d/x", "x")
    await expect(storage[operation]("a.txt", "b.txt")).rejects.toMatchObject({ code: "not-found" })
    await expect(storage[operation]("d", "b.txt")).rejects.toMatchObject({ code: "not-found" })
    await expect(storage[operation]("b.txt", "d")).rejects.toMatchObject({ code: "conflict" })
    await expect(storage[operation]("b.txt", "d/x/y")).rejects.toMatchObject({ code: "conflict" })
    expect(await storage.open("b.txt").text()).toBe("b")
  },
)

test("a move keeps the bytes where they are and the time when they were written", async () => {
  const storage = new LocalStorage(await temporaryRoot())
  await storage.save("a.txt", "x")
  const { modified, etag } = await storage.stat("a.txt")
  expect(await storage.move("a.txt", "b.txt")).toMatchObject({ modified, etag })
})

test("64 movers of different files to one name with ifAbsent: one wins, the others keep their source", async () => {
  const storage = new LocalStorage(await temporaryRoot())
  for (let index = 0; index < 64; index++)
    await storage.save(`${index}.txt`, `${index}`, index % 2 ? { metadata: { n: `${index}` } } : {})
  const results = await Promise.allSettled(
    Array.from({ length: 64 }, (_, index) => storage.move(`${index}.txt`, "to.txt", { ifAbsent: true })),
  )
  const winner = results.findIndex(({ status }) => status === "fulfilled")
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1)
  expect(await storage.open("to.txt").text()).toBe(`${winner}`)
  expect((await storage.stat("to.txt")).metadata?.["n"]).toBe(winner % 2 ? `${winner}` : undefined)
  expect(await names(storage.list())).toHaveLength(64)
})

test("copies while the source is replaced have the content and the metadata of one version", async () => {
  const storage = new LocalStorage(await temporaryRoot())
  const put = (index: number) =>
    storage.write("a", `${index}`.padStart(5, "0"), index % 2 ? {} : { metadata: { n: `${index}` } })
  await put(0)
  const state = { done: false }
  const writing = (async () => {
    for (let index = 1; index < 150; index++) await put(index)
    state.done = true
  })()
  while (!state.done) {
    const copy = await storage.copy("a", "b")
    const number = Number(await storage.open("b").text())
    expect(copy.metadata?.["n"]).toBe(number % 2 ? undefined : `${number}`)
  }
  await writing
})

test("a slice reads its range, past the end it is empty, and a range is clamped", async () => {
  const storage = new LocalStorage(await temporaryRoot())
  await storage.save("a.txt", "0123456789")
  const read = (start: number, end?: number) => storage.open("a.txt").slice(start, end).text()
  expect(await Promise.all([read(2, 5), read(8, 99), read(10), read(50, 60), read(-3), read(0, 0)])).toEqual([
    "234",
    "89",
    "",
    "",
    "789",
    "",
  ])
})

const openFiles = () =>
  readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(join("/proc/self/fd", fd)).includes("leak.bin")
    } catch {
      return false
    }
  })

test.skipIf(process.platform !== "linux")(
  "the file is closed when a read ends, ends early, fails, or was aborted",
  async () => {
    const storage = new LocalStorage(await temporaryRoot())
    await storage.save("leak.bin", chunksOf(7, 5_000_000))
    for await (const chunk of storage.open("leak.bin")) {
      expect(chunk.length).toBeGreaterThan(100_000)
      expect(openFiles()).toHaveLength(1)
      break
    }
    expect(openFiles()).toHaveLength(0)
    expect((await storage.open("leak.bin").bytes()).length).toBe(5_000_000)
    const readable = storage.open("leak.bin").readable()
    await new Promise((resolve) => readable.once("data", resolve))
    readable.destroy()
    await new Promise((resolve) => readable.once("close", resolve))
    const controller = new AbortController()
    const reading = (async () => {
      for await (const _ of storage.open("leak.bin", { signal: controller.signal })) controller.abort()
    })()
    await expect(reading).rejects.toMatchObject({ code: "aborted" })
    expect(openFiles()).toHaveLength(0)
  },
)

test("a reader that has begun gets its version whole, though the file is replaced and deleted meanwhile", async () => {
  const storage = new LocalStorage(await temporaryRoot())
  await storage.save("a.bin", chunksOf(7, 3_000_000))
  let length = 0
  for await (const chunk of storage.open("a.bin")) {
    if (length === 0) {
      await storage.write("a.bin", "other")
      await storage.delete("a.bin")
    }
    length += chunk.length
    expect(chunk.every((byte) => byte === 7)).toBe(true)
  }
  expect(length).toBe(3_000_000)
})

test("a file that is cut short in place while it is read is an error, never a short success", async () => {
  const root = await temporaryRoot()
  const storage = new LocalStorage(root)
  await storage.save("a.bin", chunksOf(7, 3_000_000))
  const reading = (async () => {
    for await (const _ of storage.open("a.bin")) {
      const handle = await open(join(root, "a.bin"), "r+")
      await handle.truncate(100)
      await handle.close()
    }
  })()
  await expect(reading).rejects.toMatchObject({ code: "network" })
})
