import { readdir, symlink, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Readable } from "node:stream"
import { expect, test } from "vitest"
import { chunksOf, filesBelow, internalFiles, names, temporaryRoot } from "../test/root.ts"
import { LocalStorage } from "./index.ts"

test.each(["buffers", "streams"])(
  "64 concurrent saves of one name with %s give 64 names with their own bytes",
  async (kind) => {
    const root = await temporaryRoot()
    const storage = new LocalStorage(root)
    const body = (index: number) => Buffer.alloc(100_000 + index, index)
    const saved = await Promise.all(
      Array.from({ length: 64 }, (_, index) =>
        storage.save("d/a.txt", kind === "buffers" ? body(index) : chunksOf(index, 100_000 + index)),
      ),
    )
    expect(new Set(saved).size).toBe(64)
    expect(saved).toContain("d/a.txt")
    for (const [index, name] of saved.entries()) {
      expect(Buffer.compare(await storage.open(name).bytes(), body(index))).toBe(0)
    }
    expect(await internalFiles(root)).toEqual([])
  },
)

test("a one-shot stream that meets a taken name is saved under another without being read again", async () => {
  const storage = new LocalStorage(await temporaryRoot())
  await storage.save("a.txt", "old")
  const name = await storage.save("a.txt", Readable.from(["new"]))
  expect(name).toMatch(/^a_[A-Za-z0-9]{7}\.txt$/)
  expect(await storage.open(name).text()).toBe("new")
  expect(await storage.open("a.txt").text()).toBe("old")
})

test("of many creators with ifAbsent one wins, and the others get already-exists", async () => {
  const root = await temporaryRoot()
  const storage = new LocalStorage(root)
  const results = await Promise.allSettled(
    Array.from({ length: 32 }, (_, index) =>
      storage.write("a.txt", `${index}`, { ifAbsent: true, cacheControl: `max-age=${index}` }),
    ),
  )
  const winner = results.findIndex(({ status }) => status === "fulfilled")
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1)
  for (const result of results) {
    if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "already-exists", key: "a.txt" })
  }
  expect(await storage.open("a.txt").text()).toBe(`${winner}`)
  expect((await storage.stat("a.txt")).cacheControl).toBe(`max-age=${winner}`)
  expect(await internalFiles(root)).toHaveLength(1)
})

test("readers during overwrites see the old bytes or the new, whole, small files and large ones", async () => {
  const storage = new LocalStorage(await temporaryRoot())
  const sizes = [10, 600_000, 3_000_000]
  await storage.write("a.bin", Buffer.alloc(sizes[0]!, 0))
  const state = { done: false }
  const writing = (async () => {
    for (let index = 1; index <= 60; index++) {
      const size = sizes[index % 3]!
      await storage.write("a.bin", index % 2 ? Buffer.alloc(size, index % 256) : chunksOf(index % 256, size))
    }
    state.done = true
  })()
  let reads = 0
  const reading = Array.from({ length: 4 }, async () => {
    while (!state.done) {
      const bytes = Buffer.from(await storage.open("a.bin").bytes())
      expect(sizes).toContain(bytes.length)
      expect(bytes.equals(Buffer.alloc(bytes.length, bytes[0]))).toBe(true)
      reads++
    }
  })
  await Promise.all([writing, ...reading])
  expect(reads).toBeGreaterThan(10)
})

test("a shorter overwrite truncates, an empty body makes an empty file, a buffer can be saved twice", async () => {
  const storage = new LocalStorage(await temporaryRoot())
  const bytes = Buffer.from("long content")
  await storage.write("a.txt", bytes)
  await storage.write("b.txt", bytes)
  expect((await storage.write("a.txt", "s")).size).toBe(1)
  expect(await storage.open("a.txt").text()).toBe("s")
  expect(await storage.open("b.txt").text()).toBe("long content")
  expect((await storage.write("a.txt", "")).size).toBe(0)
  expect((await storage.write("a.txt", Readable.from([]))).size).toBe(0)
  expect(await storage.open("a.txt").bytes()).toHaveLength(0)
})

test("a stream of a producer that uses its buffer again is stored as it was given", async () => {
  const storage = new LocalStorage(await temporaryRoot())
  async function* reusing() {
    const buffer = new Uint8Array(300_000)
    for (let index = 0; index < 8; index++) yield buffer.fill(index).subarray(0, index % 2 ? 300_000 : 1000)
  }
  await storage.save("a.bin", reusing())
  const expected = Buffer.concat(
    Array.from({ length: 8 }, (_, index) => Buffer.alloc(index % 2 ? 300_000 : 1000, index)),
  )
  expect(Buffer.compare(await storage.open("a.bin").bytes(), expected)).toBe(0)
})

test("a stream that fails leaves nothing under the name, the old bytes whole, and no temporary file", async () => {
  const root = await temporaryRoot()
  const storage = new LocalStorage(root)
  await storage.write("old.txt", "old", { metadata: { v: "1" } })
  const before = await filesBelow(root)
  const broken = async function* () {
    yield* chunksOf(1, 2_000_000)
    throw new Error("source broke")
  }
  for (const attempt of [
    () => storage.save("new.txt", broken()),
    () => storage.write("old.txt", broken(), { metadata: { v: "2" } }),
  ]) {
    await expect(attempt()).rejects.toMatchObject({ code: "source-failed", cause: { message: "source broke" } })
  }
  expect(await filesBelow(root)).toEqual(before)
  expect(await storage.open("old.txt").text()).toBe("old")
  expect((await storage.stat("old.txt")).metadata).toEqual({ v: "1" })
})

