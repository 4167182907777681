import { inspect } from "node:util"
import { ContainerClient, StorageSharedKeyCredential } from "@azure/storage-blob"
import { storageFromUrl, type StorageError } from "@node-storages/core"
import { afterEach, beforeEach, describe, expect, expectTypeOf, it, vi } from "vitest"
import { AzureStorage, type AzureStorageOptions } from "./index.ts"

const accountKey = Buffer.from("a key of 64 bytes, more or less, that nobody may ever see here").toString("base64")
const account = { accountName: "acmemedia", accountKey }
const connectionString = `DefaultEndpointsProtocol=https;AccountName=acmemedia;AccountKey=${accountKey};EndpointSuffix=core.windows.net`

function failure(make: () => unknown): StorageError {
  try {
    make()
  } catch (error) {
    return error as StorageError
  }
  return expect.fail("It should have thrown.")
}

beforeEach(() => {
  for (const name of ["ACCOUNT", "KEY", "CONNECTION_STRING", "SAS_TOKEN"]) {
    vi.stubEnv(`AZURE_STORAGE_${name}`, undefined)
  }
})
afterEach(() => {
  vi.unstubAllEnvs()
})

describe("AzureStorage", () => {
  it("asks for nothing when it is made: no credentials, no account, no network", () => {
    const getToken = vi.fn()
    const storage = new AzureStorage("media", { accountName: "acmemedia", credential: { getToken } })
    expect(storage.toJSON()).toEqual({ storage: "azure", target: "azblob://media" })
    expect(getToken).not.toHaveBeenCalled()
    expectTypeOf(storage.client).toEqualTypeOf<ContainerClient>()
    expect(() => new AzureStorage("media")).not.toThrow()
  })

  it("names the nearest option for one that it does not know", () => {
    const error = failure(() => new AzureStorage("media", { acountName: "acme" } as AzureStorageOptions))
    expect(error).toMatchObject({ code: "invalid-option" })
    expect(error.message).toContain('no option "acountName". Did you mean "accountName"?')
  })

  const client = new ContainerClient("https://acmemedia.blob.core.windows.net/media")
  it.each<[string, () => unknown, string]>([
    ["a container that is not given", () => new AzureStorage(process.env["NO_SUCH_VARIABLE"]!), "environment variable"],
    ["a container in capitals", () => new AzureStorage("Media"), '"Media"'],
    ["an endpoint without its scheme", () => new AzureStorage("media", { endpoint: "acme.net" }), "https://"],
    ["a block that is too small", () => new AzureStorage("media", { blockSize: 1000 }), "65536"],
    ["a copy's block above the limit", () => new AzureStorage("media", { copyBlockSize: 2 ** 30 }), "268435456"],
    ["no concurrency", () => new AzureStorage("media", { uploadConcurrency: 0 }), "from 1"],
    ["an account that is none", () => new AzureStorage("media", { accountName: "a.b" }), '"a.b"'],
    ["a key beside a token", () => new AzureStorage("media", { accountKey, sasToken: "sig=1" }), "give one of them"],
    [
      "a connection string beside its account",
      () => new AzureStorage("media", { connectionString, accountName: "acme" }),
      "leave accountName",
    ],
    ["a client beside its key", () => new AzureStorage("media", { client, accountKey }), "accountKey"],
    [
      "a credential that is none",
      () => new AzureStorage("media", { credential: {} as never }),
      "DefaultAzureCredential",
    ],
    ["another container's client", () => new AzureStorage("pictures", { client }), '"pictures"'],
    ["a signer without a base URL", () => new AzureStorage("media", { signer: (url) => url }), "baseUrl"],
  ])("refuses %s with `invalid-option`, and tells the way out", (_, make, part) => {
    const error = failure(make)
    expect(error).toMatchObject({ code: "invalid-option" })
    expect(error.message).toContain(part)
  })

  it.each<[string, () => unknown, string]>([
    ["a key", () => new AzureStorage("media", { accountKey: "not base64!" }), "not base64!"],
    ["a connection string", () => new AzureStorage("media", { connectionString: "hidden" }), "hidden"],
    [
      "a connection string without its end",
      () => new AzureStorage("media", { connectionString: "AccountKey=hidden" }).client,
      "hidden",
    ],
    ["a SAS in the endpoint", () => new AzureStorage("media", { endpoint: "https://a.net?sig=hidden" }), "hidden"],
    ["a URL with a key and a typo", () => storageFromUrl("azblob://acme:hidden@media?acountName=x"), "hidden"],
  ])("does not show %s that it refuses", (_, make, secret) => {
    const error = failure(make)
    expect(error).toMatchObject({ code: "invalid-option" })
    expect(`${error.message} ${inspect(error)}`).not.toContain(secret)
  })

  it("shows no secret when it is printed, in JSON, or in an error", async () => {
    const endpoint = "http://127.0.0.1:1/acmemedia"
    const secrets = [accountKey, "c2VjcmV0c2lnbmF0dXJl"]
    for (const options of [{ accountKey }, { sasToken: "?sv=2026-10-06&sig=c2VjcmV0c2lnbmF0dXJl" }]) {
      const storage = new AzureStorage("media", { endpoint, ...options })
      const error: unknown = await storage.stat("a.txt").catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code: "network" })
      const shown = [
        inspect(storage, { depth: 10 }),
        JSON.stringify(storage),
        inspect(error, { depth: 10, showHidden: true }),
        JSON.stringify(error),
      ]
      for (const text of shown) for (const secret of secrets) expect(text).not.toContain(secret)
      expect(inspect(storage)).toBe("AzureStorage { azblob://media }")
    }
  })

  it("without credentials says how to get some, on first use", async () => {
    const storage = new AzureStorage("media", { accountName: "acmemedia" })
    for (const call of [() => storage.stat("a.txt"), () => storage.save("a.txt", "x"), () => storage.url("a.txt")]) {
      const error = (await Promise.resolve(call()).catch((reason: unknown) => reason)) as StorageError
      expect(error).toMatchObject({ code: "unauthenticated" })
      expect(error.message).toContain("new DefaultAzureCredential()")
    }
  })

  it("takes account and credentials from the environment where the options tell none", () => {
    vi.stubEnv("AZURE_STORAGE_CONNECTION_STRING", connectionString)
    expect(new AzureStorage("media").client.url).toBe("https://acmemedia.blob.core.windows.net/media")
    vi.stubEnv("AZURE_STORAGE_ACCOUNT", "other")
    vi.stubEnv("AZURE_STORAGE_CONNECTION_STRING", undefined)
    vi.stubEnv("AZURE_STORAGE_KEY", accountKey)
    const { client: own } = new AzureStorage("media")
    expect(own.url).toBe("https://other.blob.core.windows.net/media")
    expect(own.credential).toBeInstanceOf(StorageSharedKeyCredential)
    vi.stubEnv("AZURE_STORAGE_KEY", undefined)
    vi.stubEnv("AZURE_STORAGE_SAS_TOKEN", "?sv=1&sig=2")
    expect(new AzureStorage("media").client.url).toBe("https://other.blob.core.windows.net/media?sv=1&sig=2")
  })

  it("makes public URLs of the account that it would ask", () => {
    vi.stubEnv("AZURE_STORAGE_ACCOUNT", "other")
    vi.stubEnv("AZURE_STORAGE_CONNECTION_STRING", connectionString)
    const storage = new AzureStorage("media", { signedUrls: false })
    expect(storage.publicUrl("a.png")).toBe(`${storage.client.url}/a.png`)
    vi.stubEnv("AZURE_STORAGE_CONNECTION_STRING", undefined)
    expect(storage.publicUrl("a.png")).toBe("https://other.blob.core.windows.net/media/a.png")
  })

  it("takes the account from the environment where a domain does not tell it", () => {
    vi.stubEnv("AZURE_STORAGE_ACCOUNT", "acmemedia")
    const { client: own } = new AzureStorage("media", { endpoint: "https://media.example.com", accountKey })
    expect((own.credential as StorageSharedKeyCredential).accountName).toBe("acmemedia")
  })

  it("never sends a connection string's key to an account that the options name", () => {
    vi.stubEnv("AZURE_STORAGE_CONNECTION_STRING", connectionString)
    const storage = new AzureStorage("media", { accountName: "somebodyelse" })
    expect(failure(() => storage.client)).toMatchObject({ code: "unauthenticated" })
  })

  it("uses a client that it was given as it is", () => {
    expect(new AzureStorage("media", { client }).client).toBe(client)
  })

  it.each(["name.", "a./b", "a/b.../c", "a/".repeat(254) + "b"])(
    "refuses the name %s, which Azure would change or refuse, before any request",
    async (name) => {
      const storage = new AzureStorage("media", { endpoint: "http://127.0.0.1:1/acmemedia", accountKey })
      const refused = { code: "invalid-name" }
      await expect(storage.save(name, "x")).rejects.toMatchObject(refused)
      expect(failure(() => storage.open(name))).toMatchObject(refused)
      await expect(storage.exists(name)).rejects.toMatchObject(refused)
      await expect(storage.delete(name)).rejects.toMatchObject(refused)
      await expect(storage.copy("a", name)).rejects.toMatchObject(refused)
      await expect(storage.copy(name, "a")).rejects.toMatchObject(refused)
      await expect(storage.url(name)).rejects.toMatchObject(refused)
      await expect(storage.signedUpload(name)).rejects.toMatchObject(refused)
      expect(failure(() => new AzureStorage("media", { ...account, signedUrls: false }).publicUrl(name))).toMatchObject(
        refused,
      )
    },
  )
})

