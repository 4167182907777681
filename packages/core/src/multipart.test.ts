import { Readable } from "node:stream"
import { describe, expect, test } from "vitest"
import { DriverStorage } from "./driver-storage.ts"
import type { MultipartUpload } from "./multipart.ts"
import { codeOf, failureOf } from "./testing/failure.ts"
import { FullMapDriver, MapDriver } from "./testing/map-driver.ts"

async function started(options?: Parameters<DriverStorage["startMultipart"]>[1]) {
  const driver = new FullMapDriver()
  const storage = new DriverStorage(driver)
  return { driver, storage, upload: await storage.startMultipart("a/film.mp4", options) }
}

async function storeParts(upload: MultipartUpload, texts: readonly string[]): Promise<void> {
  for (const [index, text] of texts.entries()) await upload.storePart(index + 1, text)
}

describe("a multipart upload", () => {
  test("becomes the file of its parts, in the order of their numbers, with the headers that it was started with", async () => {
    const headers = { cacheControl: "no-store", contentDisposition: "inline", metadata: { Owner: "7" } }
    const { driver, upload } = await started(headers)
    await upload.storePart(3, "c")
    await upload.storePart(1, "aaa")
    await upload.storePart(2, "bbb")
    expect(driver.text("a/film.mp4")).toBeUndefined()
    expect(await upload.complete()).toMatchObject({
      name: "a/film.mp4",
      size: 7,
      contentType: "video/mp4",
      ...headers,
      metadata: { owner: "7" },
    })
    expect(driver.text("a/film.mp4")).toBe("aaabbbc")
  })

  test("has the content type that is given, else that of its name, else that of any bytes", async () => {
    const { driver, storage } = await started({ contentType: "video/x-own" })
    await storage.startMultipart("a")
    await storage.startMultipart("a.png")
    const types = driver.calls.map(({ options }) => (options as { contentType: string }).contentType)
    expect(types).toEqual(["video/x-own", "application/octet-stream", "image/png"])
  })

  test("is gone on with by its name and id, without a request", async () => {
    const { driver, storage, upload } = await started()
    const calls = driver.calls.length
    const again = storage.multipart(upload.name, upload.id)
    expect([again.name, again.id, again.limits]).toEqual(["a/film.mp4", "upload-1", driver.multipart.limits])
    expect(driver.calls).toHaveLength(calls)
    await again.storePart(1, "x")
    expect(await upload.parts()).toEqual([{ number: 1, size: 1, etag: '"78"' }])
  })

  test("has a part replaced by one that is sent again", async () => {
    const { driver, upload } = await started()
    await storeParts(upload, ["xxx", "b"])
    await upload.storePart(1, "aaa")
    await upload.complete()
    expect(driver.text("a/film.mp4")).toBe("aaab")
  })

  test("is made of the parts that are given, where not all shall be in it", async () => {
    const { driver, upload } = await started()
    await storeParts(upload, ["aaa", "bbb", "ccc"])
    const parts = await upload.parts()
    await upload.complete([parts[1]!, parts[0]!])
    expect(driver.text("a/film.mp4")).toBe("aaabbb")
  })

  test("is gone once it is completed or aborted", async () => {
    const { storage, upload } = await started()
    await storeParts(upload, ["aaa"])
    await upload.complete()
    const aborted = await storage.startMultipart("a/film.mp4")
    await aborted.abort()
    await aborted.abort()
    for (const gone of [upload, aborted]) {
      expect(await failureOf(gone.parts())).toMatchObject({ code: "not-found", operation: "multipart upload" })
      expect((await failureOf(gone.complete())).code).toBe("not-found")
      expect((await failureOf(gone.storePart(1, "x"))).code).toBe("not-found")
    }
  })

  test("tells a part that has changed since it was listed", async () => {
    const { upload } = await started()
    await storeParts(upload, ["aaa"])
    const parts = await upload.parts()
    await upload.storePart(1, "bbb")
    expect((await failureOf(upload.complete(parts))).code).toBe("conflict")
  })
})

describe("a multipart upload is not completed", () => {
  const part = (number: number, size = 3) => ({ number, size })

  test.each([
    ["without parts", [], /no part of it has arrived/],
    ["without its first part", [part(2)], /part 1 has not arrived/],
    ["with a hole", [part(1), part(2), part(4)], /part 3 has not arrived/],
    ["with a part twice", [part(1), part(2), part(2)], /part 2 is given twice/],
    ["with a part before the last that is too small", [part(1, 2), part(2, 1)], /part 1 has 2 bytes.*3 at least/],
  ])("%s", async (_, parts, message) => {
    const { driver, upload } = await started()
    const failure = await failureOf(upload.complete(parts))
    expect(failure).toMatchObject({ code: "invalid-content", storage: "map:test", key: "a/film.mp4" })
    expect(failure.message).toMatch(message)
    expect(driver.count("multipart.complete")).toBe(0)
  })
})

