import { retry } from "@node-storages/core"
import type { GCSStorageOptions } from "@node-storages/gcs"
import { describe, expect, it } from "vitest"
import { failureOf } from "../failure.ts"
import { MEBIBYTE, sampleBytes, streamOf } from "../sample-bytes.ts"
import { useFaultProxy } from "../servers/use-fault-proxy.ts"
import { BUCKET, keysOf, storageOn, useGcsServer } from "./support.ts"

const server = useGcsServer()
const proxy = useFaultProxy(() => server().endpoint)

const direct = (location: string) => storageOn(server(), BUCKET, { location })
const through = (options: GCSStorageOptions) =>
  storageOn(server(), BUCKET, { apiEndpoint: proxy().endpoint, chunkSize: MEBIBYTE, ...options })

describe("GCSStorage on a connection that freezes", () => {
  it("ends an upload at its time limit with `timeout`, and commits nothing later", async () => {
    const gcs = through({ location: "frozen", chunkSize: 24 * MEBIBYTE })
    await gcs.save("first.txt", "x")
    proxy().freeze()
    // Large enough not to fit into the buffers on the way: what has left this machine whole can be carried out later.
    const small = failureOf(gcs.save("small.bin", sampleBytes(20 * MEBIBYTE), { timeout: "500ms" }))
    const large = failureOf(gcs.write("large.bin", streamOf(sampleBytes(50 * MEBIBYTE)), { timeout: "500ms" }))
    expect((await small).code).toBe("timeout")
    proxy().clear()
    expect((await large).code).toBe("timeout")
    expect((await keysOf(direct("frozen"))).filter((key) => key.startsWith("frozen/"))).toEqual(["frozen/first.txt"])
  })

  it("ends a download at its time limit, in the middle of the body", async () => {
    await direct("download").write("a.bin", sampleBytes(8 * MEBIBYTE))
    const stream = through({ location: "download" }).open("a.bin", { timeout: "5s" })[Symbol.asyncIterator]()
    await stream.next()
    proxy().freeze()
    const rest = async () => {
      while (!(await stream.next()).done);
    }
    expect((await failureOf(rest())).code).toBe("timeout")
  })

  it("ends a listing, a look and a delete at their time limits", async () => {
    const gcs = through({ location: "calls" })
    await gcs.write("a.txt", "x")
    proxy().freeze()
    const limit = { timeout: "200ms" } as const
    const calls = [
      () => Array.fromAsync(gcs.list("", limit)),
      () => gcs.stat("a.txt", limit),
      () => gcs.copy("a.txt", "b.txt", limit),
    ]
    for (const call of calls) expect((await failureOf(call())).code).toBe("timeout")
  })
})

describe("GCSStorage on a connection that is refused or reset", () => {
  it("tells the endpoint's failure as `network`, and exists() is not false", async () => {
    const gcs = through({})
    proxy().refuse()
    const error = await failureOf(gcs.exists("a.txt"))
    expect(error).toMatchObject({ code: "network", retryable: true })
    expect(error.message).toContain("check the endpoint")
  })

  it("keeps the old bytes of a file that was being replaced", async () => {
    const gcs = through({ location: "replace" })
    await gcs.write("a.bin", "old")
    for (const body of [sampleBytes(500_000), streamOf(sampleBytes(5 * MEBIBYTE))]) {
      proxy().resetAfter({ up: 100_000 })
      expect((await failureOf(gcs.write("a.bin", body))).code).toBe("network")
      proxy().clear()
      expect(await gcs.open("a.bin").text()).toBe("old")
    }
  })

  it("is survived by its own retries when it happens once, and by the retry layer when it happens often", async () => {
    const gcs = through({ location: "once" })
    const bytes = sampleBytes(500_000)
    proxy().resetAfter({ up: 2000, times: 1 })
    expect(await gcs.save("a.bin", bytes)).toBe("a.bin")
    proxy().resetAfter({ down: 0, times: 5 })
    const patient = gcs.with(retry({ attempts: 4, delay: "10ms" }))
    expect(Buffer.from(await patient.open("a.bin").bytes()).equals(bytes)).toBe(true)
  })
})
