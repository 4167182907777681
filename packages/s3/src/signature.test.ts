import { GetObjectCommand, PutObjectCommand, S3Client, UploadPartCommand } from "@aws-sdk/client-s3"
import { getSignedUrl } from "@aws-sdk/s3-request-presigner"
import fc from "fast-check"
import { afterEach, describe, expect, it, vi } from "vitest"
import { S3Storage } from "./s3-storage.ts"

const credentials = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "secret/with+signs" }
// oxlint-disable-next-line no-control-regex
const ILLEGAL = /[\u0000-\u001f\u007f-\u009f\\]|^[A-Za-z]:/
const key = fc
  .array(fc.string({ unit: "binary", minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 3 })
  .map((segments) => segments.join("/"))
  .filter((name) => !ILLEGAL.test(name) && name.split("/").every((segment) => !["", ".", ".."].includes(segment)))

const place = fc.constantFrom<[bucket: string, options: ConstructorParameters<typeof S3Client>[0] & object]>(
  ["acme-media", { region: "eu-west-1" }],
  ["acme-media", { region: "cn-north-1" }],
  ["acme.media", { region: "us-east-1" }],
  ["acme-media", { region: "us-east-1", forcePathStyle: true }],
  ["acme-media", { region: "auto", endpoint: "http://127.0.0.1:9000/s3", forcePathStyle: true }],
  ["acme-media", { region: "us-east-1", endpoint: "https://s3.example.com" }],
)

afterEach(() => {
  vi.useRealTimers()
})

describe("signed URLs", () => {
  it("are byte for byte those of the SDK's presigner, for any key, place, expiry, override and session", async () => {
    vi.useFakeTimers({ toFake: ["Date"] })
    await fc.assert(
      fc.asyncProperty(
        key,
        place,
        fc.integer({ min: 1, max: 604_800 }),
        fc.option(
          fc.string({ minLength: 1, maxLength: 20 }).filter((name) => /^[ -~]+$/.test(name)),
          { nil: undefined },
        ),
        fc.option(fc.string({ minLength: 1, maxLength: 30 }), { nil: undefined }),
        fc.date({ min: new Date("2020-01-01"), max: new Date("2035-01-01"), noInvalidDate: true }),
        async (name, [bucket, options], expiresIn, contentType, sessionToken, now) => {
          vi.setSystemTime(now)
          const client = new S3Client({
            ...options,
            credentials: { ...credentials, ...(sessionToken && { sessionToken }) },
            requestChecksumCalculation: "WHEN_REQUIRED",
            responseChecksumValidation: "WHEN_REQUIRED",
          })
          const storage = new S3Storage(bucket, { client })
          const ours = await storage.url(name, { expiresIn, contentType })
          const theirs = await getSignedUrl(
            client,
            new GetObjectCommand({ Bucket: bucket, Key: name, ResponseContentType: contentType }),
            { expiresIn },
          )
          expect(ours).toBe(theirs)
        },
      ),
      { numRuns: 200 },
    )
  })

  it("keep to one URL within a rounding window, and stay valid for at least expiresIn", async () => {
    vi.useFakeTimers({ toFake: ["Date"] })
    const storage = new S3Storage("acme-media", {
      region: "eu-west-1",
      credentials,
      signedUrls: { expiresIn: "1h", roundTo: "15m" },
    })
    vi.setSystemTime(new Date("2026-03-01T12:01:00Z"))
    const first = await storage.url("a.png")
    vi.setSystemTime(new Date("2026-03-01T12:14:59Z"))
    expect(await storage.url("a.png")).toBe(first)
    expect(new URL(first).searchParams.get("X-Amz-Date")).toBe("20260301T120000Z")
    expect(new URL(first).searchParams.get("X-Amz-Expires")).toBe("4500")
    vi.setSystemTime(new Date("2026-03-01T12:15:00Z"))
    expect(await storage.url("a.png")).not.toBe(first)
  })

  it("of a window are those of the SDK's presigner too, the first time and again, with and without overrides", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-03-01T12:00:00Z") })
    const client = new S3Client({
      region: "eu-west-1",
      credentials,
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
    })
    const storage = new S3Storage("acme-media", { client, signedUrls: { expiresIn: "45m", roundTo: "15m" } })
    const theirs = (ResponseContentType?: string) =>
      getSignedUrl(client, new GetObjectCommand({ Bucket: "acme-media", Key: "a b.png", ResponseContentType }), {
        expiresIn: 3600,
      })
    for (let time = 0; time < 3; time++) {
      expect(await storage.url("a b.png")).toBe(await theirs())
      expect(await storage.url("a b.png", { contentType: "text/plain" })).toBe(await theirs("text/plain"))
      expect(await storage.url("b.png")).toContain("/b.png?")
    }
  })

  it("of a window are kept in a number that is bounded, and stay right beyond it", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-03-01T12:00:00Z") })
    const storage = new S3Storage("acme-media", { region: "eu-west-1", credentials, signedUrls: { roundTo: "15m" } })
    const first = await storage.url("0.png")
    for (let number = 1; number < 10_100; number++) await storage.url(`${number}.png`)
    expect(await storage.url("0.png")).toBe(first)
  })

  it("of a window follow credentials that are renewed in it, and the validity that is asked for", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-03-01T12:00:00Z") })
    let accessKeyId = "FIRST"
    const expiration = new Date(Date.now() + 1000)
    const storage = new S3Storage("acme-media", {
      region: "eu-west-1",
      credentials: async () => ({ accessKeyId, secretAccessKey: "x", expiration }),
      signedUrls: { roundTo: "15m" },
    })
    await storage.url("a.png")
    expect(await storage.url("a.png")).toContain("X-Amz-Credential=FIRST%2F")
    accessKeyId = "SECOND"
    expect(await storage.url("a.png")).toContain("X-Amz-Credential=SECOND%2F")
    const asked = new URL(await storage.url("a.png", { expiresIn: "10m" }))
    expect(asked.searchParams.get("X-Amz-Expires")).toBe("1500")
    expect(asked.searchParams.get("X-Amz-Credential")).toMatch(/^SECOND/)
  })

  it("go to the endpoint of a client that is set to FIPS or to both kinds of addresses, as the SDK's do", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-03-01T12:00:00Z") })
    for (const variant of [{ useFipsEndpoint: true }, { useDualstackEndpoint: true }]) {
      const client = new S3Client({
        region: "us-east-1",
        credentials,
        requestChecksumCalculation: "WHEN_REQUIRED",
        responseChecksumValidation: "WHEN_REQUIRED",
        ...variant,
      })
      const command = new GetObjectCommand({ Bucket: "acme-media", Key: "a" })
      const theirs = await getSignedUrl(client, command, { expiresIn: 3600 })
      expect(await new S3Storage("acme-media", { client }).url("a")).toBe(theirs)
    }
  })

  it("are refused for more than seven days, with the limit in the message", async () => {
    const storage = new S3Storage("acme-media", { region: "eu-west-1", credentials })
    await expect(storage.url("a.png", { expiresIn: "8d" })).rejects.toMatchObject({
      code: "invalid-option",
      message: expect.stringContaining("7 days") as string,
    })
  })

  it("follow credentials that are renewed", async () => {
    let current = { accessKeyId: "FIRST", secretAccessKey: "one", expiration: new Date(Date.now() + 1000) }
    const storage = new S3Storage("acme-media", { region: "eu-west-1", credentials: async () => current })
    expect(await storage.url("a.png")).toContain("X-Amz-Credential=FIRST%2F")
    current = { accessKeyId: "SECOND", secretAccessKey: "two", expiration: new Date(Date.now() + 10_000_000) }
    expect(await storage.url("a.png")).toContain("X-Amz-Credential=SECOND%2F")
  })
})

