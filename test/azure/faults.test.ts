import { Readable } from "node:stream"
import { BlockBlobClient } from "@azure/storage-blob"
import { retry } from "@node-storages/core"
import type { AzureStorageOptions } from "@node-storages/azure"
import { afterEach, describe, expect, it, vi } from "vitest"
import { failureOf } from "../failure.ts"
import { MEBIBYTE, sampleBytes, streamOf } from "../sample-bytes.ts"
import { useFaultProxy } from "../servers/use-fault-proxy.ts"
import { accountThrough, around, describeOnAzure } from "./support.ts"

const BLOCK = MEBIBYTE

describeOnAzure("AzureStorage on a bad connection", (container) => {
  const proxy = useFaultProxy(() => container().connection.endpoint)
  afterEach(() => {
    vi.restoreAllMocks()
  })

  const through = (options?: AzureStorageOptions) =>
    container().storage(options, accountThrough(proxy(), container().connection))
  const direct = (location: string) => container().storage({ location })

  describe("that is reset in the middle of an upload", () => {
    it("fails a small save with `network` and leaves nothing under the name", async () => {
      const storage = through({ location: "small" })
      proxy().resetAfter({ up: 2000 })
      const error = await failureOf(storage.save("a.bin", sampleBytes(200_000)))
      expect(error).toMatchObject({ code: "network", retryable: true, key: "small/a.bin" })
      expect(await direct("small").exists("a.bin")).toBe(false)
    })

    it("fails a stream with `network`, and destroys its source", async () => {
      const storage = through({ location: "stream", blockSize: BLOCK })
      proxy().resetAfter({ up: BLOCK / 2 })
      const source = Readable.from(streamOf(sampleBytes(8 * BLOCK)))
      expect((await failureOf(storage.write("a.bin", source))).code).toBe("network")
      expect(source.destroyed).toBe(true)
      proxy().clear()
      expect(await container().keys("stream/")).toEqual([])
    })

    it("keeps the old bytes of a file that was being replaced", async () => {
      const storage = through({ location: "replace", blockSize: BLOCK })
      await storage.write("a.bin", "old")
      for (const body of [sampleBytes(200_000), streamOf(sampleBytes(3 * BLOCK))]) {
        proxy().resetAfter({ up: 100_000 })
        expect((await failureOf(storage.write("a.bin", body))).code).toBe("network")
        proxy().clear()
        expect(await storage.open("a.bin").text()).toBe("old")
      }
    })

    it("is survived by the SDK's own retries when it happens once", async () => {
      const storage = through({ location: "once", blockSize: BLOCK })
      for (const [name, bytes] of [
        ["small.bin", sampleBytes(200_000)],
        ["large.bin", sampleBytes(3 * BLOCK)],
      ] as const) {
        proxy().resetAfter({ up: 2000, times: 1 })
        expect(await storage.save(name, streamOf(bytes))).toBe(name)
        expect(Buffer.from(await storage.open(name).bytes()).equals(bytes)).toBe(true)
      }
    })
  })

  describe("that freezes", () => {
    // Large enough not to fit into the buffers on the way: what has left this machine whole can be carried out later.
    it("ends an upload at its time limit with `timeout`, and commits nothing later", async () => {
      const storage = through({ location: "frozen", blockSize: 24 * MEBIBYTE })
      proxy().freeze()
      const small = failureOf(storage.write("small.bin", sampleBytes(20 * MEBIBYTE), { timeout: "500ms" }))
      const large = failureOf(storage.write("large.bin", streamOf(sampleBytes(50 * MEBIBYTE)), { timeout: "500ms" }))
      expect((await small).code).toBe("timeout")
      expect((await large).code).toBe("timeout")
      proxy().clear()
      expect(await container().keys("frozen/")).toEqual([])
    })

    it("ends a download at its time limit, in the middle of the body", async () => {
      const bytes = sampleBytes(4 * MEBIBYTE)
      await direct("download").write("a.bin", bytes)
      const storage = through({ location: "download" })
      const stream = storage.open("a.bin", { timeout: "5s" })[Symbol.asyncIterator]()
      await stream.next()
      proxy().freeze()
      const rest = async () => {
        while (!(await stream.next()).done);
      }
      expect((await failureOf(rest())).code).toBe("timeout")
    })
  })

  describe("that is reset in the middle of a download", () => {
    it("is an error, never a short success", async () => {
      const bytes = sampleBytes(4 * MEBIBYTE)
      await direct("cut").write("a.bin", bytes)
      const storage = through({ location: "cut" })
      for (const down of [0, 1000, 700_000, 3 * MEBIBYTE]) {
        proxy().resetAfter({ down })
        expect((await failureOf(storage.open("a.bin").bytes())).code).toBe("network")
        proxy().clear()
      }
      expect(Buffer.from(await storage.open("a.bin").bytes()).equals(bytes)).toBe(true)
    })
  })

  it("ends the connection of a download that is not read to its end", async () => {
    await direct("unread").write("a.bin", sampleBytes(16 * MEBIBYTE))
    for await (const chunk of through({ location: "unread" }).open("a.bin")) {
      expect(chunk.byteLength).toBeGreaterThan(0)
      break
    }
    expect(proxy().counts().bytesDown).toBeLessThan(16 * MEBIBYTE)
  })

  it("to a service that is overloaded gives `rate-limited`, which the retry layer waits out", async () => {
    const storage = through({ location: "busy" })
    await storage.write("a.txt", "hello")
    proxy().answer503({ retryAfter: 0 })
    expect(await failureOf(storage.open("a.txt").bytes())).toMatchObject({
      code: "rate-limited",
      retryable: true,
      retryAfter: 0,
    })
    proxy().clear()
    proxy().answer503({ times: 5 })
    const patient = storage.with(retry({ attempts: 4, delay: "10ms" }))
    expect(await patient.open("a.txt").text()).toBe("hello")
  })

  it("that is refused tells the endpoint's failure as `network`, and exists() is not false", async () => {
    const storage = through()
    proxy().refuse()
    const error = await failureOf(storage.exists("a.txt"))
    expect(error.code).toBe("network")
    expect(error.message).toContain("check the endpoint")
  })

  describe("that loses the answer of what was carried out", () => {
    it("keeps a save under the one name that it tells", async () => {
      const storage = through({ location: "lost-answer", blockSize: BLOCK })
      for (const [name, bytes] of [
        ["small.bin", sampleBytes(1000)],
        ["empty.bin", new Uint8Array()],
      ] as const) {
        proxy().resetAfter({ down: 0, times: 1 })
        expect(await storage.save(name, bytes)).toBe(name)
        expect(Buffer.from(await storage.open(name).bytes()).equals(bytes)).toBe(true)
      }
      expect(await container().keys("lost-answer/")).toEqual(["lost-answer/empty.bin", "lost-answer/small.bin"])
    })

    it("keeps a write on the condition of a version", async () => {
      const storage = through({ location: "lost-match" })
      const { etag } = await storage.write("a.txt", "old")
      proxy().resetAfter({ down: 0, times: 1 })
      const info = await storage.write("a.txt", "new", { ifMatch: etag })
      expect(info.etag).toBe((await storage.stat("a.txt")).etag)
      expect(await storage.open("a.txt").text()).toBe("new")
    })

    it("keeps what was committed in blocks, told by the blocks", async () => {
      const storage = through({ location: "lost-commit", blockSize: BLOCK })
      around(BlockBlobClient.prototype, "commitBlockList", (proceed) => {
        proxy().resetAfter({ down: 0, times: 1 })
        return proceed()
      })
      const bytes = sampleBytes(2 * BLOCK)
      expect(await storage.save("a.bin", streamOf(bytes))).toBe("a.bin")
      const { etag } = await storage.stat("a.bin")
      const info = await storage.write("a.bin", streamOf(bytes), { ifMatch: etag })
      expect(info.etag).not.toBe(etag)
      expect(await storage.stat("a.bin")).toEqual(info)
      expect(proxy().counts().resets).toBe(2)
      expect(await container().keys("lost-commit/")).toEqual(["lost-commit/a.bin"])
    })

    it("does not take somebody else's file for its own", async () => {
      const storage = through({ location: "not-ours" })
      await direct("not-ours").write("a.txt", "theirs")
      proxy().resetAfter({ down: 0, times: 1 })
      await expect(storage.write("a.txt", "mine", { ifAbsent: true })).rejects.toMatchObject({
        code: "already-exists",
      })
      expect(await direct("not-ours").open("a.txt").text()).toBe("theirs")
    })
  })
})
