import { Readable } from "node:stream"
import type { GCSStorageOptions } from "@node-storages/gcs"
import { describe, expect, it } from "vitest"
import { failureOf } from "../failure.ts"
import { sampleBytes, streamOf } from "../sample-bytes.ts"
import { BUCKET, CHUNK, keysOf, storageOn, useGcsServer } from "./support.ts"

const server = useGcsServer()
const storage = (options: GCSStorageOptions = {}) => storageOn(server(), BUCKET, { chunkSize: CHUNK, ...options })
const LONG = sampleBytes(5 * CHUNK + 1000)

describe("an upload", () => {
  it("is one request for content up to the chunk size, and a resumable one above it", async () => {
    const gcs = storage()
    await gcs.write("short.bin", LONG.subarray(0, CHUNK))
    expect(server().requests.all.map(({ operation }) => operation)).toEqual(["objects.insert"])
    server().requests.reset()
    await gcs.write("long.bin", LONG)
    expect(server().requests.count("resumable.start")).toBe(1)
    expect(server().requests.count("resumable.chunk")).toBe(6)
    expect(server().requests.count()).toBe(7)
    expect(Buffer.from(await gcs.open("long.bin").bytes()).equals(LONG)).toBe(true)
  })

  it("whose length is a whole number of chunks ends with a full one", async () => {
    const gcs = storage()
    const { size } = await gcs.write("a.bin", streamOf(LONG.subarray(0, 3 * CHUNK), 1000))
    expect(size).toBe(3 * CHUNK)
    expect(server().requests.count("resumable.chunk")).toBe(3)
    expect(Buffer.from(await gcs.open("a.bin").bytes()).equals(LONG.subarray(0, 3 * CHUNK))).toBe(true)
  })

  it.each([0, 1, 100_000, CHUNK - 1])("goes on from where a chunk was cut off after %i bytes", async (bytes) => {
    server().faults.add({ operation: "resumable.chunk", resetAfterUploaded: bytes, times: 1 })
    const gcs = storage()
    await gcs.write("a.bin", streamOf(LONG))
    expect(server().requests.count("resumable.start")).toBe(1)
    expect(server().requests.count("resumable.status")).toBeGreaterThanOrEqual(1)
    expect(Buffer.from(await gcs.open("a.bin").bytes()).equals(LONG)).toBe(true)
  })

  it("survives lost answers to each of its requests, and is there once", async () => {
    const gcs = storage({ location: "lost" })
    server().faults.add({ operation: "objects.insert", loseAnswer: true, times: 1 })
    expect(await gcs.save("short.txt", "hello")).toBe("short.txt")
    for (const times of [1, 2]) {
      server().faults.add({ operation: "resumable.chunk", loseAnswer: true, times })
      await gcs.write(`long-${times}.bin`, streamOf(LONG))
      expect(Buffer.from(await gcs.open(`long-${times}.bin`).bytes()).equals(LONG)).toBe(true)
    }
    server().faults.add({ operation: "objects.move", loseAnswer: true, times: 1 })
    expect(await gcs.save("stream.bin", streamOf(LONG))).toBe("stream.bin")
    await gcs.write("old.txt", "x")
    server().faults.add({ operation: "objects.move", loseAnswer: true, times: 1 })
    expect((await gcs.move("old.txt", "new.txt")).name).toBe("new.txt")
    expect((await keysOf(gcs)).filter((key) => key.startsWith("lost/"))).toEqual([
      "lost/long-1.bin",
      "lost/long-2.bin",
      "lost/new.txt",
      "lost/short.txt",
      "lost/stream.bin",
    ])
  })

  it("is refused by the service when its bytes changed on the way, and leaves the old version whole", async () => {
    const gcs = storage()
    await gcs.write("a.bin", "old")
    for (const [operation, bytes] of [
      ["objects.insert", LONG.subarray(0, 1000)],
      ["resumable.chunk", LONG],
    ] as const) {
      server().faults.add({ operation, corruptStored: true, times: 1 })
      const error = await failureOf(gcs.write("a.bin", bytes))
      expect(error.code).toBe("checksum-mismatch")
      expect(await gcs.open("a.bin").text()).toBe("old")
    }
  })

  it("that fails for good leaves nothing, cancels its session, and destroys its source", async () => {
    const gcs = storage({ location: "failed" })
    server().faults.add({ operation: /resumable\.(chunk|status)/, status: 503 })
    const source = Readable.from(streamOf(LONG))
    for (const content of [source, streamOf(LONG)]) {
      const error = await failureOf(gcs.save("a.bin", content))
      expect(error).toMatchObject({ code: "rate-limited", retryable: true })
    }
    expect(source.destroyed).toBe(true)
    expect(server().requests.count("resumable.cancel")).toBe(2)
    expect((await keysOf(gcs)).filter((key) => key.startsWith("failed/"))).toEqual([])
  })

  it("that is cancelled commits nothing and cancels its session", async () => {
    const gcs = storage()
    const cancel = new AbortController()
    async function* slow() {
      yield LONG.subarray(0, 2 * CHUNK)
      cancel.abort()
      yield LONG.subarray(2 * CHUNK)
    }
    const error = await failureOf(gcs.write("a.bin", slow(), { signal: cancel.signal }))
    expect(error.code).toBe("aborted")
    expect(await gcs.exists("a.bin")).toBe(false)
    expect(server().requests.count("resumable.cancel")).toBe(server().requests.count("resumable.start"))
  })

  it("of a stream that may get another name is hidden until it has one, and gone when it gets none", async () => {
    const gcs = storage({ location: "hidden" })
    server().faults.add({ operation: "objects.move", delay: 200 })
    const saving = [1, 2, 3].map((seed) => gcs.save("a.bin", streamOf(sampleBytes(2 * CHUNK, seed))))
    const names = await Promise.all(saving)
    expect(new Set(names).size).toBe(3)
    expect(names.filter((name) => name === "a.bin")).toHaveLength(1)
    for (const [index, name] of names.entries()) {
      expect(Buffer.from(await gcs.open(name).bytes()).equals(sampleBytes(2 * CHUNK, index + 1))).toBe(true)
    }
    server().faults.clear()
    server().faults.add({ operation: "objects.move", status: 403 })
    const failing = gcs.save("b.bin", streamOf(LONG))
    expect((await failureOf(failing)).code).toBe("permission-denied")
    expect((await keysOf(gcs)).filter((key) => key.startsWith("hidden/")).toSorted()).toEqual(
      names.map((name) => `hidden/${name}`).toSorted(),
    )
  })

  it("whose name is as long as it may be is hidden where there is room", async () => {
    const gcs = storage({ location: "" })
    const name = `${"d/".repeat(510)}abcd`
    expect(await gcs.save(name, streamOf(LONG))).toBe(name)
    expect(Buffer.from(await gcs.open(name).bytes()).equals(LONG)).toBe(true)
  })

  it("under its hidden name is not listed", async () => {
    const gcs = storage({ location: "under-way" })
    await gcs.write("a.txt", "x")
    await gcs.client.bucket(BUCKET).file("under-way/.abc.node-storages-upload").save("x", { resumable: false })
    expect((await Array.fromAsync(gcs.list())).map(({ name }) => name)).toEqual(["a.txt"])
    expect((await gcs.listdir()).files.map(({ name }) => name)).toEqual(["a.txt"])
  })

  it("takes the objects' parameters, and the caller's headers before theirs", async () => {
    const gcs = storage({
      objectParameters: (key) => ({
        storageClass: "NEARLINE",
        cacheControl: "no-store",
        customTime: "2026-01-01T00:00:00Z",
        metadata: { key, team: "web" },
      }),
      location: "parameters",
    })
    await gcs.write("a.txt", "x", { cacheControl: "max-age=60", metadata: { team: "media" } })
    const [resource] = await gcs.client.bucket(BUCKET).file("parameters/a.txt").getMetadata()
    expect(resource).toMatchObject({ storageClass: "NEARLINE", cacheControl: "max-age=60" })
    expect(new Date(resource.customTime!)).toEqual(new Date("2026-01-01T00:00:00Z"))
    expect(resource.metadata).toEqual({ key: "parameters/a.txt", team: "media" })
  })
})

