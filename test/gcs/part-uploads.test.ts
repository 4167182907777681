import { randomUUID } from "node:crypto"
import { Storage as Client } from "@google-cloud/storage"
import type { MultipartUpload } from "@node-storages/core"
import type { GCSStorageOptions } from "@node-storages/gcs"
import { describe, expect, it } from "vitest"
import { failureOf } from "../failure.ts"
import { MEBIBYTE, sampleBytes } from "../sample-bytes.ts"
import { BUCKET, storageOn, useGcsServer } from "./support.ts"

const PART = 5 * MEBIBYTE
const server = useGcsServer()
const storage = (options: GCSStorageOptions = {}) => storageOn(server(), BUCKET, options)

/** Sends a part as a browser does. */
async function send(upload: MultipartUpload, number: number, bytes: Uint8Array<ArrayBuffer>): Promise<number> {
  const { method, url, headers } = await upload.signPart(number, { size: bytes.byteLength })
  const response = await fetch(url, { method, headers, body: bytes })
  await response.bytes()
  return response.status
}

async function twoParts(options: GCSStorageOptions = {}) {
  const files = storage(options)
  const upload = await files.startMultipart("a ü.bin")
  const whole = sampleBytes(PART + 10)
  await send(upload, 1, whole.subarray(0, PART))
  await send(upload, 2, whole.subarray(PART))
  return { files, upload, whole }
}

describe("an upload in parts by signed URLs", () => {
  it("has URLs that are those of the official client, for the same moment", async () => {
    const { driver } = storage({ location: "" })
    const { endpoint: apiEndpoint, credentials } = server()
    const client = new Client({ apiEndpoint, credentials })
    const accessibleAt = new Date(Math.floor(Date.now() / 1000) * 1000)
    const part = { signedAt: accessibleAt, expiresIn: 600, size: 17 }
    const ours = await driver.multipart!.signPart("folder/ä (1) +%&?#'!*~.txt", "odd+/=id", 12, part)
    const [theirs] = await client
      .bucket(BUCKET)
      .file("folder/ä (1) +%&?#'!*~.txt")
      .getSignedUrl({
        version: "v4",
        action: "write",
        accessibleAt,
        expires: ours.expiresAt,
        queryParams: { partNumber: "12", uploadId: "odd+/=id" },
        extensionHeaders: ours.headers,
      })
    expect(ours.url).toBe(theirs)
    expect(ours.headers).toEqual({ "x-goog-content-length-range": "17,17" })
  })

  it("tells parts beyond the first page", async () => {
    const upload = await storage().startMultipart("film.mp4")
    const numbers = Array.from({ length: 1003 }, (_, index) => index + 1)
    const sending = numbers.values()
    const worker = async () => {
      for (const number of sending) expect(await send(upload, number, sampleBytes(10, number))).toBe(200)
    }
    await Promise.all(Array.from({ length: 8 }, worker))
    server().requests.reset()
    expect((await upload.parts()).map(({ number }) => number)).toEqual(numbers)
    expect(server().requests.count("xml.multipart.list")).toBe(2)
    await upload.abort()
    expect((await failureOf(upload.parts())).code).toBe("not-found")
  })

  it("has the storage's own parameters: class, time, access list and metadata of every object", async () => {
    const customTime = "2026-03-01T00:00:00Z"
    const files = storage({
      location: "parameters",
      predefinedAcl: "publicRead",
      objectParameters: { storageClass: "NEARLINE", customTime, cacheControl: "no-store", metadata: { own: "ä" } },
    })
    const upload = await files.startMultipart("a.bin", { metadata: { note: "日本" } })
    expect(await send(upload, 1, sampleBytes(10))).toBe(200)
    const info = await upload.complete()
    expect(info).toMatchObject({ cacheControl: "no-store", metadata: { own: "ä", note: "日本" }, size: 10 })
    const [metadata] = await files.client.bucket(BUCKET).file("parameters/a.bin").getMetadata()
    expect(metadata).toMatchObject({ storageClass: "NEARLINE" })
    expect(new Date(metadata.customTime!)).toEqual(new Date(customTime))
    expect((await fetch(files.publicUrl("a.bin"))).status).toBe(200)
  })

  it("is refused where a hold is asked for, which its requests do not know", async () => {
    for (const objectParameters of [{ temporaryHold: true }, { eventBasedHold: true }]) {
      expect((await failureOf(storage({ objectParameters }).startMultipart("a.bin"))).code).toBe("unsupported")
    }
    expect(server().requests.count()).toBe(0)
  })

  it("tells who pays, in every request", async () => {
    server().createBucket("requester-pays", { requesterPays: true })
    const options = { userProject: "acme", location: randomUUID() }
    const upload = await storageOn(server(), "requester-pays", options).startMultipart("a.bin")
    expect(await send(upload, 1, sampleBytes(10))).toBe(200)
    expect((await upload.complete()).size).toBe(10)
    await (await storageOn(server(), "requester-pays", options).startMultipart("b.bin")).abort()
    const silent = storageOn(server(), "requester-pays").startMultipart("a.bin")
    expect((await failureOf(silent)).code).toBe("invalid-option")
  })

  it("is complete though the answer to its completion was lost", async () => {
    const { files, upload, whole } = await twoParts()
    server().faults.add({ operation: "xml.multipart.complete", times: 1, loseAnswer: true })
    const info = await upload.complete()
    expect(server().requests.count("xml.multipart.complete")).toBe(2)
    expect(info.size).toBe(whole.byteLength)
    expect(Buffer.from(await files.open("a ü.bin").bytes()).equals(whole)).toBe(true)
  })

  it("is not complete because a file of the same size was there before", async () => {
    const { files, upload, whole } = await twoParts()
    const parts = await upload.parts()
    await upload.abort()
    await files.write("a ü.bin", sampleBytes(whole.byteLength, 2))
    server().faults.add({ operation: "xml.multipart.complete", times: 1, status: 503 })
    expect((await failureOf(upload.complete(parts))).code).toBe("not-found")
  })

  it("stays open where its completion can't begin", async () => {
    const { upload, whole } = await twoParts()
    server().faults.add({ operation: "xml.multipart.complete", times: 1, status: 403 })
    expect((await failureOf(upload.complete())).code).toBe("permission-denied")
    expect((await upload.complete()).size).toBe(whole.byteLength)
  })

  it("tells a part that has changed since it was listed, and can be completed still", async () => {
    const upload = await storage().startMultipart("a.bin")
    await send(upload, 1, sampleBytes(10))
    const listed = await upload.parts()
    await send(upload, 1, sampleBytes(10, 2))
    expect((await failureOf(upload.complete(listed))).code).toBe("conflict")
    expect((await upload.complete()).size).toBe(10)
  })
})
