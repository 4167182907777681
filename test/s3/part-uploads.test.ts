import { randomUUID } from "node:crypto"
import { type MultipartUpload, StorageError, type UploadedPart } from "@node-storages/core"
import { S3Storage } from "@node-storages/s3"
import { describe, expect, it } from "vitest"
import { failureOf } from "../failure.ts"
import { MEBIBYTE, sampleBytes } from "../sample-bytes.ts"
import { connectionThrough } from "../servers/s3-server.ts"
import { useFaultProxy } from "../servers/use-fault-proxy.ts"
import { connectionOptions, describeOnS3 } from "./support.ts"
import { provided } from "../servers/provided.ts"

const PART = 5 * MEBIBYTE

/** Sends a part as a browser does. */
async function send(
  upload: MultipartUpload,
  number: number,
  bytes: Uint8Array<ArrayBuffer>,
  size = bytes.byteLength,
): Promise<Response> {
  const signed = await upload.signPart(number, { size })
  return fetch(signed.url, { method: signed.method, headers: signed.headers, body: bytes })
}

describeOnS3("an upload in parts by signed URLs", (bucket) => {
  const proxy = useFaultProxy(() => bucket().connection.endpoint)

  it("tells parts beyond the first page, and is open until it is aborted", async () => {
    const upload = await bucket().storage({ location: "many" }).startMultipart("film.mp4")
    const numbers = Array.from({ length: 1003 }, (_, index) => index + 1)
    const sending = numbers.values()
    const worker = async () => {
      for (const number of sending) expect((await send(upload, number, sampleBytes(10, number))).status).toBe(200)
    }
    await Promise.all(Array.from({ length: 16 }, worker))
    const parts = await upload.parts()
    expect(parts.map(({ number }) => number)).toEqual(numbers)
    expect(parts.every(({ size, etag }) => size === 10 && /^"[0-9a-f]{32}"$/.test(etag ?? ""))).toBe(true)
    expect(await bucket().openUploads()).toEqual(["many/film.mp4"])
    await upload.abort()
    expect(await bucket().openUploads()).toEqual([])
    expect(await bucket().keys("many")).toEqual([])
  })

  it("has what the storage gives every object, but asks no digest of a browser", async () => {
    const storage = bucket().storage({ objectParameters: { Metadata: { owner: "7" }, ChecksumAlgorithm: "CRC32" } })
    const upload = await storage.startMultipart("a.bin", { cacheControl: "no-store" })
    await send(upload, 1, sampleBytes(10))
    expect(await upload.complete()).toMatchObject({ cacheControl: "no-store", metadata: { owner: "7" }, size: 10 })
  })

  it("is refused where each part would have to carry the customer's key", async () => {
    const objectParameters = { SSECustomerAlgorithm: "AES256", SSECustomerKey: "k".repeat(32) }
    const failure = await failureOf(bucket().storage({ objectParameters }).startMultipart("a.bin"))
    expect(failure.code).toBe("unsupported")
    expect(await bucket().openUploads()).toEqual([])
  })

  it("is complete though the answer to its completion was lost", async () => {
    const location = randomUUID()
    const storage = bucket().storage({ location })
    const started = await storage.startMultipart("a.bin")
    const whole = sampleBytes(PART + 10)
    await send(started, 1, whole.subarray(0, PART))
    await send(started, 2, whole.subarray(PART))
    const parts = await started.parts()
    const through = bucket().storage({ location }, connectionThrough(proxy(), bucket().connection))
    const upload = through.multipart("a.bin", started.id)
    await through.exists("a.bin")
    proxy().resetAfter({ down: 0, times: 1 })
    const info = await upload.complete(parts)
    expect(proxy().counts().resets).toBe(1)
    proxy().clear()
    expect(info).toMatchObject({ name: "a.bin", size: whole.byteLength, etag: expect.stringMatching(/-2"$/) })
    expect(Buffer.from(await storage.open("a.bin").bytes()).equals(whole)).toBe(true)
  })

  it("fails with a part that is not the one which was listed, and can be completed still", async () => {
    const upload = await bucket().storage().startMultipart("a.bin")
    await send(upload, 1, sampleBytes(10))
    const listed = await upload.parts()
    await send(upload, 1, sampleBytes(10, 2))
    const failure = await failureOf(upload.complete(listed))
    expect(failure.code).toBe("conflict")
    expect((await upload.complete()).size).toBe(10)
  })
})

const r2 = provided("r2")

// Miniflare has no ListParts, but takes what R2 takes: so the parts are told by the answers to them.
describe.skipIf("reason" in r2)("an upload in parts by signed URLs on R2", () => {
  const storage = () => {
    if ("reason" in r2) throw new Error(r2.reason)
    return new S3Storage(r2.buckets[0]!, {
      ...connectionOptions(r2),
      forcePathStyle: true,
      location: randomUUID(),
    })
  }
  const arrived = async (number: number, size: number, response: Response): Promise<UploadedPart> => {
    expect(response.status).toBe(200)
    return { number, size, etag: response.headers.get("etag")! }
  }

  it("takes parts of the signed size only, and makes the file of them", async () => {
    const files = storage()
    const upload = await files.startMultipart("a ü.mp4", { metadata: { owner: "7" } })
    const whole = sampleBytes(2 * PART + 10)
    const parts: UploadedPart[] = []
    for (const number of [2, 3, 1]) {
      const bytes = whole.subarray((number - 1) * PART, number * PART)
      parts.push(await arrived(number, bytes.byteLength, await send(upload, number, bytes)))
      // A client may refuse by itself to send a body that belies its Content-Length.
      const longer = await send(upload, number, bytes, bytes.byteLength - 1).then(
        ({ status }) => status,
        () => 400,
      )
      expect(longer).toBeGreaterThanOrEqual(400)
    }
    expect(await files.exists("a ü.mp4")).toBe(false)
    const info = await upload.complete(parts)
    expect(info).toMatchObject({ size: whole.byteLength, contentType: "video/mp4", metadata: { owner: "7" } })
    expect(Buffer.from(await files.open("a ü.mp4").bytes()).equals(whole)).toBe(true)
    await files.delete("a ü.mp4")
    await files.close()
  })

  it("is gone when it is aborted, and nobody's where it never was", async () => {
    const files = storage()
    const upload = await files.startMultipart("a.bin")
    const part = await arrived(1, 10, await send(upload, 1, sampleBytes(10)))
    await upload.abort()
    await upload.abort()
    expect((await send(upload, 1, sampleBytes(10))).status).toBe(404)
    const failure = await failureOf(upload.complete([part]))
    expect(StorageError.is(failure, "not-found")).toBe(true)
    expect(await files.exists("a.bin")).toBe(false)
    await files.close()
  })
})
