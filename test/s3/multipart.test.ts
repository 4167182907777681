import { Readable } from "node:stream"
import { GetObjectCommand } from "@aws-sdk/client-s3"
import { StorageError } from "@node-storages/core"
import { expect, it } from "vitest"
import { MEBIBYTE, sampleBytes, streamOf } from "../sample-bytes.ts"
import { describeOnS3 } from "./support.ts"

const PART = 5 * MEBIBYTE

describeOnS3("a stream longer than a part", (bucket) => {
  it("is written by a multipart upload, byte for byte, with its headers", async () => {
    const bytes = sampleBytes(3 * PART + 17)
    const storage = bucket().storage({ partSize: PART, location: "parts" })
    const info = await storage.write("film.mp4", streamOf(bytes), {
      metadata: { owner: "7" },
      cacheControl: "no-store",
    })
    const stored = await bucket().client.send(new GetObjectCommand({ Bucket: bucket().name, Key: "parts/film.mp4" }))
    expect(info).toMatchObject({ size: bytes.byteLength, etag: stored.ETag })
    expect(stored.ETag).toMatch(/-4"$/)
    expect(stored).toMatchObject({ ContentType: "video/mp4", CacheControl: "no-store", Metadata: { owner: "7" } })
    expect(Buffer.from(await stored.Body!.transformToByteArray()).equals(bytes)).toBe(true)
  })

  it("leaves no parts behind when its source fails, and rejects with the source's error", async () => {
    const storage = bucket().storage({ partSize: PART })
    const boom = new Error("boom")
    async function* failing() {
      yield* streamOf(sampleBytes(3 * PART))
      throw boom
    }
    const error: unknown = await storage.write("film.mp4", failing()).catch((reason: unknown) => reason)
    expect(StorageError.is(error, "source-failed") && error.cause).toBe(boom)
    expect(await storage.exists("film.mp4")).toBe(false)
    expect(await bucket().openUploads()).toEqual([])
  })

  it("leaves no parts behind when it is cancelled, and destroys its source", async () => {
    const storage = bucket().storage({ partSize: PART })
    const controller = new AbortController()
    const source = Readable.from(streamOf(sampleBytes(4 * PART)))
    let loaded = 0
    const saving = storage.write("film.mp4", source, {
      signal: controller.signal,
      onProgress: (progress) => {
        loaded = progress.loaded
        if (loaded > 2 * PART) controller.abort(new Error("changed my mind"))
      },
    })
    await expect(saving).rejects.toMatchObject({ code: "aborted" })
    expect(loaded).toBeGreaterThan(2 * PART)
    expect(source.destroyed).toBe(true)
    expect(await storage.exists("film.mp4")).toBe(false)
    expect(await bucket().openUploads()).toEqual([])
  })

  it("is saved under an alternative name when the name is taken, though it can be read only once", async () => {
    const storage = bucket().storage({ partSize: PART })
    await storage.save("film.mp4", "first")
    const bytes = sampleBytes(2 * PART)
    const name = await storage.save("film.mp4", streamOf(bytes))
    expect(name).toMatch(/^film_[A-Za-z0-9]{7}\.mp4$/)
    expect(Buffer.from(await storage.open(name).bytes()).equals(bytes)).toBe(true)
    expect(await storage.open("film.mp4").text()).toBe("first")
  })

  it("races with others for one name on a service whose multipart uploads know no conditions: all are kept", async () => {
    const storage = bucket().storage({ partSize: PART, conditionalCreate: "put" })
    const bodies = Array.from({ length: 8 }, (_, index) => sampleBytes(PART + 1000, index + 1))
    const names = await Promise.all(bodies.map((bytes) => storage.save("film.mp4", streamOf(bytes))))
    expect(new Set(names).size).toBe(8)
    for (const [index, name] of names.entries()) {
      expect(Buffer.from(await storage.open(name).bytes()).equals(bodies[index]!)).toBe(true)
    }
  })

  it("whose bytes change on their way is refused, and nothing of it is left", async () => {
    const storage = bucket().storage({ partSize: PART })
    storage.client.middlewareStack.add(
      (next, context) => (args) => {
        const { body, query } = args.request as { body: Uint8Array; query: Record<string, string> }
        if (context.commandName !== "UploadPartCommand" || query["partNumber"] !== "2") return next(args)
        const changed = Buffer.from(body)
        changed[1000]! ^= 1
        return next({ ...args, request: Object.assign(args.request as object, { body: changed }) })
      },
      { step: "finalizeRequest", priority: "low", name: "changedOnItsWay" },
    )
    await expect(storage.write("film.mp4", streamOf(sampleBytes(3 * PART)))).rejects.toMatchObject({
      code: "checksum-mismatch",
    })
    expect(await storage.exists("film.mp4")).toBe(false)
    expect(await bucket().openUploads()).toEqual([])
  })
})

describeOnS3("copying by the service", (bucket) => {
  it("copies an object above the limit of one request by parts, with its headers", async () => {
    const storage = bucket().storage({ partSize: PART, copyPartSize: PART })
    const bytes = sampleBytes(2 * PART + 5)
    await storage.write("a film.mp4", streamOf(bytes), { metadata: { owner: "Zoë" }, contentLanguage: "de" })
    const info = await storage.copy("a film.mp4", "copies/ü+&.mp4")
    expect(info).toMatchObject({ size: bytes.byteLength, metadata: { owner: "Zoë" } })
    expect(await storage.stat("copies/ü+&.mp4")).toMatchObject({ contentType: "video/mp4", contentLanguage: "de" })
    expect(Buffer.from(await storage.open("copies/ü+&.mp4").bytes()).equals(bytes)).toBe(true)
    expect(await bucket().openUploads()).toEqual([])
  })

  it("leaves no parts behind when a copy by parts is cancelled", async () => {
    const storage = bucket().storage({ partSize: PART, copyPartSize: PART })
    await storage.write("film.mp4", streamOf(sampleBytes(4 * PART)))
    const controller = new AbortController()
    storage.client.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName === "UploadPartCopyCommand") controller.abort()
        return next(args)
      },
      { step: "initialize", name: "cancelAtFirstPart" },
    )
    await expect(storage.copy("film.mp4", "copy.mp4", { signal: controller.signal })).rejects.toMatchObject({
      code: "aborted",
    })
    expect(await storage.exists("copy.mp4")).toBe(false)
    expect(await bucket().openUploads()).toEqual([])
  })
})