test("an abort before the commit means that nothing is committed", async () => {
  const root = await temporaryRoot()
  const storage = new LocalStorage(root)
  await storage.write("old.txt", "old")
  const controller = new AbortController()
  const aborting = async function* () {
    yield new Uint8Array(10)
    controller.abort()
  }
  const { signal } = controller
  await expect(storage.save("a.txt", aborting(), { signal })).rejects.toMatchObject({ code: "aborted" })
  // All bytes are at hand: what aborts is the moment between writing and committing.
  for (const options of [{}, { cacheControl: "no-store" }]) {
    const late = new AbortController()
    const saving = storage.driver.put(
      "old.txt",
      {
        size: 3,
        replayable: true,
        bytes: undefined,
        async *stream() {
          yield Buffer.from("new")
          late.abort()
        },
      },
      { contentType: "text/plain", signal: late.signal, ...options },
    )
    await expect(saving).rejects.toMatchObject({ code: "aborted" })
  }
  expect(await filesBelow(root)).toEqual(["old.txt"])
  expect(await storage.open("old.txt").text()).toBe("old")
})

test("the entity tag changes whenever the bytes do, also within one tick of the clock and after a delete", async () => {
  const storage = new LocalStorage(await temporaryRoot())
  const tags = new Set<string>()
  for (let index = 0; index < 300; index++) {
    const { etag, modified } = await storage.write("a.bin", Buffer.alloc(4, index))
    expect(etag).toMatch(/^"[0-9a-f]+-[0-9a-f]+-[0-9a-f]+"$/)
    expect(Math.abs(modified.getTime() - Date.now())).toBeLessThan(60_000)
    tags.add(etag!)
    if (index % 3 === 0) await storage.delete("a.bin")
    else expect((await storage.stat("a.bin")).etag).toBe(etag)
  }
  expect(tags.size).toBe(300)
})

test("what is in the way gives conflict: a directory for write, a file for a name below it", async () => {
  const root = await temporaryRoot()
  const storage = new LocalStorage(root)
  await storage.save("d/a.txt", "x")
  await expect(storage.write("d", "x")).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining("directory"),
  })
  expect(await storage.save("d", "x")).toMatch(/^d_/)
  for (const name of ["d/a.txt/b", "d/a.txt/b/c", "d/a.txt/b/c/d"]) {
    await expect(storage.save(name, "x")).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("a file"),
    })
    expect(await storage.exists(name)).toBe(false)
    await expect(storage.stat(name)).rejects.toMatchObject({ code: "not-found" })
    await storage.delete(name)
  }
  expect(await internalFiles(root)).toEqual([])
})

test("a directory is no file: it is not found, and deleting its name leaves it alone", async () => {
  const root = await temporaryRoot()
  const storage = new LocalStorage(root)
  await storage.save("d/a.txt", "x")
  expect(await storage.exists("d")).toBe(false)
  await expect(storage.open("d").bytes()).rejects.toMatchObject({ code: "not-found" })
  await storage.delete("d")
  expect(await names(storage.list())).toEqual(["d/a.txt"])
})

test("a name as long as the disk allows is saved, with an alternative of the same length, and a longer one refused", async () => {
  const storage = new LocalStorage(await temporaryRoot())
  const longest = `${"ä".repeat(125)}.html`
  expect(await storage.save(longest, "1")).toBe(longest)
  const other = await storage.save(longest, "2")
  expect(await storage.open(other).text()).toBe("2")
  await expect(storage.save(`${longest}x`, "1")).rejects.toMatchObject({ code: "invalid-name" })
})

test.skipIf(process.platform === "win32")("saving where the root itself is a symbolic link works", async () => {
  const root = await temporaryRoot()
  const link = join(await temporaryRoot(), "link")
  await symlink(root, link)
  const storage = new LocalStorage(link)
  await storage.save("d/a.txt", "x", { cacheControl: "no-store" })
  expect((await storage.stat("d/a.txt")).cacheControl).toBe("no-store")
  expect(await names(storage.list())).toEqual(["d/a.txt"])
  expect(await readdir(root)).toContain("d")
})

test("files that are put into the folder by hand are read, listed, replaced and deleted", async () => {
  const root = await temporaryRoot()
  await writeFile(join(root, "by hand.css"), "a{}")
  const storage = new LocalStorage(root)
  expect(await storage.stat("by hand.css")).toMatchObject({ size: 3, contentType: "text/css" })
  expect(await storage.open("by hand.css").text()).toBe("a{}")
  expect(await storage.save("by hand.css", "b{}")).toMatch(/^by hand_/)
  await storage.write("by hand.css", "c{}")
  expect(await storage.open("by hand.css").text()).toBe("c{}")
  await storage.delete("by hand.css")
  expect(await storage.exists("by hand.css")).toBe(false)
})
