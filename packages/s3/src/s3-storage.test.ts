import { inspect } from "node:util"
import { S3Client } from "@aws-sdk/client-s3"
import { storageFromUrl, type StorageError } from "@node-storages/core"
import { afterEach, describe, expect, expectTypeOf, it, vi } from "vitest"
import { b2, minio, r2, S3Storage, type S3StorageOptions, spaces, wasabi } from "./index.ts"

const credentials = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: "very-secret-key" }

function failure(make: () => unknown): StorageError {
  try {
    make()
  } catch (error) {
    return error as StorageError
  }
  return expect.fail("It should have thrown.")
}

afterEach(() => {
  vi.unstubAllEnvs()
})

describe("S3Storage", () => {
  it("asks for nothing when it is made: no credentials, no region, no network", () => {
    const asked = vi.fn()
    const storage = new S3Storage("acme-media", { credentials: asked })
    expect(storage.toJSON()).toEqual({ storage: "s3", target: "s3://acme-media" })
    expect(asked).not.toHaveBeenCalled()
    expectTypeOf(storage.client).toEqualTypeOf<S3Client>()
  })

  it("names the nearest option for one that it does not know", () => {
    const error = failure(() => new S3Storage("acme-media", { regoin: "eu-west-1" } as S3StorageOptions))
    expect(error).toMatchObject({ code: "invalid-option" })
    expect(error.message).toContain('no option "regoin". Did you mean "region"?')
  })

  it.each([
    ["a bucket that is not given", () => new S3Storage(process.env["NO_SUCH_VARIABLE"]!), "environment variable"],
    ["an endpoint without its scheme", () => new S3Storage("b", { endpoint: "s3.example.com" }), "https://"],
    ["a part that is too small", () => new S3Storage("b", { partSize: 1000 }), "5242880"],
    ["no concurrency", () => new S3Storage("b", { uploadConcurrency: 0 }), "from 1"],
    [
      "a condition support that there is not",
      () => new S3Storage("b", { conditionalCreate: "yes" as "put" }),
      "put-and-multipart",
    ],
    ["a client beside its region", () => new S3Storage("b", { client: new S3Client({}), region: "x" }), "the client's"],
    ["a signer without a base URL", () => new S3Storage("b", { signer: (url) => url }), "baseUrl"],
    ["a base URL that is none", () => new S3Storage("b", { baseUrl: "cdn.example.com" }), "https://"],
    ["a duration that is none", () => new S3Storage("b", { signedUrls: { expiresIn: "1 hour" as "1h" } }), '"10m"'],
  ])("refuses %s with `invalid-option`, the value and the way out", (_, make, part) => {
    const error = failure(make)
    expect(error).toMatchObject({ code: "invalid-option" })
    expect(error.message).toContain(part)
  })

  it("shows no secret when it is printed, in JSON, or in an error", async () => {
    const storage = new S3Storage("acme-media", { region: "eu-west-1", credentials, endpoint: "http://127.0.0.1:1" })
    const error: unknown = await storage.stat("a.txt").catch((reason: unknown) => reason)
    const shown = [
      inspect(storage, { depth: 10 }),
      JSON.stringify(storage),
      inspect(error, { depth: 10 }),
      JSON.stringify(error),
    ]
    for (const text of shown) expect(text).not.toContain(credentials.secretAccessKey)
    expect(inspect(storage)).toBe("S3Storage { s3://acme-media }")
  })

  it("does not close a client that it was given", async () => {
    const client = new S3Client({ region: "eu-west-1", credentials })
    const destroy = vi.spyOn(client, "destroy")
    await new S3Storage("acme-media", { client }).close()
    expect(destroy).not.toHaveBeenCalled()
  })
})

