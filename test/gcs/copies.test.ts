import { randomUUID } from "node:crypto"
import { transfer } from "@node-storages/core"
import type { GCSStorageOptions } from "@node-storages/gcs"
import { describe, expect, it } from "vitest"
import { failureOf } from "../failure.ts"
import { sampleBytes } from "../sample-bytes.ts"
import { BUCKET, CHUNK, keysOf, storageOn, useGcsServer } from "./support.ts"

const OTHER = "other-bucket"
const STEP = 1024 * 1024
const server = useGcsServer({ buckets: [BUCKET, OTHER], rewriteChunk: STEP })
const storage = (options: GCSStorageOptions = {}, bucket = BUCKET) => storageOn(server(), bucket, options)
const LONG = sampleBytes(3 * STEP + 5)
const HEADERS = { contentType: "text/x-mine", cacheControl: "max-age=60", metadata: { owner: "Zoë" } }

describe("a copy", () => {
  it("of a large object takes as many calls as the service asks for, and moves no bytes through here", async () => {
    const gcs = storage()
    await gcs.write("a.bin", LONG, HEADERS)
    server().requests.reset()
    const copied = await gcs.copy("a.bin", "b.bin")
    expect(copied).toMatchObject({ name: "b.bin", size: LONG.byteLength, ...HEADERS })
    expect(server().requests.count("objects.rewrite")).toBe(4)
    expect(server().requests.count(/download|insert|resumable/)).toBe(0)
    expect(Buffer.from(await gcs.open("b.bin").bytes()).equals(LONG)).toBe(true)
  })

  it("that is cancelled between two calls leaves nothing", async () => {
    const gcs = storage()
    await gcs.write("a.bin", LONG)
    const cancel = new AbortController()
    server().faults.add({ operation: "objects.rewrite", delay: 50 })
    const copying = failureOf(gcs.copy("a.bin", "b.bin", { signal: cancel.signal }))
    cancel.abort()
    expect((await copying).code).toBe("aborted")
    expect(await gcs.exists("b.bin")).toBe(false)
  })

  it("goes on after a call that failed for the moment", async () => {
    const gcs = storage()
    await gcs.write("a.bin", LONG)
    server().faults.add({ operation: "objects.rewrite", status: 503, times: 2 })
    await gcs.copy("a.bin", "b.bin")
    expect(Buffer.from(await gcs.open("b.bin").bytes()).equals(LONG)).toBe(true)
  })

  it("takes the storage class of its target, and everything else of its source", async () => {
    const location = randomUUID()
    await storage({ location }).write("a.txt", "x", HEADERS)
    const cold = storage({ location, objectParameters: { storageClass: "COLDLINE" } })
    expect(await cold.copy("a.txt", "b.txt")).toMatchObject(HEADERS)
    const [resource] = await cold.client.bucket(BUCKET).file(`${location}/b.txt`).getMetadata()
    expect(resource.storageClass).toBe("COLDLINE")
  })

  it("onto a taken name is refused with ifAbsent, also of a large object whose name is taken meanwhile", async () => {
    const gcs = storage()
    await gcs.write("a.bin", LONG)
    await gcs.write("b.bin", "old")
    expect((await failureOf(gcs.copy("a.bin", "b.bin", { ifAbsent: true }))).code).toBe("already-exists")
    expect(await gcs.open("b.bin").text()).toBe("old")
    server().faults.add({ operation: "objects.rewrite", delay: 30 })
    const copying = failureOf(gcs.copy("a.bin", "c.bin", { ifAbsent: true }))
    await gcs.write("c.bin", "first")
    expect((await copying).code).toBe("already-exists")
    expect(await gcs.open("c.bin").text()).toBe("first")
  })
})

describe("a transfer between two buckets", () => {
  it("is made by the service, with headers and metadata", async () => {
    const [from, to] = [storage(), storage({}, OTHER)]
    await from.write("a/1.bin", LONG, HEADERS)
    await from.write("a/2.txt", "two")
    server().requests.reset()
    expect(await transfer(from, to)).toMatchObject({ copied: 2, skipped: 0, failures: [] })
    expect(server().requests.count(/download|insert|resumable/)).toBe(0)
    expect(await to.stat("a/1.bin")).toMatchObject(HEADERS)
    expect(Buffer.from(await to.open("a/1.bin").bytes()).equals(LONG)).toBe(true)
    server().requests.reset()
    expect(await transfer(from, to)).toMatchObject({ copied: 0, skipped: 2 })
    expect(server().requests.all.map(({ operation }) => operation)).toEqual(["objects.list", "objects.list"])
  })

  it("falls back to streaming where the service may not read the source for the target's account", async () => {
    const from = storage({ chunkSize: CHUNK })
    await from.write("a.txt", "x", HEADERS)
    server().faults.add({ operation: "objects.rewrite", status: 403 })
    const to = storage({}, OTHER)
    expect(await transfer(from, to)).toMatchObject({ copied: 1, failures: [] })
    expect(await to.stat("a.txt")).toMatchObject(HEADERS)
  })
})

describe("a move", () => {
  it("is a copy and a delete where the service can't rename, also of a stream that gets its name at the end", async () => {
    const gcs = storage({ chunkSize: CHUNK, location: "no-rename" })
    server().faults.add({ operation: "objects.move", status: 400 })
    await gcs.write("a.txt", "x", HEADERS)
    await gcs.write("b.txt", "taken")
    expect(await gcs.move("a.txt", "c.txt")).toMatchObject({ name: "c.txt", ...HEADERS })
    expect(await gcs.exists("a.txt")).toBe(false)
    expect((await failureOf(gcs.move("c.txt", "b.txt", { ifAbsent: true }))).code).toBe("already-exists")
    async function* stream() {
      yield LONG.subarray(0, STEP)
      yield LONG.subarray(STEP)
    }
    const names = await Promise.all([gcs.save("film.mp4", stream()), gcs.save("film.mp4", stream())])
    expect(new Set(names).size).toBe(2)
    for (const name of names) expect(Buffer.from(await gcs.open(name).bytes()).equals(LONG)).toBe(true)
    const keys = (await keysOf(gcs)).filter((key) => key.startsWith("no-rename/"))
    expect(keys.toSorted()).toEqual(["b.txt", "c.txt", ...names].map((name) => `no-rename/${name}`).toSorted())
  })

  it("is one atomic request of the service after a look at the source", async () => {
    const gcs = storage()
    await gcs.write("a.txt", "x", HEADERS)
    server().requests.reset()
    expect(await gcs.move("a.txt", "b.txt")).toMatchObject({ name: "b.txt", ...HEADERS })
    expect(server().requests.all.map(({ operation }) => operation)).toEqual(["objects.get", "objects.move"])
    expect(await gcs.exists("a.txt")).toBe(false)
  })
})
