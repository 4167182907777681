import { cp, readdir, rename, utimes, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { contentDisposition } from "@node-storages/core"
import { expect, test } from "vitest"
import { filesBelow, internalFiles, temporaryRoot } from "../test/root.ts"
import { LocalStorage } from "./index.ts"

const HEADERS = {
  contentType: "text/x-special",
  cacheControl: "max-age=60",
  contentDisposition: contentDisposition("attachment", "ä b.txt"),
  contentEncoding: "gzip",
  contentLanguage: "de",
  metadata: { owner: "Zoë", empty: "" },
}

test("all headers and metadata come back from write, stat, list, listdir and a read", async () => {
  const storage = new LocalStorage(await temporaryRoot())
  const written = await storage.write("d/a.txt", "x", HEADERS)
  expect(written).toMatchObject(HEADERS)
  expect(await storage.stat("d/a.txt")).toEqual(written)
  for await (const info of storage.list()) expect(info).toMatchObject(HEADERS)
  expect((await storage.listdir("d")).files[0]).toMatchObject(HEADERS)
  expect((await storage.driver.get("d/a.txt", {}))!.info).toMatchObject(HEADERS)
})

test("another instance, which has seen no metadata before, sees it", async () => {
  const root = await temporaryRoot()
  const [writer, reader] = [new LocalStorage(root), new LocalStorage(root)]
  await writer.save("a.txt", "x")
  expect(await reader.stat("a.txt")).not.toHaveProperty("cacheControl")
  await writer.write("a.txt", "y", { cacheControl: "no-store" })
  expect((await reader.stat("a.txt")).cacheControl).toBe("no-store")
})

test("nothing is written beside a file whose extension tells all there is to know", async () => {
  const root = await temporaryRoot()
  const storage = new LocalStorage(root)
  await storage.save("a.txt", "x")
  await storage.save("b.txt", "x", { contentType: "text/plain" })
  await storage.save("unknown", "x", { contentType: "application/octet-stream" })
  expect(await filesBelow(root)).toEqual(["a.txt", "b.txt", "unknown"])
  await storage.save("c.txt", "x", { contentType: "text/html" })
  const [record] = await internalFiles(root)
  expect(record).toMatch(/^\.node-storages\/meta\/([0-9a-f]{2})\/\1[0-9a-f]{62}\.1-\d+\.json$/)
})

test("an overwrite replaces headers as a whole, and leaves no record behind", async () => {
  const root = await temporaryRoot()
  const storage = new LocalStorage(root)
  await storage.write("a.txt", "1", HEADERS)
  await storage.write("a.txt", "2", { cacheControl: "no-store" })
  const info = await storage.stat("a.txt")
  expect(info).toMatchObject({ cacheControl: "no-store", contentType: "text/plain" })
  expect(info).not.toHaveProperty("metadata")
  expect(await internalFiles(root)).toHaveLength(1)
  await storage.write("a.txt", "3")
  expect(await storage.stat("a.txt")).not.toHaveProperty("cacheControl")
  expect(await internalFiles(root)).toEqual([])
})

test("a delete takes the record along", async () => {
  const root = await temporaryRoot()
  await new LocalStorage(root).save("a.txt", "1", HEADERS)
  // By an instance that has not seen the record.
  await new LocalStorage(root).delete("a.txt")
  expect(await filesBelow(root)).toEqual([])
})

test("concurrent overwrites, with and without metadata, of one size, never mix content and metadata", async () => {
  const root = await temporaryRoot()
  const storages = [new LocalStorage(root), new LocalStorage(root), new LocalStorage(root)]
  const state = { done: false }
  let seen = 0
  // An even body has its own number as metadata, an odd one has none.
  const put = (index: number) => {
    const text = String(index).padStart(6, "0")
    return storages[index % 3]!.write("a.txt", text, index % 2 ? {} : { metadata: { n: text } })
  }
  await put(0)
  const reading = Array.from({ length: 4 }, async (_, index) => {
    while (!state.done) {
      const { info, chunks } = (await storages[index % 3]!.driver.get("a.txt", {}))!
      const parts: Uint8Array[] = []
      for await (const chunk of chunks) parts.push(chunk)
      const text = Buffer.concat(parts).toString()
      expect([text, info.metadata]).toEqual([text, Number(text) % 2 ? undefined : { n: text }])
      seen++
    }
  })
  for (let round = 0; round < 40; round++) {
    await Promise.all(Array.from({ length: 16 }, (_, index) => put(1 + round * 16 + index)))
  }
  state.done = true
  await Promise.all(reading)
  expect(seen).toBeGreaterThan(20)
  const text = await storages[0]!.open("a.txt").text()
  expect((await storages[0]!.stat("a.txt")).metadata?.["n"]).toBe(Number(text) % 2 ? undefined : text)
})

test("64 concurrent saves of one name keep each its own metadata", async () => {
  const root = await temporaryRoot()
  const storage = new LocalStorage(root)
  const saved = await Promise.all(
    Array.from({ length: 64 }, (_, index) => storage.save("a.txt", "same", { metadata: { n: `${index}` } })),
  )
  for (const [index, name] of saved.entries()) expect((await storage.stat(name)).metadata).toEqual({ n: `${index}` })
  expect(await internalFiles(root)).toHaveLength(64)
})

test.each([
  "",
  "{",
  "null",
  "[]",
  '{"version":2,"key":"a.txt","cacheControl":"x"}',
  '{"version":1,"key":"a.txt","cacheControl":7,"metadata":[1]}',
])("a record that holds %j does not make the file unreadable", async (text) => {
  const root = await temporaryRoot()
  const storage = new LocalStorage(root)
  await storage.write("a.txt", "x", HEADERS)
  await writeFile(join(root, (await internalFiles(root))[0]!), text)
  expect(await storage.stat("a.txt")).toMatchObject({ size: 1, contentType: "text/plain" })
  expect(await storage.open("a.txt").text()).toBe("x")
  expect((await storage.stat("a.txt")).cacheControl).toBeUndefined()
})

test("header values in a record that could begin another header are not given out", async () => {
  const root = await temporaryRoot()
  const storage = new LocalStorage(root)
  await storage.write("a.txt", "x", { cacheControl: "a", metadata: { k: "v" } })
  const record = { version: 1, key: "a.txt", cacheControl: "a\r\nSet-Cookie: b", metadata: { k: "v\nw", good: "1" } }
  await writeFile(join(root, (await internalFiles(root))[0]!), JSON.stringify(record))
  const info = await storage.stat("a.txt")
  expect(info.cacheControl).toBeUndefined()
  expect(info.metadata).toEqual({ good: "1" })
})

test("a file that something else replaces loses the metadata of the old one", async () => {
  const root = await temporaryRoot()
  const storage = new LocalStorage(root)
  await storage.write("a.txt", "x", HEADERS)
  await writeFile(join(root, "other"), "y")
  await rename(join(root, "other"), join(root, "a.txt"))
  expect(await storage.stat("a.txt")).not.toHaveProperty("cacheControl")
  // Also where its time is a whole millisecond, as after unpacking an archive.
  await utimes(join(root, "a.txt"), 1_700_000_000, 1_700_000_000)
  expect(await storage.stat("a.txt")).toMatchObject({
    contentType: "text/plain",
    modified: new Date(1_700_000_000_000),
  })
})

test("a copy of the folder that keeps times keeps the metadata", async () => {
  const [root, copy] = [await temporaryRoot(), await temporaryRoot()]
  await new LocalStorage(root).save("d/a.txt", "x", HEADERS)
  await cp(root, copy, { recursive: true, preserveTimestamps: true })
  expect(await readdir(copy)).toContain(".node-storages")
  expect(await new LocalStorage(copy).stat("d/a.txt")).toMatchObject(HEADERS)
})
