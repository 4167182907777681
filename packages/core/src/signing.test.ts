import fc from "fast-check"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { DriverStorage } from "./driver-storage.ts"
import { readOnly } from "./layers/read-only.ts"
import type { UploadOptions, UrlOptions } from "./storage.ts"
import { signatureWindow, type SignerOptions, type StorageOptions } from "./storage-options.ts"
import { failureOf } from "./testing/failure.ts"
import { FullMapDriver, MapDriver } from "./testing/map-driver.ts"

const BASE = "https://cdn.test/m/"
const signer = vi.fn<(url: string, options: SignerOptions) => Promise<string>>(async (url) => `${url}?signed`)

beforeEach(() => void vi.useFakeTimers({ now: new Date("2024-05-01T10:20:30Z") }))
afterEach(() => {
  vi.useRealTimers()
  signer.mockClear()
})

/** Signs and is public, only public, only signs, neither. */
const DRIVERS = {
  both: () => new FullMapDriver(),
  public: () => Object.assign(new FullMapDriver(), { signedUrl: undefined }),
  signs: () => Object.assign(new FullMapDriver(), { publicUrl: undefined }),
  neither: () => new MapDriver(),
}

const PUBLIC = "https://public.test/a.txt"
const SIGNED = "https://signed.test/a.txt?expires=3600"
const CDN = "https://cdn.test/m/a.txt"
const CDN_SIGNED = "https://cdn.test/m/a.txt?signed"
const NONE = "unsupported"

