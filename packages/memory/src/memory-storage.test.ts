import { execFileSync } from "node:child_process"
import { storageFromUrl, type StorageOptions } from "@node-storages/core"
import { expect, test } from "vitest"
import { MemoryStorage } from "./index.ts"

test("what the caller does to its buffer afterwards, or to what was read, does not change what is stored", async () => {
  const storage = new MemoryStorage()
  for (const size of [10, 2_000_000]) {
    const bytes = Buffer.alloc(size, 1)
    await storage.write("a.bin", bytes)
    bytes.fill(2)
    const read = await storage.open("a.bin").bytes()
    expect(read.every((byte) => byte === 1)).toBe(true)
    read.fill(3)
    for await (const chunk of storage.open("a.bin")) chunk.fill(4)
    expect((await storage.open("a.bin").bytes()).every((byte) => byte === 1)).toBe(true)
  }
})

test("each storage is alone, and empty at first", async () => {
  const [one, other] = [new MemoryStorage(), new MemoryStorage()]
  await one.save("a.txt", "x")
  expect(await other.exists("a.txt")).toBe(false)
  expect(await other.listdir()).toEqual({ directories: [], files: [] })
})

test("a memory: URL makes a storage", async () => {
  const storage = storageFromUrl("memory:?baseUrl=/media/&location=up")
  expect(await storage.save("a.txt", "x")).toBe("a.txt")
  expect(storage.publicUrl("a.txt")).toBe("/media/up/a.txt")
  expect(JSON.stringify(storage)).toBe('{"storage":"memory","target":"memory:/up"}')
  expect(() => storageFromUrl("memory:?fsync=true")).toThrow("no parameter")
})

test("an unknown option is refused, also one of LocalStorage", () => {
  expect(() => new MemoryStorage({ fsync: true } as StorageOptions)).toThrow(
    expect.objectContaining({ code: "invalid-option" }),
  )
})

test("what is in the way gives conflict, as on a disk", async () => {
  const storage = new MemoryStorage()
  await storage.save("d/a.txt", "x")
  await expect(storage.write("d", "x")).rejects.toMatchObject({ code: "conflict" })
  await expect(storage.save("d/a.txt/b", "x")).rejects.toMatchObject({ code: "conflict" })
  expect(await storage.save("d", "x")).toMatch(/^d_/)
  expect(await storage.open("d/a.txt").text()).toBe("x")
})

test("a reader that has begun gets its version whole, and entity tags differ within a millisecond", async () => {
  const storage = new MemoryStorage()
  await storage.write("a.bin", Buffer.alloc(2_000_000, 1))
  let length = 0
  for await (const chunk of storage.open("a.bin")) {
    await storage.write("a.bin", Buffer.alloc(2_000_000, 2))
    expect(chunk.every((byte) => byte === 1)).toBe(true)
    length += chunk.length
  }
  expect(length).toBe(2_000_000)
  const tags = new Set<string | undefined>()
  for (let index = 0; index < 200; index++) {
    tags.add((await storage.write("b.bin", Buffer.alloc(4, index))).etag)
    await storage.delete("b.bin")
  }
  expect(tags.size).toBe(200)
})

test("metadata follows concurrent overwrites, moves and copies", async () => {
  const storage = new MemoryStorage()
  await Promise.all(
    Array.from({ length: 64 }, (_, index) =>
      storage.write("a", `${index}`.padStart(3, "0"), index % 2 ? {} : { metadata: { n: `${index}` } }),
    ),
  )
  const number = Number(await storage.open("a").text())
  expect((await storage.stat("a")).metadata?.["n"]).toBe(number % 2 ? undefined : `${number}`)
  await storage.write("a", "x", { cacheControl: "no-store" })
  await storage.copy("a", "b")
  await storage.move("a", "c/d")
  for (const name of ["b", "c/d"]) expect((await storage.stat(name)).cacheControl).toBe("no-store")
})

test("a loop over the storage does not hold up the event loop", async () => {
  const storage = new MemoryStorage()
  await storage.save("a.txt", "x")
  const state = { turn: false }
  setTimeout(() => (state.turn = true), 1)
  while (!state.turn) await storage.exists("a.txt")
  expect(state.turn).toBe(true)
})

test("importing and constructing does not load memfs", () => {
  const script = `
    import { MemoryStorage } from ${JSON.stringify(new URL("./index.ts", import.meta.url).href)}
    import { createRequire } from "node:module"
    new MemoryStorage()
    process.stdout.write(String(Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes("memfs"))))
  `
  const flags = ["--conditions=node-storages-source", "--input-type=module", "--eval", script]
  expect(execFileSync(process.execPath, flags, { encoding: "utf8" })).toBe("false")
})

test("tells no permissions: it refuses nobody", () => {
  expect(new MemoryStorage().driver.permissions).toBeUndefined()
})