describe("the URL of a part", () => {
  test("is signed for its number, its size and an hour, or as long as is asked for", async () => {
    const { driver, upload } = await started()
    const before = Date.now()
    const signed = await upload.signPart(2, { size: 5 })
    expect(signed).toMatchObject({ method: "PUT", headers: {}, fields: {} })
    expect(signed.url).toBe("https://upload.test/a/film.mp4?upload=upload-1&part=2&size=5")
    expect(signed.expiresAt.getTime() - before).toBeGreaterThanOrEqual(3_600_000)
    await upload.signPart(2, { size: 5, expiresIn: "10m" })
    expect(driver.calls.at(-1)!.options).toMatchObject({ size: 5, expiresIn: 600 })
  })

  test.each([
    ["number", 0, 1],
    ["number", 21, 1],
    ["number", 1.5, 1],
    ["number", "1" as unknown as number, 1],
    ["size", 1, 0],
    ["size", 1, 11],
    ["size", 1, Number.NaN],
    ["size", 1, undefined as unknown as number],
  ])("is refused for a %s that the service does not take: %s, %s", async (what, number, size) => {
    const { driver, upload } = await started()
    const failure = await failureOf(upload.signPart(number, { size }))
    expect(failure.code).toBe("invalid-option")
    expect(failure.message).toContain(`signPart(): ${what} must be a whole number from 1 to`)
    expect(driver.count("multipart.signPart")).toBe(0)
  })
})

describe("a part that reaches the app", () => {
  test("is stored with the size that was announced, and with no other", async () => {
    const { upload } = await started()
    expect(await upload.storePart(1, Readable.from(["ab", "c"]), { size: 3 })).toMatchObject({ number: 1, size: 3 })
    for (const content of ["ab", "abcd", Readable.from(["ab"]), Readable.from(["abc", "d"])]) {
      expect((await failureOf(upload.storePart(2, content, { size: 3 }))).code).toBe("invalid-content")
    }
    expect(await upload.parts()).toHaveLength(1)
  })

  test("is refused where its number is none, and its stream is let go of", async () => {
    const { driver, upload } = await started()
    for (const number of [0, 21, Number.NaN]) {
      const source = Readable.from(["x"])
      expect((await failureOf(upload.storePart(number, source))).code).toBe("invalid-option")
      expect(source.destroyed).toBe(true)
    }
    expect(driver.count("multipart.storePart")).toBe(0)
  })

  test("fails with the error of its own stream", async () => {
    const { upload } = await started()
    const cause = new Error("the client is gone")
    const source = Readable.from(
      (async function* () {
        yield "ab"
        throw cause
      })(),
    )
    expect(await failureOf(upload.storePart(1, source))).toMatchObject({ code: "source-failed", cause })
    expect(await upload.parts()).toEqual([])
  })

  test("is refused where parts go straight to the service", async () => {
    const driver = new FullMapDriver()
    Object.assign(driver.multipart, { storePart: undefined })
    const upload = await new DriverStorage(driver).startMultipart("a")
    const source = Readable.from(["x"])
    const failure = await failureOf(upload.storePart(1, source))
    expect([failure.code, source.destroyed]).toEqual(["unsupported", true])
    expect(failure.message).toContain("signPart()")
  })
})

describe("uploads in parts are refused", () => {
  test("where the backend has none, with the way out", async () => {
    const storage = new DriverStorage(new MapDriver())
    const failure = await failureOf(storage.startMultipart("a"))
    expect([failure.code, failure.storage]).toEqual(["unsupported", "map:test"])
    expect(failure.message).toContain("Use signedUpload()")
    const upload = storage.multipart("a", "id")
    for (const call of [upload.parts(), upload.complete(), upload.abort(), upload.signPart(1, { size: 1 })]) {
      expect((await failureOf(call)).code).toBe("unsupported")
    }
    expect(codeOf(() => upload.limits)).toBe("unsupported")
  })

  test("for names and ids that are none, before any request", async () => {
    const { driver, storage } = await started()
    const calls = driver.calls.length
    for (const name of ["", "../x", "a//b"]) {
      expect((await failureOf(storage.startMultipart(name))).code).toBe("invalid-name")
      expect(codeOf(() => storage.multipart(name, "id"))).toBe("invalid-name")
    }
    // An empty one would make an abort of the upload a request that deletes the file.
    for (const id of ["", " ", "a b", "a\nb", "ü", "x".repeat(4097), undefined as unknown as string]) {
      expect(codeOf(() => storage.multipart("a", id))).toBe("invalid-option")
    }
    expect(driver.calls).toHaveLength(calls)
  })

  test("for options that are not known, and headers that are none", async () => {
    const { driver, storage, upload } = await started()
    const unknown = { sice: 1 } as never
    const calls: (() => Promise<unknown>)[] = [
      () => storage.startMultipart("a", unknown),
      () => storage.startMultipart("a", { metadata: { "not a token": "x" } }),
      () => storage.startMultipart("a", { contentType: "text/plain\r\nx: y" }),
      () => upload.signPart(1, unknown),
      () => upload.parts(unknown),
      () => upload.complete(undefined, unknown),
      () => upload.abort(unknown),
      () => upload.storePart(1, "x", unknown),
    ]
    const before = driver.calls.length
    for (const call of calls) expect((await failureOf(call())).code).toBe("invalid-option")
    expect(driver.calls).toHaveLength(before)
  })
})
