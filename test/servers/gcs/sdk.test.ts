import { randomBytes } from "node:crypto"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import type { ApiError, Bucket } from "@google-cloud/storage"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { startGcsServer, type GcsServer } from "./gcs-server.ts"
import { officialClient } from "./sdk-client.ts"

const MEBIBYTE = 1024 * 1024

let server: GcsServer
let bucket: Bucket

beforeAll(async () => {
  server = await startGcsServer({ buckets: ["sdk-tests"], rewriteChunk: MEBIBYTE })
  bucket = (await officialClient(server)).bucket("sdk-tests")
})

afterEach(() => {
  server.faults.clear()
  server.requests.reset()
})

afterAll(() => server.stop())

describe("the official client", () => {
  test.each([false, true])("saves and downloads with checksums (resumable: %s)", async (resumable) => {
    const bytes = randomBytes(3 * MEBIBYTE + 17)
    const file = bucket.file("folder/a %#?ü😀.bin")
    const metadata = { contentType: "image/png", cacheControl: "no-cache", metadata: { Color: "grün" } }
    await file.save(bytes, { resumable, validation: "crc32c", metadata })
    expect(server.requests.count("objects.insert")).toBe(resumable ? 0 : 1)
    expect(server.requests.count("resumable.chunk")).toBe(resumable ? 1 : 0)
    expect(file.metadata).toMatchObject({ ...metadata, size: resumable ? bytes.length : String(bytes.length) })
    const [[crc], [md5]] = await Promise.all([
      file.download({ validation: "crc32c" }),
      file.download({ validation: "md5" }),
    ])
    expect(crc.equals(bytes) && md5.equals(bytes)).toBe(true)
  })

  test("uploads in chunks, also an empty object", async () => {
    const bytes = randomBytes(2 * MEBIBYTE + 5)
    const file = bucket.file("chunks")
    await file.save(bytes, { resumable: true, chunkSize: MEBIBYTE / 2 })
    expect(server.requests.count("resumable.chunk")).toBe(5)
    expect((await file.download())[0].equals(bytes)).toBe(true)
    for (const chunkSize of [undefined, MEBIBYTE]) {
      await file.save("", { resumable: true, ...(chunkSize === undefined ? {} : { chunkSize }) })
      expect((await file.download())[0]).toHaveLength(0)
    }
  })

  test("reads ranges", async () => {
    const file = bucket.file("ranges")
    await file.save("0123456789", { resumable: false })
    expect(String((await file.download({ start: 2, end: 4 }))[0])).toBe("234")
    expect(String((await file.download({ start: 7 }))[0])).toBe("789")
    expect(String((await file.download({ end: -4 }))[0])).toBe("6789")
    expect(await codeOf(file.download({ start: 10 }))).toBe(416)
  })

  test("pages through 2,500 objects, and through folders with a delimiter", async () => {
    const names = Array.from({ length: 2500 }, (_, index) => `many/${index % 7}/${String(index).padStart(4, "0")}`)
    const token = server.accessToken()
    const insert = (name: string): Promise<Response> => {
      const query = new URLSearchParams({ uploadType: "media", name })
      const headers = { authorization: `Bearer ${token}` }
      return fetch(`${server.endpoint}/upload/storage/v1/b/sdk-tests/o?${query.toString()}`, {
        method: "POST",
        headers,
        body: "x",
      })
    }
    for (let start = 0; start < names.length; start += 250) {
      await Promise.all(names.slice(start, start + 250).map(insert))
    }
    server.requests.reset()
    const [files] = await bucket.getFiles({ prefix: "many/" })
    expect(files.map(({ name }) => name)).toEqual(names.toSorted())
    expect(server.requests.count("objects.list")).toBe(3)

    const folders: string[] = []
    let query: object | null = { prefix: "many/", delimiter: "/", maxResults: 2, autoPaginate: false }
    let pages = 0
    for (; query; pages += 1) {
      const [, next, answer] = (await bucket.getFiles(query)) as [unknown, object | null, { prefixes?: string[] }]
      folders.push(...(answer.prefixes ?? []))
      query = next
    }
    expect(folders).toEqual([0, 1, 2, 3, 4, 5, 6].map((index) => `many/${index}/`))
    expect(pages).toBe(4)
  })

  test("changes metadata, and deletes a custom pair with null", async () => {
    const file = bucket.file("metadata")
    await file.save("x", { resumable: false, metadata: { metadata: { one: "1", two: "2" } } })
    const before = file.metadata
    const [changed] = await file.setMetadata({ contentType: "text/x-new", metadata: { one: null, three: "3" } })
    expect(changed).toMatchObject({
      contentType: "text/x-new",
      metageneration: "2",
      metadata: { two: "2", three: "3" },
    })
    expect(changed.metadata).not.toHaveProperty("one")
    expect(changed.generation).toBe(before.generation)
  })

  test("copies in as many calls as the size takes; the copy appears with the last one", async () => {
    const bytes = randomBytes(3 * MEBIBYTE + 1)
    const source = bucket.file("copy/source")
    await source.save(bytes, { resumable: false, metadata: { contentType: "a/b", metadata: { kept: "yes" } } })
    const copy = bucket.file("copy/target")
    await source.copy(copy)
    expect(server.requests.count("objects.rewrite")).toBe(4)
    expect((await copy.getMetadata())[0]).toMatchObject({ contentType: "a/b", metadata: { kept: "yes" } })
    expect((await copy.download())[0].equals(bytes)).toBe(true)

    await source.copy(copy, { contentType: "c/d", metadata: { new: "1" } })
    expect((await copy.getMetadata())[0].metadata).toEqual({ new: "1" })
  })

  test("combines objects: a right CRC32C, and no MD5", async () => {
    const parts = await Promise.all(
      ["a", "b", "c"].map(async (text) => {
        const part = bucket.file(`parts/${text}`)
        await part.save(text.repeat(MEBIBYTE), { resumable: false })
        return part
      }),
    )
    const combined = bucket.file("combined")
    await bucket.combine(parts, combined)
    const [metadata] = await combined.getMetadata()
    expect(metadata).toMatchObject({ componentCount: 3, size: String(3 * MEBIBYTE) })
    expect(metadata).not.toHaveProperty("md5Hash")
    const whole = ["a", "b", "c"].map((text) => text.repeat(MEBIBYTE)).join("")
    expect(String((await combined.download({ validation: "crc32c" }))[0])).toBe(whole)
    expect(await codeOf(combined.download({ validation: "md5" }))).toBe("MD5_NOT_AVAILABLE")
  })

  test("of 64 that want to be first exactly one is", async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 64 }, (_, index) =>
        bucket
          .file("first")
          .save(`${index}`, { resumable: index % 2 === 0, preconditionOpts: { ifGenerationMatch: 0 } }),
      ),
    )
    const won = results.flatMap((result, index) => (result.status === "fulfilled" ? [index] : []))
    expect(won).toHaveLength(1)
    const lost = results.flatMap((result) => (result.status === "rejected" ? [(result.reason as ApiError).code] : []))
    expect(new Set(lost)).toEqual(new Set([412]))
    expect(String((await bucket.file("first").download())[0])).toBe(String(won[0]))
  })

  test("continues an upload whose connection was cut", async () => {
    const bytes = randomBytes(4 * MEBIBYTE)
    server.faults.add({ operation: "resumable.chunk", resetAfterUploaded: MEBIBYTE + 1000, times: 1 })
    const file = bucket.file("interrupted")
    const options = { resumable: true, chunkSize: 2 * MEBIBYTE, preconditionOpts: { ifGenerationMatch: 0 } }
    await pipeline(Readable.from([bytes]), file.createWriteStream(options))
    expect(server.requests.count("resumable.status")).toBe(1)
    const ranges = server.requests.all.filter(({ operation }) => operation === "resumable.chunk")
    expect(ranges.length).toBeGreaterThan(2)
    expect((await file.download())[0].equals(bytes)).toBe(true)
  })

  test("notices a byte that changed on its way down", async () => {
    const file = bucket.file("corrupt-download")
    await file.save("abcdef", { resumable: false })
    server.faults.add({ operation: "objects.download", corruptDownload: true })
    expect(await codeOf(file.download({ validation: "crc32c" }))).toBe("CONTENT_DOWNLOAD_MISMATCH")
  })

  test("notices a byte that changed on its way up", async () => {
    server.faults.add({ operation: "resumable.chunk", corruptStored: true })
    const saving = bucket.file("corrupt-upload").save("abcdef", { resumable: true, validation: "crc32c" })
    await expect(saving).rejects.toThrow()
    expect(await bucket.file("corrupt-upload").exists()).toEqual([false])
  })

  test("tries again after 503 and after a lost answer", async () => {
    // A client of its own: one whose write had no precondition does not try again, whatever comes next.
    const file = (await officialClient(server)).bucket("sdk-tests").file("again")
    server.faults.add({ operation: "objects.insert", times: 1, status: 503, retryAfter: 0 })
    server.faults.add({ operation: "objects.get", times: 1, loseAnswer: true })
    const preconditionOpts = { ifGenerationMatch: 0 }
    await file.save("x", { resumable: false, preconditionOpts })
    expect(server.requests.count("objects.insert")).toBe(2)
    await file.getMetadata()
    expect(server.requests.count("objects.get")).toBe(2)
  })
})

async function codeOf(operation: Promise<unknown>): Promise<unknown> {
  return operation.then(
    () => "done",
    (error: ApiError) => error.code,
  )
}