describe("signed uploads", () => {
  it("by PUT are signed as the SDK signs them, with every header that the browser must send", async () => {
    vi.useFakeTimers({ toFake: ["Date"] })
    vi.setSystemTime(new Date("2026-03-01T12:00:00Z"))
    const client = new S3Client({ region: "eu-west-1", credentials, requestChecksumCalculation: "WHEN_REQUIRED" })
    const storage = new S3Storage("acme-media", { client })
    const upload = await storage.signedUpload("a b.png", {
      size: 17,
      metadata: { owner: "7" },
      cacheControl: "no-store",
    })
    const theirs = await getSignedUrl(
      client,
      new PutObjectCommand({
        Bucket: "acme-media",
        Key: "a b.png",
        ContentType: "image/png",
        ContentLength: 17,
        CacheControl: "no-store",
        Metadata: { owner: "7" },
      }),
      {
        expiresIn: 3600,
        signableHeaders: new Set(["content-type", "content-length", "cache-control", "host"]),
        unhoistableHeaders: new Set(["x-amz-meta-owner"]),
      },
    )
    expect(upload.url).toBe(theirs)
    expect(upload).toMatchObject({
      method: "PUT",
      headers: { "content-type": "image/png", "cache-control": "no-store", "x-amz-meta-owner": "7" },
    })
  })

  it("of a part are signed as the SDK signs them, with the part's size", async () => {
    vi.useFakeTimers({ toFake: ["Date"] })
    vi.setSystemTime(new Date("2026-03-01T12:00:00Z"))
    const client = new S3Client({ region: "eu-west-1", credentials, requestChecksumCalculation: "WHEN_REQUIRED" })
    const id = "2~odd+/=id"
    const part = await new S3Storage("acme-media", { client })
      .multipart("a b.mp4", id)
      .signPart(12, { size: 17, expiresIn: "10m" })
    const theirs = await getSignedUrl(
      client,
      new UploadPartCommand({
        Bucket: "acme-media",
        Key: "a b.mp4",
        UploadId: id,
        PartNumber: 12,
        ContentLength: 17,
      }),
      { expiresIn: 600, signableHeaders: new Set(["content-length", "host"]) },
    )
    expect(part).toEqual({
      method: "PUT",
      url: theirs,
      headers: {},
      fields: {},
      expiresAt: new Date("2026-03-01T12:10:00Z"),
    })
  })

  it("refuse maxSize with `unsupported` on a service without form uploads", async () => {
    const storage = new S3Storage("acme-media", { region: "auto", credentials, postUploads: false })
    await expect(storage.signedUpload("a.png", { maxSize: 10 })).rejects.toMatchObject({ code: "unsupported" })
  })
})
