import { randomUUID } from "node:crypto"
import { getCACertificates, setDefaultCACertificates } from "node:tls"
import type { TokenCredential } from "@azure/core-auth"
import { BlobServiceClient, ContainerClient, StorageSharedKeyCredential } from "@azure/storage-blob"
import { AzureStorage } from "@node-storages/azure"
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest"
import { type AzureServer, startAzurite } from "../servers/azurite.ts"

/** A token whose claims Azurite takes; it does not look at the signature. */
const credential: TokenCredential = {
  async getToken() {
    // The service's time: a test may have set the clock.
    const now = Math.floor((performance.timeOrigin + performance.now()) / 1000)
    const claims = {
      aud: "https://storage.azure.com",
      iss: "https://sts.windows.net/00000000-0000-0000-0000-000000000000/",
      iat: now - 60,
      nbf: now - 60,
      exp: now + 3600,
      oid: "11111111-1111-1111-1111-111111111111",
      tid: "00000000-0000-0000-0000-000000000000",
    }
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url")
    return {
      token: `${part({ alg: "none", typ: "JWT" })}.${part(claims)}.${Buffer.from("signature").toString("base64url")}`,
      expiresOnTimestamp: (now + 3600) * 1000,
    }
  },
}

const DAY = 24 * 3600 * 1000

describe("AzureStorage without a key of the account", () => {
  let server: AzureServer
  let container: string
  const trusted = getCACertificates()

  beforeAll(async () => {
    server = await startAzurite({ https: true })
    setDefaultCACertificates([...trusted, server.certificate!])
    container = `test-${randomUUID()}`
    const key = new StorageSharedKeyCredential(server.accountName, server.accountKey)
    await new ContainerClient(`${server.endpoint}/${container}`, key).create()
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.restoreAllMocks()
  })
  afterAll(async () => {
    setDefaultCACertificates(trusted)
    await server?.stop()
  })

  const make = () => new AzureStorage(container, { endpoint: server.endpoint, credential, location: randomUUID() })
  const watchKeys = () => vi.spyOn(BlobServiceClient.prototype, "getUserDelegationKey")

  it("stores, reads, copies, lists and deletes with a token", async () => {
    const storage = make()
    expect(await storage.save("a.txt", "hello")).toBe("a.txt")
    expect(await storage.open("a.txt").text()).toBe("hello")
    expect((await storage.copy("a.txt", "b.txt")).size).toBe(5)
    expect((await Array.fromAsync(storage.list())).map(({ name }) => name)).toEqual(["a.txt", "b.txt"])
    await storage.deleteMany(["a.txt", "b.txt"])
    expect(await storage.exists("a.txt")).toBe(false)
  })

  it("signs URLs that are served, with what they shall be served as, and not without their signature", async () => {
    const storage = make()
    await storage.write("ä (1)~!*'.txt", "hello")
    const url = await storage.url("ä (1)~!*'.txt", { download: "b.txt", contentType: "text/x-mine" })
    const response = await fetch(url)
    expect([response.status, await response.text()]).toEqual([200, "hello"])
    expect(response.headers.get("content-type")).toBe("text/x-mine")
    expect(response.headers.get("content-disposition")).toContain("b.txt")
    expect((await fetch(url.slice(0, url.indexOf("?")))).status).toBeGreaterThanOrEqual(400)
    expect((await fetch(url.replace("b.txt", "c.txt"))).status).toBe(403)
    expect((await fetch(url, { method: "DELETE" })).status).toBe(403)
  })

  it("signs uploads that are taken", async () => {
    const storage = make()
    const { method, url, headers } = await storage.signedUpload("a.png", { metadata: { "owner-id": "7" } })
    expect((await fetch(url, { method, headers, body: "png" })).status).toBe(201)
    expect(await storage.stat("a.png")).toMatchObject({ contentType: "image/png", metadata: { "owner-id": "7" } })
  })

  it("asks for one key, whoever signs at the same time, and uses it for all URLs that it covers", async () => {
    const asked = watchKeys()
    const storage = make()
    const urls = await Promise.all(Array.from({ length: 20 }, (_, index) => storage.url(`${index}.txt`)))
    expect(new Set(urls).size).toBe(20)
    await storage.url("later.txt", { expiresIn: "6d" })
    await storage.signedUpload("upload.txt")
    expect(asked).toHaveBeenCalledTimes(1)
    const [start, end] = asked.mock.calls[0] as unknown as [Date, Date]
    expect(start.getTime()).toBeLessThan(Date.now())
    expect(end.getTime()).toBeLessThan(Date.now() + 7 * DAY)
  })

  it("asks for another key before a URL would outlive the first, and keeps the first for what it covers", async () => {
    const asked = watchKeys()
    const { driver } = make()
    const signedAt = new Date()
    const first = await driver.signedUrl!("a.txt", { signedAt, expiresIn: 3600 })
    vi.useFakeTimers({ now: signedAt.getTime() + 7 * DAY - 60 * 60 * 1000, toFake: ["Date"] })
    await driver.signedUrl!("a.txt", { signedAt: new Date(), expiresIn: 3600 })
    expect(asked).toHaveBeenCalledTimes(2)
    // The same request gives the same URL, as long as its key lives.
    expect(await driver.signedUrl!("a.txt", { signedAt, expiresIn: 3600 })).toBe(first)
    expect(asked).toHaveBeenCalledTimes(2)
    for (const [, end] of asked.mock.calls as unknown as [Date, Date][]) expect(end > signedAt).toBe(true)
  })

  it("never signs a URL that outlives its key: 7 days are the most", async () => {
    const asked = watchKeys()
    const storage = make()
    const url = await storage.url("a.txt", { expiresIn: "7d" })
    const [, end] = asked.mock.calls[0] as unknown as [Date, Date]
    expect(end >= new Date(new URL(url).searchParams.get("se")!)).toBe(true)
    await expect(storage.url("a.txt", { expiresIn: "8d" })).rejects.toMatchObject({
      code: "invalid-option",
      message: expect.stringContaining("7 days") as string,
    })
  })

  it("asks again after a failure, and one that gives up does not end the question for the others", async () => {
    const storage = make()
    watchKeys().mockRejectedValueOnce(Object.assign(new Error("no"), { statusCode: 403 }))
    await expect(storage.url("a.txt")).rejects.toMatchObject({ code: "permission-denied" })
    const controller = new AbortController()
    const impatient = storage.url("a.txt", { signal: controller.signal })
    const patient = storage.url("a.txt")
    controller.abort()
    await expect(impatient).rejects.toMatchObject({ code: "aborted" })
    expect(await patient).toContain("skoid=")
  })
})