describe("a download", () => {
  it("whose bytes changed on the way is an error at its end, never a success", async () => {
    const gcs = storage()
    await gcs.write("a.bin", LONG)
    server().faults.add({ operation: "objects.download", corruptDownload: true, times: 1 })
    expect((await failureOf(gcs.open("a.bin").bytes())).code).toBe("checksum-mismatch")
    expect(Buffer.from(await gcs.open("a.bin").bytes()).equals(LONG)).toBe(true)
  })

  it("that is cut off is an error, never a short success", async () => {
    const gcs = storage()
    await gcs.write("a.bin", LONG)
    for (const resetAfterDownloaded of [1, 1000, 3 * CHUNK]) {
      server().faults.add({ operation: "objects.download", resetAfterDownloaded, times: 1 })
      const error = await failureOf(gcs.open("a.bin").bytes())
      expect(error).toMatchObject({ code: "network", retryable: true })
    }
  })

  it("of a part is one small request", async () => {
    const gcs = storage()
    await gcs.write("a.bin", LONG)
    server().requests.reset()
    const part = await gcs.open("a.bin").slice(1000, 2024).bytes()
    expect(Buffer.from(part).equals(LONG.subarray(1000, 2024))).toBe(true)
    expect(server().requests.all.map(({ operation }) => operation)).toEqual(["objects.download"])
  })
})

describe("a service that is overloaded", () => {
  it("is asked again, not sooner than it wants", async () => {
    const gcs = storage()
    await gcs.write("a.txt", "x")
    server().requests.reset()
    server().faults.add({ status: 503, retryAfter: 1, times: 1 })
    const before = Date.now()
    expect((await gcs.stat("a.txt")).size).toBe(1)
    expect(Date.now() - before).toBeGreaterThanOrEqual(990)
    expect(server().requests.count("objects.get")).toBe(2)
  })

  it("gives up in the end with `rate-limited`, and never repeats what was refused", async () => {
    const gcs = storage()
    server().faults.add({ status: 429 })
    expect((await failureOf(gcs.stat("a.txt"))).code).toBe("rate-limited")
    expect(server().requests.count()).toBe(4)
    server().faults.clear()
    server().requests.reset()
    server().faults.add({ status: 403 })
    expect((await failureOf(gcs.stat("a.txt"))).code).toBe("permission-denied")
    expect(server().requests.count()).toBe(1)
  })
})