describe("public URLs", () => {
  it.each<[string, AzureStorageOptions, string]>([
    ["the account", { accountName: "acmemedia" }, "https://acmemedia.blob.core.windows.net/media/a%20b.png"],
    [
      "an emulator's path",
      { endpoint: "http://127.0.0.1:10000/devstoreaccount1/" },
      "http://127.0.0.1:10000/devstoreaccount1/media/a%20b.png",
    ],
    ["a connection string", { connectionString }, "https://acmemedia.blob.core.windows.net/media/a%20b.png"],
    [
      "a client that has a signature, without it",
      { client: new ContainerClient("https://acmemedia.blob.core.windows.net/media?sv=1&sig=2") },
      "https://acmemedia.blob.core.windows.net/media/a%20b.png",
    ],
  ])("are made of %s without credentials, network or waiting", async (_, options, expected) => {
    const storage = new AzureStorage("media", { ...options, signedUrls: false })
    expect(storage.publicUrl("a b.png")).toBe(expected)
    expect(await storage.url("a b.png")).toBe(expected)
  })

  it("can't be made of nothing, and the error tells what is missing", () => {
    const error = failure(() => new AzureStorage("media", { signedUrls: false }).publicUrl("a.png"))
    expect(error).toMatchObject({ code: "invalid-option" })
    expect(error.message).toContain("AZURE_STORAGE_ACCOUNT")
  })
})

