import { Storage as Client } from "@google-cloud/storage"
import { OAuth2Client } from "google-auth-library"
import type { GCSStorageOptions } from "@node-storages/gcs"
import { GCSStorage } from "@node-storages/gcs"
import { describe, expect, it } from "vitest"
import { failureOf } from "../failure.ts"
import { BUCKET, optionsFor, storageOn, useGcsServer } from "./support.ts"

const server = useGcsServer()
const storage = (options: GCSStorageOptions = {}) => storageOn(server(), BUCKET, options)

/** Like the account of a machine: tokens, and no private key. */
function keyless(): Pick<GCSStorageOptions, "authClient" | "apiEndpoint" | "signingEndpoint"> {
  const authClient = new OAuth2Client()
  authClient.setCredentials({ access_token: server().accessToken(), expiry_date: Date.now() + 3_600_000 })
  const { endpoint } = server()
  return { authClient, apiEndpoint: endpoint, signingEndpoint: `${endpoint}/v1/projects/-/serviceAccounts/` }
}

describe("a signed URL", () => {
  it("is that of the official client, for the same moment", async () => {
    const { endpoint: apiEndpoint, credentials } = server()
    const gcs = new GCSStorage(BUCKET, { apiEndpoint, credentials })
    const official = new Client({ apiEndpoint, credentials }).bucket(BUCKET)
    const accessibleAt = new Date(Math.floor(Date.now() / 1000) * 1000)
    for (const key of ["a.txt", "folder/ä (1) +%&?#'!*~.txt", "日本語/🎉.txt"]) {
      const ours = await gcs.driver.signedUrl!(key, {
        signedAt: accessibleAt,
        expiresIn: 600,
        contentType: "text/x-mine",
        contentDisposition: 'attachment; filename="a b.txt"',
      })
      const [theirs] = await official.file(key).getSignedUrl({
        version: "v4",
        action: "read",
        accessibleAt,
        expires: new Date(accessibleAt.getTime() + 600_000),
        responseType: "text/x-mine",
        responseDisposition: 'attachment; filename="a b.txt"',
      })
      const [one, other] = [new URL(ours), new URL(theirs)]
      expect(decodeURIComponent(one.pathname)).toBe(decodeURIComponent(other.pathname))
      const sorted = (url: URL) => [...url.searchParams].toSorted(([a], [b]) => a.localeCompare(b))
      expect(sorted(one)).toEqual(sorted(other))
    }
  })

  it("holds for 7 days at the most", async () => {
    const gcs = storage()
    await gcs.write("a.txt", "x")
    expect((await fetch(await gcs.url("a.txt", { expiresIn: "7d" }))).status).toBe(200)
    expect(await failureOf(gcs.url("a.txt", { expiresIn: "8d" }))).toMatchObject({ code: "invalid-option" })
    const rounded = storage({ signedUrls: { expiresIn: "7d", roundTo: "1h" } })
    expect((await failureOf(rounded.url("a.txt"))).message).toContain("7 days")
  })

  it("is signed by IAM where there is no key, once for all who ask in its window", async () => {
    const gcs = new GCSStorage(BUCKET, {
      ...keyless(),
      serviceAccountEmail: server().credentials.client_email,
      signedUrls: { expiresIn: "1h", roundTo: "1h" },
      location: "keyless",
    })
    await gcs.write("a b.txt", "hello")
    server().requests.reset()
    const urls = await Promise.all([gcs.url("a b.txt"), gcs.url("a b.txt"), gcs.url("a b.txt")])
    expect(await gcs.url("a b.txt")).toBe(urls[0])
    expect(new Set(urls).size).toBe(1)
    expect(server().requests.all.filter(({ path }) => path.endsWith(":signBlob"))).toHaveLength(1)
    const response = await fetch(urls[0])
    expect([response.status, await response.text()]).toEqual([200, "hello"])
    const form = await gcs.signedUpload("b.txt", { maxSize: 10 })
    const body = new FormData()
    for (const [name, value] of Object.entries(form.fields)) body.append(name, value)
    body.append("file", new Blob(["hello"]))
    expect((await fetch(form.url, { method: "POST", body })).ok).toBe(true)
    expect(await gcs.open("b.txt").text()).toBe("hello")
  })

  it("can't be made by an account that has no name, and says what to set", async () => {
    const gcs = new GCSStorage(BUCKET, keyless())
    const error = await failureOf(gcs.url("a.txt"))
    expect(error.code).toBe("unauthenticated")
    expect(error.message).toContain("serviceAccountEmail")
  })

  it("is not remembered where signing failed", async () => {
    const gcs = new GCSStorage(BUCKET, { ...keyless(), serviceAccountEmail: server().credentials.client_email })
    server().faults.add({ status: 403, times: 1 })
    expect((await failureOf(gcs.url("a.txt"))).code).toBe("permission-denied")
    expect(await gcs.url("a.txt")).toContain("X-Goog-Signature=")
  })
})

describe("a signed upload", () => {
  it("of an exact size is a PUT that the service holds to it, whatever the client says", async () => {
    const gcs = storage()
    const { url, headers, method } = await gcs.signedUpload("a.bin", { size: 5, metadata: { owner: "Zoë" } })
    expect(headers["x-goog-content-length-range"]).toBe("5,5")
    const put = (body: string, given = headers) => fetch(url, { method, headers: given, body })
    expect((await put("123456")).status).toBe(400)
    expect((await put("123456", { ...headers, "x-goog-content-length-range": "0,9" })).status).toBe(403)
    expect(await gcs.exists("a.bin")).toBe(false)
    expect((await put("12345")).status).toBe(200)
    expect((await gcs.stat("a.bin")).metadata).toEqual({ owner: "Zoë" })
  })

  it("of at most a size is a form, which may hold nothing that was not signed", async () => {
    const gcs = storage()
    const { url, fields } = await gcs.signedUpload("a.png", { maxSize: 100, contentType: "image/png" })
    const post = (extra: Record<string, string>) => {
      const body = new FormData()
      for (const [name, value] of Object.entries({ ...fields, ...extra })) body.append(name, value)
      body.append("file", new Blob(["x"]))
      return fetch(url, { method: "POST", body })
    }
    expect((await post({ "cache-control": "no-store" })).status).toBe(400)
    expect((await post({ key: "other.png" })).status).toBe(400)
    expect((await post({})).ok).toBe(true)
    expect(await gcs.stat("a.png")).toMatchObject({ size: 1, contentType: "image/png" })
  })

  it("is made with the client that an app already has", async () => {
    const { client } = storage()
    const gcs = new GCSStorage(BUCKET, { client, location: "own-client" })
    expect(gcs.client).toBe(client)
    await gcs.write("a.txt", "hello")
    expect(await (await fetch(await gcs.url("a.txt"))).text()).toBe("hello")
    expect(optionsFor(server()).apiEndpoint).toBe(client.apiEndpoint)
  })
})
