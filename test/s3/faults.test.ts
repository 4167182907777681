import { Readable } from "node:stream"
import { retry } from "@node-storages/core"
import type { S3StorageOptions } from "@node-storages/s3"
import { describe, expect, it } from "vitest"
import { failureOf } from "../failure.ts"
import { useFaultProxy } from "../servers/use-fault-proxy.ts"
import { connectionThrough } from "../servers/s3-server.ts"
import { MEBIBYTE, sampleBytes, streamOf } from "../sample-bytes.ts"
import { describeOnS3 } from "./support.ts"

const PART = 5 * MEBIBYTE

describeOnS3("S3Storage on a bad connection", (bucket) => {
  const proxy = useFaultProxy(() => bucket().connection.endpoint)

  const through = (options?: S3StorageOptions) =>
    bucket().storage(options, connectionThrough(proxy(), bucket().connection))
  const direct = (location: string) => bucket().storage({ location })

  describe("that is reset in the middle of an upload", () => {
    it("fails a small save with `network` and leaves nothing under the name", async () => {
      const storage = through({ location: "small" })
      await storage.save("first.txt", "so that the conditions are known")
      proxy().resetAfter({ up: 2000 })
      const error = await failureOf(storage.save("a.bin", sampleBytes(200_000)))
      expect(error).toMatchObject({ code: "network", retryable: true, key: "small/a.bin" })
      expect(await direct("small").exists("a.bin")).toBe(false)
    })

    it("fails a stream with `network`, drops its parts and destroys its source", async () => {
      const storage = through({ location: "stream", partSize: PART })
      proxy().resetAfter({ up: 3 * MEBIBYTE })
      const source = Readable.from(streamOf(sampleBytes(5 * PART)))
      const writing = failureOf(storage.write("a.bin", source))
      const error = await writing
      expect(error.code).toBe("network")
      expect(source.destroyed).toBe(true)
      proxy().clear()
      expect(await direct("stream").exists("a.bin")).toBe(false)
    })

    it("keeps the old bytes of a file that was being replaced", async () => {
      const storage = through({ location: "replace", partSize: PART })
      await storage.write("a.bin", "old")
      for (const body of [sampleBytes(200_000), streamOf(sampleBytes(3 * PART))]) {
        proxy().resetAfter({ up: 100_000 })
        expect((await failureOf(storage.write("a.bin", body))).code).toBe("network")
        proxy().clear()
        expect(await storage.open("a.bin").text()).toBe("old")
      }
    })

    it("is survived by the SDK's own retries when it happens once", async () => {
      const storage = through({ location: "once" })
      await storage.save("first.txt", "x")
      proxy().resetAfter({ up: 2000, times: 1 })
      const bytes = sampleBytes(200_000)
      expect(await storage.save("a.bin", bytes)).toBe("a.bin")
      expect(Buffer.from(await storage.open("a.bin").bytes()).equals(bytes)).toBe(true)
    })
  })

  describe("that freezes", () => {
    // Large enough not to fit into the buffers on the way: what has left this machine whole can be carried out later.
    it("ends an upload at its time limit with `timeout`, and commits nothing later", async () => {
      const storage = through({ location: "frozen", partSize: 24 * MEBIBYTE })
      await storage.save("first.txt", "x")
      proxy().freeze()
      const small = failureOf(storage.save("small.bin", sampleBytes(20 * MEBIBYTE), { timeout: "500ms" }))
      const large = failureOf(storage.write("large.bin", streamOf(sampleBytes(50 * MEBIBYTE)), { timeout: "500ms" }))
      expect((await small).code).toBe("timeout")
      proxy().clear()
      expect((await large).code).toBe("timeout")
      const names = await bucket().keys("frozen/")
      expect(names).toEqual(["frozen/first.txt"])
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

  describe("to a service that is overloaded", () => {
    it("gives `rate-limited`, which the retry layer waits out", async () => {
      const storage = through({ location: "busy" })
      await storage.write("a.txt", "hello")
      proxy().answer503()
      const error = await failureOf(storage.stat("a.txt"))
      expect(error).toMatchObject({ code: "rate-limited", retryable: true })
      proxy().answer503({ times: 4 })
      const patient = storage.with(retry({ attempts: 4, delay: "10ms" }))
      expect(await patient.open("a.txt").text()).toBe("hello")
    })
  })

  it("that is refused tells the endpoint's failure as `network`, and exists() is not false", async () => {
    const storage = through()
    proxy().refuse()
    const error = await failureOf(storage.exists("a.txt"))
    expect(error.code).toBe("network")
    expect(error.message).toContain("check the endpoint")
  })

  it("loses the answer of a save that was carried out: the bytes are there once, under a name that save tells", async () => {
    const storage = through({ location: "lost-answer" })
    await storage.save("first.txt", "x")
    proxy().resetAfter({ down: 0, times: 1 })
    const name = await storage.save("a.txt", "hello")
    expect(name).toBe("a.txt")
    expect(await storage.open(name).text()).toBe("hello")
    expect(await bucket().keys("lost-answer/")).toEqual(["lost-answer/a.txt", "lost-answer/first.txt"])
  })
})