describe("signed URLs", () => {
  const storage = new AzureStorage("media", account)
  const signedAt = new Date("2026-01-01T00:00:00Z")

  it("grant reading until their end, over https only, and are the same whenever they are made", async () => {
    const options = {
      signedAt,
      expiresIn: 600,
      contentDisposition: "attachment; filename=b.txt",
      contentType: "text/x",
    }
    const url = new URL(await storage.driver.signedUrl!("a b~!*'().txt", options))
    expect(url.origin + url.pathname).toBe("https://acmemedia.blob.core.windows.net/media/a%20b~!*'().txt")
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      sp: "r",
      sr: "b",
      spr: "https",
      se: "2026-01-01T00:10:00Z",
      rscd: "attachment; filename=b.txt",
      rsct: "text/x",
    })
    vi.useFakeTimers({ now: signedAt.getTime() + 12_345 })
    expect(await storage.driver.signedUrl!("a b~!*'().txt", options)).toBe(url.href)
    vi.useRealTimers()
  })

  it("for uploads grant creating and writing, with the headers that a blob needs", async () => {
    const { url, headers, expiresAt } = await storage.signedUpload("a.png", {
      cacheControl: "no-store",
      contentDisposition: "inline",
      metadata: { "owner-id": "7" },
      expiresIn: "10m",
    })
    expect(new URL(url).searchParams.get("sp")).toBe("cw")
    expect(headers).toEqual({
      "x-ms-blob-type": "BlockBlob",
      "content-type": "image/png",
      "x-ms-blob-cache-control": "no-store",
      "x-ms-blob-content-disposition": "inline",
      "x-ms-meta-owner_x002d_id": "7",
    })
    expect(expiresAt.getTime()).toBeGreaterThan(Date.now())
  })

  it.each([{ size: 10 }, { maxSize: 10 }])("for uploads hold to no size: %o is `unsupported`", async (options) => {
    const error = (await storage.signedUpload("a.png", options).catch((reason: unknown) => reason)) as StorageError
    expect(error).toMatchObject({ code: "unsupported" })
    expect(error.message).toContain("save()")
  })

  it("can't be made of a shared access signature, and the error tells what can", async () => {
    const narrow = new AzureStorage("media", { accountName: "acmemedia", sasToken: "sv=1&sig=2" })
    for (const call of [() => narrow.url("a.png"), () => narrow.signedUpload("a.png")]) {
      const error = (await call().catch((reason: unknown) => reason)) as StorageError
      expect(error).toMatchObject({ code: "unsupported" })
      expect(error.message).toContain("accountKey")
      expect(error.message).not.toContain("sig=2")
    }
  })
})

