import { ContainerSASPermissions } from "@azure/storage-blob"
import { retry, StorageError, type MultipartUpload } from "@node-storages/core"
import { AzureStorage } from "@node-storages/azure"
import { expect, it } from "vitest"
import { failureOf } from "../failure.ts"
import { sampleBytes } from "../sample-bytes.ts"
import { useFaultProxy } from "../servers/use-fault-proxy.ts"
import { accountThrough, describeOnAzure } from "./support.ts"

/** Sends a part as a browser does. */
async function send(upload: MultipartUpload, number: number, bytes: Uint8Array<ArrayBuffer>): Promise<number> {
  const { method, url, headers } = await upload.signPart(number, { size: bytes.byteLength })
  const response = await fetch(url, { method, headers, body: bytes })
  await response.bytes()
  return response.status
}

describeOnAzure("an upload in parts by signed URLs", (container) => {
  const proxy = useFaultProxy(() => container().connection.endpoint)

  it("is invisible until it is complete, and has no MD5 then", async () => {
    const storage = container().storage({ location: "invisible" })
    const upload = await storage.startMultipart("a.bin", { metadata: { note: "ä" } })
    expect(await send(upload, 1, sampleBytes(10))).toBe(201)
    expect(await container().uncommitted("invisible")).toEqual(["invisible/a.bin"])
    const info = await upload.complete()
    expect(info).toMatchObject({ size: 10, contentType: "application/octet-stream", metadata: { note: "ä" } })
    expect(info.checksum).toBeUndefined()
    expect(await container().uncommitted("invisible")).toEqual([])
  })

  it("has the storage's own parameters: headers, metadata and tier of every blob", async () => {
    const objectParameters = { tier: "Cool", metadata: { owner: "7" }, blobHTTPHeaders: { blobContentLanguage: "de" } }
    const storage = container().storage({ objectParameters, location: "parameters" })
    const upload = await storage.startMultipart("a.bin", { cacheControl: "no-store" })
    await send(upload, 1, sampleBytes(10))
    expect(await upload.complete()).toMatchObject({ cacheControl: "no-store", contentLanguage: "de" })
    const blob = await container().client.getBlobClient("parameters/a.bin").getProperties()
    expect(blob).toMatchObject({ accessTier: "Cool", metadata: { owner: "7" } })
  })

  it("is nobody's whose id has other headers", async () => {
    const storage = container().storage()
    const upload = await storage.startMultipart("a.bin")
    await send(upload, 1, sampleBytes(10))
    const forged = Buffer.from(JSON.stringify({ contentType: "text/html" })).toString("base64url")
    const other = storage.multipart("a.bin", `${upload.id.split(".")[0]}.${forged}`)
    expect((await failureOf(other.complete([{ number: 1, size: 10 }]))).code).toBe("not-found")
    expect((await failureOf(other.parts())).code).toBe("not-found")
    expect(await storage.exists("a.bin")).toBe(false)
  })

  it("is gone when somebody else stores a file of its name, and says why", async () => {
    const storage = container().storage()
    const upload = await storage.startMultipart("a.bin")
    await send(upload, 1, sampleBytes(10))
    const told = await upload.parts()
    // Azurite drops blocks only when others are committed, not by Put Blob as well.
    const other = await storage.startMultipart("a.bin")
    await send(other, 1, sampleBytes(5))
    await other.complete()
    const failure = await failureOf(upload.complete(told))
    expect([failure.code, failure.message]).toEqual(["not-found", expect.stringContaining("another file was stored")])
    expect((await storage.stat("a.bin")).size).toBe(5)
  })

  it("tells a part that has another size than was said, and can be completed still", async () => {
    const upload = await container().storage().startMultipart("a.bin")
    await send(upload, 1, sampleBytes(10))
    const listed = await upload.parts()
    await send(upload, 1, sampleBytes(11))
    expect((await failureOf(upload.complete(listed))).code).toBe("conflict")
    expect((await failureOf(upload.complete([...listed, { number: 2, size: 5 }]))).code).toBe("conflict")
    expect((await upload.complete()).size).toBe(11)
  })

  it("is refused for more metadata than its id can carry, before any request", async () => {
    const storage = container().storage({ location: "long" })
    const failure = await failureOf(storage.startMultipart("a.bin", { metadata: { note: "x".repeat(3000) } }))
    expect(failure.code).toBe("invalid-option")
    expect(await container().uncommitted("long")).toEqual([])
  })

  it("is complete though the answer to its completion was lost", async () => {
    const connection = accountThrough(proxy(), container().connection)
    const upload = await container().storage({}, connection).startMultipart("a.bin")
    await send(upload, 1, sampleBytes(10))
    const parts = await upload.parts()
    await upload.parts()
    proxy().resetAfter({ down: 0, times: 1 })
    expect((await upload.complete(parts)).size).toBe(10)
    proxy().clear()
  })

  it("can't be signed by what is itself only a signature", async () => {
    const { client, connection, name } = container()
    const url = await client.generateSasUrl({
      expiresOn: new Date(Date.now() + 3_600_000),
      permissions: ContainerSASPermissions.parse("rcwdl"),
    })
    const storage = new AzureStorage(name, {
      endpoint: connection.endpoint,
      accountName: connection.accountName,
      sasToken: url.slice(url.indexOf("?") + 1),
      location: "sas",
    })
    const upload = await storage.with(retry()).startMultipart("a.bin")
    const failure = await failureOf(upload.signPart(1, { size: 1 }))
    expect(StorageError.is(failure, "unsupported")).toBe(true)
    await upload.abort()
  })
})