/** The answer, or the code of the failure. */
const answer = async (call: () => string | Promise<string>) => {
  try {
    return await call()
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe("url() and publicUrl()", () => {
  test.each<[keyof typeof DRIVERS, StorageOptions, url: string, asked: string, publicUrl: string]>([
    ["both", {}, SIGNED, SIGNED, NONE],
    ["both", { signedUrls: true }, SIGNED, SIGNED, NONE],
    ["both", { signedUrls: {} }, SIGNED, SIGNED, NONE],
    ["both", { signedUrls: false }, PUBLIC, SIGNED, PUBLIC],
    ["both", { baseUrl: BASE }, CDN, SIGNED, CDN],
    ["both", { baseUrl: BASE, signedUrls: false }, CDN, SIGNED, CDN],
    ["both", { baseUrl: BASE, signedUrls: true }, SIGNED, SIGNED, NONE],
    ["both", { baseUrl: BASE, signer }, CDN_SIGNED, CDN_SIGNED, NONE],
    ["both", { baseUrl: BASE, signer, signedUrls: true }, CDN_SIGNED, CDN_SIGNED, NONE],
    ["public", {}, PUBLIC, NONE, PUBLIC],
    ["public", { signedUrls: true }, NONE, NONE, NONE],
    ["public", { signedUrls: false }, PUBLIC, NONE, PUBLIC],
    ["public", { baseUrl: BASE }, CDN, NONE, CDN],
    ["public", { baseUrl: BASE, signer }, CDN_SIGNED, CDN_SIGNED, NONE],
    ["signs", {}, SIGNED, SIGNED, NONE],
    ["signs", { signedUrls: false }, NONE, SIGNED, NONE],
    ["signs", { baseUrl: BASE }, CDN, SIGNED, CDN],
    ["signs", { baseUrl: BASE, signedUrls: true }, SIGNED, SIGNED, NONE],
    ["neither", {}, NONE, NONE, NONE],
    ["neither", { signedUrls: true }, NONE, NONE, NONE],
    ["neither", { baseUrl: BASE }, CDN, NONE, CDN],
    ["neither", { baseUrl: BASE, signedUrls: true }, NONE, NONE, NONE],
    ["neither", { baseUrl: BASE, signer }, CDN_SIGNED, CDN_SIGNED, NONE],
  ])("of a driver that can do %s, with %o, are as configured", async (kind, options, url, asked, publicUrl) => {
    const storage = new DriverStorage(DRIVERS[kind](), options)
    expect(await answer(() => storage.url("a.txt"))).toBe(url)
    expect(await answer(() => storage.url("a.txt", { expiresIn: "1h" }))).toBe(asked)
    expect(await answer(() => storage.url("a.txt", { download: true }))).toBe(asked)
    expect(await answer(() => storage.url("a.txt", { download: "b.txt" }))).toBe(asked)
    expect(await answer(() => storage.url("a.txt", { contentType: "text/html" }))).toBe(asked)
    expect(await answer(() => storage.url("a.txt", { download: false }))).toBe(url)
    expect(await answer(() => storage.publicUrl("a.txt"))).toBe(publicUrl)
  })

  test("say what to do where they are not possible", async () => {
    const storage = new DriverStorage(new MapDriver())
    expect((await failureOf(storage.url("a.txt"))).message).toContain("baseUrl")
    expect((await failureOf(() => storage.publicUrl("a.txt"))).message).toContain("baseUrl")
    expect((await failureOf(storage.url("a.txt", { download: true }))).message).toContain("signer")
  })

  test("make no request and read no names that are not legal", async () => {
    const driver = new FullMapDriver()
    const storage = new DriverStorage(driver, { signedUrls: false })
    for (const name of ["\\\\\\evil.com", "//evil.com", "../a", ""]) {
      expect((await failureOf(storage.url(name))).code).toBe("invalid-name")
      expect((await failureOf(() => storage.publicUrl(name))).code).toBe("invalid-name")
    }
    expect(driver.calls).toEqual([])
  })

  test("are encoded and have the location between base and name", async () => {
    const storage = new DriverStorage(new MapDriver(), { baseUrl: "https://cdn.test/m?v=1", location: "up loads" })
    expect(storage.publicUrl("a\\b #1.txt")).toBe("https://cdn.test/m/up%20loads/a/b%20%231.txt?v=1")
    expect(await storage.url("a/b #1.txt")).toBe("https://cdn.test/m/up%20loads/a/b%20%231.txt?v=1")
  })
})

const askedUrl = async (options: UrlOptions = {}, storage: StorageOptions = {}, name = "dir/a.txt") => {
  const driver = new FullMapDriver()
  await new DriverStorage(driver, storage).url(name, options)
  return driver.calls[0]!.options
}

describe("a signed URL", () => {
  test("is valid from now for an hour, for as long as the storage says, or for as long as the call says", async () => {
    const signedAt = new Date("2024-05-01T10:20:30Z")
    expect(await askedUrl()).toMatchObject({ signedAt, expiresIn: 3600 })
    expect(await askedUrl({}, { signedUrls: { expiresIn: "10m" } })).toMatchObject({ signedAt, expiresIn: 600 })
    expect(await askedUrl({ expiresIn: 5 }, { signedUrls: { expiresIn: "10m" } })).toMatchObject({ expiresIn: 5 })
  })

  test("carries the disposition and the content type", async () => {
    expect(await askedUrl()).toMatchObject({ contentDisposition: undefined, contentType: undefined })
    expect(await askedUrl({ download: true })).toMatchObject({ contentDisposition: "attachment; filename=a.txt" })
    expect(await askedUrl({ download: true }, {}, "top.txt")).toMatchObject({
      contentDisposition: "attachment; filename=top.txt",
    })
    expect(await askedUrl({ download: "Größe.txt" })).toMatchObject({
      contentDisposition: "attachment; filename=\"Gr??e.txt\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.txt",
    })
    expect(await askedUrl({ contentType: "text/html", download: false })).toMatchObject({
      contentType: "text/html",
      contentDisposition: undefined,
    })
  })

  test.each<UrlOptions>([
    { contentType: "text/html\r\nSet-Cookie: a=b" },
    { contentType: "" },
    { contentType: "naïve" },
  ])("is refused a content type that is no header: %o", async (options) => {
    expect((await failureOf(askedUrl(options))).code).toBe("invalid-option")
  })

  test("is the same within the window of roundTo, and valid for at least expiresIn", async () => {
    const storage = new DriverStorage(new FullMapDriver(), {
      baseUrl: BASE,
      signer: (url, { signedAt, expiresAt }) => `${url}?from=${signedAt.toISOString()}&to=${expiresAt.toISOString()}`,
      signedUrls: { expiresIn: "10m", roundTo: "1h" },
    })
    const first = await storage.url("a.txt")
    expect(first).toBe(`${CDN}?from=2024-05-01T10:00:00.000Z&to=2024-05-01T11:10:00.000Z`)
    vi.setSystemTime(new Date("2024-05-01T10:59:59.999Z"))
    expect(await storage.url("a.txt")).toBe(first)
    vi.setSystemTime(new Date("2024-05-01T11:00:00Z"))
    expect(await storage.url("a.txt")).toBe(`${CDN}?from=2024-05-01T11:00:00.000Z&to=2024-05-01T12:10:00.000Z`)
  })

  test("has a window that holds for any numbers", () => {
    const duration = fc.integer({ min: 1, max: 1_000_000 })
    fc.assert(
      fc.property(duration, duration, fc.integer({ min: 0, max: 4e12 }), (expiresIn, roundTo, now) => {
        const { signedAt, expiresIn: validFor } = signatureWindow(expiresIn, roundTo, now)
        expect(signedAt.getTime()).toBeLessThanOrEqual(now)
        expect(now - signedAt.getTime()).toBeLessThan(roundTo * 1000)
        expect(signedAt.getTime() + validFor * 1000).toBeGreaterThanOrEqual(now + expiresIn * 1000)
        expect(signatureWindow(expiresIn, roundTo, signedAt.getTime())).toEqual({ signedAt, expiresIn: validFor })
      }),
    )
  })

  test("can be made by an object that signs, with what it needs to know", async () => {
    class Signer {
      readonly secret = "s"
      signUrl(url: string) {
        return `${url}?${this.secret}`
      }
    }
    const byObject = new DriverStorage(new MapDriver(), { baseUrl: BASE, signer: new Signer() })
    expect(await byObject.url("a.txt")).toBe(`${CDN}?s`)
    const byFunction = new DriverStorage(new MapDriver(), { baseUrl: BASE, signer })
    await byFunction.url("a.txt", { expiresIn: 60, download: "b.txt", contentType: "text/html" })
    expect(signer).toHaveBeenCalledWith(CDN, {
      signedAt: new Date("2024-05-01T10:20:30Z"),
      expiresAt: new Date("2024-05-01T10:21:30Z"),
      contentDisposition: "attachment; filename=b.txt",
      contentType: "text/html",
    })
  })

  test("whose signer fails is a StorageError with that error as cause", async () => {
    const cause = new Error("no key")
    const storage = new DriverStorage(new MapDriver(), { baseUrl: BASE, signer: () => Promise.reject(cause) })
    expect(await failureOf(storage.url("a.txt"))).toMatchObject({ code: "unknown", operation: "url", cause })
  })
})

describe("options about URLs", () => {
  test.each<[string, StorageOptions]>([
    ["a signer without a baseUrl", { signer }],
    ["a signer with signedUrls: false", { signer, baseUrl: BASE, signedUrls: false }],
    ["a baseUrl that is none", { baseUrl: "cdn.test" }],
    ["an unknown option of signedUrls", { signedUrls: { expires: 5 } as never }],
    ["signedUrls: null", { signedUrls: null as never }],
    ["an expiry that is no duration", { signedUrls: { expiresIn: "soon" as never } }],
    ["a window that is no duration", { signedUrls: { roundTo: -1 } }],
  ])("are refused when the storage is made: %s", async (_, options) => {
    expect((await failureOf(() => new DriverStorage(new FullMapDriver(), options))).code).toBe("invalid-option")
  })
})

const askedUpload = async (options?: UploadOptions, name = "a.png") => {
  const driver = new FullMapDriver()
  await new DriverStorage(driver, { location: "up" }).signedUpload(name, options)
  return driver.calls[0]!
}

describe("signedUpload()", () => {
  test("is valid for an hour and has the type of the extension by default", async () => {
    expect(await askedUpload()).toMatchObject({
      member: "signedUpload",
      keys: ["up/a.png"],
      options: { signedAt: new Date("2024-05-01T10:20:30Z"), expiresIn: 3600, contentType: "image/png" },
    })
    expect((await askedUpload({}, "a")).options).toMatchObject({ contentType: "application/octet-stream" })
  })

  test("passes everything on, metadata in lower case as write() does", async () => {
    const { options } = await askedUpload({
      expiresIn: "10m",
      contentType: "image/webp",
      cacheControl: "no-store",
      contentDisposition: "inline",
      metadata: { "X-User": "1" },
      size: 0,
      maxSize: 5_000_000,
    })
    expect(options).toMatchObject({
      expiresIn: 600,
      contentType: "image/webp",
      cacheControl: "no-store",
      contentDisposition: "inline",
      metadata: { "x-user": "1" },
      size: 0,
      maxSize: 5_000_000,
    })
  })

  test.each<UploadOptions>([
    { size: -1 },
    { size: 1.5 },
    { maxSize: NaN },
    { maxSize: Infinity },
    { maxSize: "5" as never },
    { expiresIn: "soon" as never },
    { contentType: "image/png\r\nX: y" },
    { cacheControl: "a\nb" },
    { contentDisposition: 'attachment; filename="naïve"' },
    { metadata: { "a b": "c" } },
    { typo: 1 } as UploadOptions,
  ])("refuses %o", async (options) => {
    const driver = new FullMapDriver()
    expect((await failureOf(new DriverStorage(driver).signedUpload("a.png", options))).code).toBe("invalid-option")
    expect(driver.calls).toEqual([])
  })

  test("is unsupported where the driver has none, read-only where the layer says so", async () => {
    expect((await failureOf(new DriverStorage(new MapDriver()).signedUpload("a"))).code).toBe("unsupported")
    const readonly = new DriverStorage(new FullMapDriver()).with(readOnly())
    expect((await failureOf(readonly.signedUpload("a"))).code).toBe("read-only")
  })
})