describe("a place", () => {
  const placeOf = (options: AzureStorageOptions) => {
    const { service, bucket } = new AzureStorage("media", options).driver.place!("a.txt")!
    return [service, bucket]
  }

  it("tells the cloud, within which the service copies, and the account's container", () => {
    expect(placeOf(account)).toEqual(["azure https://blob.core.windows.net", "acmemedia.blob.core.windows.net/media"])
    expect(placeOf({ endpoint: "http://127.0.0.1:10000/one", accountKey })).toEqual([
      "azure http://127.0.0.1:10000",
      "127.0.0.1:10000/one/media",
    ])
  })

  it("of a storage that decodes is another service's", () => {
    expect(placeOf({ ...account, gzip: true })[0]).not.toBe(placeOf(account)[0])
  })
})

describe("storageFromUrl", () => {
  it("makes an AzureStorage of azblob://account:key@container/location?…", async () => {
    const key = "very+secret/key=="
    const storage = storageFromUrl(`azblob://acmemedia:${encodeURIComponent(key)}@media/uploads/2026?expiresIn=10m`)
    expect(storage).toBeInstanceOf(AzureStorage)
    const { client } = storage as AzureStorage
    expect((client.credential as StorageSharedKeyCredential).accountName).toBe("acmemedia")
    expect(new URL(await storage.url("a.png")).pathname).toBe("/media/uploads/2026/a.png")
  })

  it("makes one of azblob://container?accountName=…&endpoint=…", () => {
    const storage = storageFromUrl("azblob://media?endpoint=http://127.0.0.1:10000/devstoreaccount1&signedUrls=false")
    expect(storage.publicUrl("a.png")).toBe("http://127.0.0.1:10000/devstoreaccount1/media/a.png")
  })

  it("refuses an account without its key", () => {
    expect(failure(() => storageFromUrl("azblob://acmemedia@media")).message).toContain("ACCOUNT:KEY")
  })
})