describe("public URLs", () => {
  it.each<[string, S3StorageOptions, string]>([
    [
      "a base URL",
      { baseUrl: "https://cdn.example.com/x/?v=1", location: "up" },
      "https://cdn.example.com/x/up/a%20b.png?v=1",
    ],
    [
      "the bucket's own domain",
      { region: "eu-west-1", signedUrls: false },
      "https://acme-media.s3.eu-west-1.amazonaws.com/a%20b.png",
    ],
    [
      "a public ACL",
      { region: "eu-west-1", acl: "public-read" },
      "https://acme-media.s3.eu-west-1.amazonaws.com/a%20b.png",
    ],
    [
      "China",
      { region: "cn-north-1", signedUrls: false },
      "https://acme-media.s3.cn-north-1.amazonaws.com.cn/a%20b.png",
    ],
    [
      "another service, path style",
      { endpoint: "http://127.0.0.1:9000", region: "auto", forcePathStyle: true, signedUrls: false },
      "http://127.0.0.1:9000/acme-media/a%20b.png",
    ],
  ])("are made of %s without credentials, network or waiting", async (_, options, expected) => {
    const asked = vi.fn()
    const storage = new S3Storage("acme-media", { ...options, credentials: asked })
    expect(storage.publicUrl("a b.png")).toBe(expected)
    expect(await storage.url("a b.png")).toBe(expected)
    expect(asked).not.toHaveBeenCalled()
  })

  it("are not guessed for a client of one's own, whose endpoint is its own matter", () => {
    const client = new S3Client({ region: "eu-west-1", endpoint: "http://127.0.0.1:9000", credentials })
    const storage = new S3Storage("acme-media", { client, signedUrls: false })
    const error = failure(() => storage.publicUrl("a.png"))
    expect(error).toMatchObject({ code: "unsupported" })
    expect(error.message).toContain("baseUrl")
  })

  it("are refused by a storage that signs, with the way out", () => {
    const storage = new S3Storage("acme-media", { region: "eu-west-1", credentials })
    const error = failure(() => storage.publicUrl("a.png"))
    expect(error).toMatchObject({ code: "unsupported" })
    expect(error.message).toContain("baseUrl")
  })

  it("are given to the signer, with the times of its signature", async () => {
    const storage = new S3Storage("acme-media", {
      baseUrl: "https://cdn.example.com/",
      signer: (url, { expiresAt, signedAt }) => `${url}?for=${(expiresAt.getTime() - signedAt.getTime()) / 1000}`,
    })
    expect(await storage.url("a.png", { expiresIn: "10m" })).toBe("https://cdn.example.com/a.png?for=600")
  })
})

describe("presets", () => {
  it.each<[string, S3StorageOptions, string]>([
    ["R2", r2({ accountId: "abc123" }), "https://abc123.r2.cloudflarestorage.com"],
    ["R2 in the EU", r2({ accountId: "abc123", jurisdiction: "eu" }), "https://abc123.eu.r2.cloudflarestorage.com"],
    ["MinIO", minio({ endpoint: "http://minio:9000" }), "http://minio:9000"],
    ["B2", b2({ region: "us-west-004" }), "https://s3.us-west-004.backblazeb2.com"],
    ["Spaces", spaces({ region: "fra1" }), "https://fra1.digitaloceanspaces.com"],
    ["Wasabi", wasabi({ region: "eu-central-1" }), "https://s3.eu-central-1.wasabisys.com"],
  ])("of %s make a storage that signs for its endpoint", async (_, preset, endpoint) => {
    expect(preset.endpoint).toBe(endpoint)
    const url = new URL(await new S3Storage("acme-media", { ...preset, credentials }).url("a.png"))
    expect(url.host.endsWith(new URL(endpoint).host)).toBe(true)
  })

  it("refuse what would make another host of the endpoint", () => {
    for (const accountId of ["", "evil.com/", "a@b", undefined as unknown as string]) {
      expect(failure(() => r2({ accountId }))).toMatchObject({ code: "invalid-option" })
    }
  })
})

describe("storageFromUrl", () => {
  it("makes an S3Storage of s3://key:secret@bucket/location?…", async () => {
    const storage = storageFromUrl(
      "s3://AKIAEXAMPLE:very%2Fsecret@acme-media/uploads/2026?region=eu-west-1&expiresIn=10m",
    )
    expect(storage).toBeInstanceOf(S3Storage)
    const url = new URL(await storage.url("a.png"))
    expect(url.pathname).toBe("/uploads/2026/a.png")
    expect(url.searchParams.get("X-Amz-Expires")).toBe("600")
    expect(url.searchParams.get("X-Amz-Credential")).toMatch(/^AKIAEXAMPLE\//)
  })

  it("names the nearest parameter, and never the secret", () => {
    const error = failure(() => storageFromUrl("s3://AKIA:hidden@acme-media?regoin=eu"))
    expect(error.message).toContain('Did you mean "region"?')
    expect(error.message).not.toContain("hidden")
  })
})
