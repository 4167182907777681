import { generateKeyPairSync } from "node:crypto"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { inspect } from "node:util"
import { Storage as Client } from "@google-cloud/storage"
import { type StorageError, storageFromUrl } from "@node-storages/core"
import { afterEach, describe, expect, expectTypeOf, it, vi } from "vitest"
import { GCSStorage, type GCSStorageOptions, type PredefinedAcl, type ServiceAccountKey } from "./index.ts"

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
})
const credentials = { client_email: "media@acme.iam.gserviceaccount.com", private_key: privateKey }

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

describe("GCSStorage", () => {
  it("asks for nothing when it is made: no credentials, no project, no network", () => {
    vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", "/no/such/file.json")
    const storage = new GCSStorage("acme-media", { keyFilename: "/no/such/file.json" })
    expect(storage.toJSON()).toEqual({ storage: "gcs", target: "gs://acme-media" })
    expectTypeOf<GCSStorage["client"]>().toEqualTypeOf<Client>()
  })

  it("names the nearest option for one that it does not know", () => {
    const error = failure(() => new GCSStorage("acme-media", { keyFileName: "key.json" } as GCSStorageOptions))
    expect(error).toMatchObject({ code: "invalid-option" })
    expect(error.message).toContain('no option "keyFileName". Did you mean "keyFilename"?')
  })

  it.each([
    ["a bucket that is not given", () => new GCSStorage(process.env["NO_SUCH_VARIABLE"]!), "environment variable"],
    ["an endpoint without its scheme", () => new GCSStorage("b", { apiEndpoint: "localhost:4443" }), "https://"],
    ["a chunk that is too small", () => new GCSStorage("b", { chunkSize: 1000 }), "262144"],
    ["a chunk that the service refuses", () => new GCSStorage("b", { chunkSize: 300_000 }), "multiple of 262144"],
    [
      "an access list that there is not",
      () => new GCSStorage("b", { predefinedAcl: "public" as PredefinedAcl }),
      "publicRead",
    ],
    [
      "a client beside its project",
      () => new GCSStorage("b", { client: new Client(), projectId: "x" }),
      "the client's",
    ],
    ["two kinds of credentials", () => new GCSStorage("b", { credentials, keyFilename: "key.json" }), "not several"],
    [
      "credentials of another kind",
      () => new GCSStorage("b", { credentials: { type: "external_account" } as unknown as ServiceAccountKey }),
      "authClient",
    ],
    ["a signer without a base URL", () => new GCSStorage("b", { signer: (url) => url }), "baseUrl"],
  ])("refuses %s with `invalid-option`, the value and the way out", (_, make, part) => {
    const error = failure(make)
    expect(error).toMatchObject({ code: "invalid-option" })
    expect(error.message).toContain(part)
  })

  it("shows no secret when it is printed, in JSON, or in an error", async () => {
    const storage = new GCSStorage("acme-media", { credentials, apiEndpoint: "http://127.0.0.1:1" })
    const error: unknown = await storage.write("a.txt", "the bytes").catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: "network" })
    const shown = [storage, error].flatMap((each) => [inspect(each, { depth: 10 }), JSON.stringify(each)])
    for (const text of shown) {
      expect(text).not.toContain(privateKey.split("\n")[1])
      expect(text).not.toMatch(/bearer/i)
    }
    expect(inspect(storage)).toBe("GCSStorage { gs://acme-media }")
  })

  it("refuses a name that the service keeps for itself, before any request", async () => {
    const storage = new GCSStorage("acme-media", { apiEndpoint: "http://127.0.0.1:1", credentials })
    const name = ".well-known/acme-challenge/token"
    await expect(storage.write(name, "x")).rejects.toMatchObject({ code: "invalid-name" })
    const below = new GCSStorage("acme-media", { location: "site", signedUrls: false })
    expect(below.publicUrl(name)).toContain(`/site/${name}`)
  })

  it("reads a key file on first use, and tells what is wrong with it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "node-storages-key-"))
    const path = join(folder, "key.json")
    const storage = new GCSStorage("acme-media", { keyFilename: path })
    const failed = async () => (await storage.url("a.txt").catch((error: unknown) => error)) as StorageError
    expect(await failed()).toMatchObject({ code: "unauthenticated" })
    expect((await failed()).message).toContain("no such file")
    await writeFile(path, "-----BEGIN PRIVATE KEY-----")
    expect((await failed()).message).toContain("no JSON")
    expect((await failed()).message).not.toContain("BEGIN")
    await writeFile(path, JSON.stringify({ type: "external_account" }))
    expect((await failed()).message).toContain("no service account's key")
    await writeFile(path, JSON.stringify({ type: "service_account", ...credentials }))
    expect(await storage.url("a.txt")).toContain("media%40acme")
    await rm(folder, { recursive: true })
  })

  it("tells a key that is none as such", async () => {
    const broken = { ...credentials, private_key: "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n" }
    const error: unknown = await new GCSStorage("acme-media", { credentials: broken })
      .url("a.txt")
      .catch((e: unknown) => e)
    expect(error).toMatchObject({ code: "unauthenticated" })
  })
})

