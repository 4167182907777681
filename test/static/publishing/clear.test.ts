import { prefix, type Storage } from "@node-storages/core"
import { LocalStorage } from "@node-storages/local"
import { MemoryStorage } from "@node-storages/memory"
import { S3Storage } from "@node-storages/s3"
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { clear } from "@node-storages/static"
import { contents, counted, publish, staticFailureOf } from "./support.ts"

/** What a bucket tells of itself, with files in memory. */
function bucket(memory: MemoryStorage = new MemoryStorage()): Storage {
  return memory.with((next) => ({
    ...next,
    target: "s3://bucket",
    place: (key) => ({ service: "s3", bucket: "bucket", key }),
  }))
}

describe("clear()", () => {
  it.each([
    ["memory", new MemoryStorage()],
    ["a folder", new LocalStorage(mkdtempSync(join(tmpdir(), "clear-")))],
  ])("deletes every file of %s, and tells how many", async (_, target) => {
    await publish(target, { "a.css": "a", "b/c.css": "c" })
    expect(await clear(target)).toMatchObject({ files: 5, cleared: true, dryRun: false })
    expect(await contents(target, true)).toEqual({})
    expect(await clear(target)).toEqual({ files: 0, bytes: 0, cleared: true, dryRun: false })
  })

  it("never leaves the location", async () => {
    const memory = new MemoryStorage()
    const others = { "static.txt": "x", "static2/a": "x", "users/1": "x" }
    for (const [name, text] of Object.entries(others)) await memory.write(name, text)
    await memory.write("static/a", "x")
    expect(await clear(memory.with(prefix("static")))).toMatchObject({ files: 1, bytes: 1 })
    expect(await contents(memory)).toEqual(others)
  })

  it("asks with the count, and takes no for an answer", async () => {
    const target = new MemoryStorage()
    await target.write("a", "12345")
    const asked: unknown[] = []
    const report = await clear(target, { confirm: (count) => asked.push(count) === 0 })
    expect([asked, report]).toEqual([[{ files: 1, bytes: 5 }], { files: 1, bytes: 5, cleared: false, dryRun: false }])
    expect(await contents(target)).toEqual({ a: "12345" })
  })

  it("a dry run counts and deletes nothing, also in a whole bucket", async () => {
    const memory = new MemoryStorage()
    await memory.write("a", "12345")
    const { layer, calls } = counted()
    const report = await clear(bucket(memory).with(layer), { dryRun: true })
    expect(report).toEqual({ files: 1, bytes: 5, cleared: false, dryRun: true })
    expect(calls).toEqual({ page: 1 })
  })

  it("refuses a whole bucket before any request, unless told yes", async () => {
    const memory = new MemoryStorage()
    await memory.write("a", "x")
    const { layer, calls } = counted()
    const error = await staticFailureOf(clear(bucket(memory).with(layer)), "invalid-option")
    expect(error.message).toContain("s3://bucket has no location")
    expect(error.message).toContain("--yes")
    expect(calls).toEqual({})
    expect(await clear(bucket(memory), { yes: true })).toMatchObject({ files: 1, cleared: true })
  })

  it("clears a location in a bucket without being told", async () => {
    const memory = new MemoryStorage()
    await memory.write("static/a", "x")
    await memory.write("b", "x")
    const inBucket = bucket(memory).with(prefix("static"), (next) => ({
      ...next,
      target: "s3://bucket",
      place: (key) => ({ service: "s3", bucket: "bucket", key }),
    }))
    expect(await clear(inBucket)).toMatchObject({ files: 1, cleared: true })
    expect(await contents(memory)).toEqual({ b: "x" })
  })

  it("knows the location of a real bucket without a request", async () => {
    const options = { region: "eu-central-1", credentials: { accessKeyId: "a", secretAccessKey: "s" } }
    await staticFailureOf(clear(new S3Storage("bucket", options)), "invalid-option")
    const { layer, calls } = counted()
    const none = { page: async () => ({ files: [], prefixes: [] }) }
    const located = new S3Storage("bucket", { ...options, location: "static" }).with(layer, (next) => ({
      ...next,
      ...none,
    }))
    expect(await clear(located)).toMatchObject({ files: 0, cleared: true })
    expect(calls).toEqual({ page: 1 })
  })

  it("refuses what does not tell where it is", async () => {
    const memory = new MemoryStorage()
    const own = { list: memory.list.bind(memory), deleteMany: memory.deleteMany.bind(memory) } as unknown as Storage
    await staticFailureOf(clear(own), "invalid-option")
    expect(await clear(own, { yes: true })).toMatchObject({ cleared: true })
  })

  it("refuses options that it does not know", async () => {
    await expect(clear(new MemoryStorage(), { sure: true } as never)).rejects.toThrow("no option")
  })
})