describe("public URLs", () => {
  it.each<[string, GCSStorageOptions, string]>([
    ["the service's own address", {}, "https://storage.googleapis.com/acme-media/a%20b/%C3%A4(1).txt"],
    ["a location", { location: "up/loads" }, "https://storage.googleapis.com/acme-media/up/loads/a%20b/%C3%A4(1).txt"],
    [
      "another endpoint",
      { apiEndpoint: "http://localhost:4443" },
      "http://localhost:4443/acme-media/a%20b/%C3%A4(1).txt",
    ],
    ["a CDN", { baseUrl: "https://cdn.acme.com/m/", location: "up" }, "https://cdn.acme.com/m/up/a%20b/%C3%A4(1).txt"],
  ])("are made of %s, without a request", (_, options, expected) => {
    expect(new GCSStorage("acme-media", { signedUrls: false, ...options }).publicUrl("a b/ä(1).txt")).toBe(expected)
  })
})

describe("signed URLs", () => {
  it("are made with a private key, without a request", async () => {
    const storage = new GCSStorage("acme-media", { credentials, signedUrls: { expiresIn: "10m" } })
    const url = new URL(await storage.url("a b.txt", { download: "ä.txt" }))
    expect(url.origin + url.pathname).toBe("https://storage.googleapis.com/acme-media/a%20b.txt")
    expect(url.searchParams.get("X-Goog-Credential")).toMatch(/^media@acme\.iam\.gserviceaccount\.com\/\d{8}\/auto/)
    expect(url.searchParams.get("X-Goog-Expires")).toBe("600")
    expect(url.searchParams.get("response-content-disposition")).toContain("filename*=UTF-8''%C3%A4.txt")
  })

  it("are the same within a rounding window", async () => {
    const storage = new GCSStorage("acme-media", { credentials, signedUrls: { expiresIn: "1h", roundTo: "1d" } })
    expect(await storage.url("a.txt")).toBe(await storage.url("a.txt"))
  })
})

describe("a storage URL", () => {
  it("gives bucket, location and options", () => {
    const storage = storageFromUrl(
      "gs://acme-media/up/loads?signedUrls=false&chunkSize=1048576&apiEndpoint=http://localhost:1",
    )
    expect(storage).toBeInstanceOf(GCSStorage)
    expect(storage.publicUrl("a.txt")).toBe("http://localhost:1/acme-media/up/loads/a.txt")
  })

  it("refuses parameters that it does not know, and credentials", () => {
    expect(failure(() => storageFromUrl("gs://acme-media?region=x"))).toMatchObject({ code: "invalid-option" })
    const error = failure(() => storageFromUrl("gs://user:secret@acme-media"))
    expect(error).toMatchObject({ code: "invalid-option" })
    expect(error.message).not.toContain("secret")
  })
})
