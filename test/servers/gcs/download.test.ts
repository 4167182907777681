import { request } from "node:http"
import { gunzipSync, gzipSync } from "node:zlib"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { startGcsServer, type GcsServer } from "./gcs-server.ts"
import { rawClient, type RawClient } from "./raw-client.ts"

let server: GcsServer
let client: RawClient

beforeAll(async () => {
  server = await startGcsServer({ buckets: ["objects"] })
  client = rawClient(server, "objects")
})
afterAll(() => server.stop())

describe("a download", () => {
  test("has the stored headers and hashes, under both addresses", async () => {
    const metadata = {
      name: "headers",
      contentType: "a/b",
      contentDisposition: 'inline; filename="ä"',
      metadata: { k: "ü" },
    }
    const { json } = await client.insertWith(metadata, "123456789")
    for (const base of ["", "/download"]) {
      const { headers, text } = await client.send("GET", base + client.object("headers", { alt: "media" }))
      expect(text).toBe("123456789")
      expect(Object.fromEntries(headers)).toMatchObject({
        "content-type": "a/b",
        "content-length": "9",
        "x-goog-hash": "crc32c=4waSgw==,md5=JfnnlDI7RTiF9RgfG2JNCw==",
        "x-goog-generation": json?.generation,
        "x-goog-metageneration": "1",
        "x-goog-stored-content-encoding": "identity",
        "x-goog-stored-content-length": "9",
        etag: json?.["etag"],
      })
      expect(Buffer.from(headers.get("x-goog-meta-k")!, "latin1").toString()).toBe("ü")
      expect(Buffer.from(headers.get("content-disposition")!, "latin1").toString()).toBe('inline; filename="ä"')
    }
  })

  test.each([
    ["bytes=2-4", 206, "cde", "bytes 2-4/10"],
    ["bytes=7-", 206, "hij", "bytes 7-9/10"],
    ["bytes=-3", 206, "hij", "bytes 7-9/10"],
    ["bytes=-30", 206, "abcdefghij", "bytes 0-9/10"],
    ["bytes=8-100", 206, "ij", "bytes 8-9/10"],
    ["bytes=10-", 416, undefined, "bytes */10"],
    ["bytes=-0", 416, undefined, "bytes */10"],
    ["bytes=4-2", 200, "abcdefghij", null],
    ["lines=1-2", 200, "abcdefghij", null],
  ])("of the range %s answers %i", async (range, status, text, contentRange) => {
    await client.insert("range", "abcdefghij")
    const answer = await client.send("GET", client.object("range", { alt: "media" }), { headers: { range } })
    expect(answer.status).toBe(status)
    expect(answer.headers.get("content-range")).toBe(contentRange)
    if (text !== undefined) expect(answer.text).toBe(text)
  })

  test("is not sent to who has it, by ETag or time", async () => {
    const { json } = await client.insert("etag", "x")
    const get = async (headers: Record<string, string>): Promise<number> =>
      (await client.send("GET", client.object("etag", { alt: "media" }), { headers })).status
    const etag = json?.["etag"] as string
    expect(await get({ "if-none-match": etag })).toBe(304)
    expect(await get({ "if-none-match": "other" })).toBe(200)
    expect(await get({ "if-match": "other" })).toBe(412)
    expect(await get({ "if-modified-since": new Date(Date.now() + 60_000).toUTCString() })).toBe(304)
    expect(await get({ "if-modified-since": "Thu, 01 Jan 1970 00:00:00 GMT" })).toBe(200)
  })

  test("of what is stored with gzip is unzipped for those who do not take gzip", async () => {
    const zipped = gzipSync("unzipped content")
    const path = "/upload/storage/v1/b/objects/o?uploadType=media&contentEncoding=gzip&name="
    await client.send("POST", `${path}zipped`, { body: new Uint8Array(zipped) })
    await client.send("POST", `${path}kept`, { body: new Uint8Array(zipped) })
    const body = JSON.stringify({ cacheControl: "public, no-transform" })
    await client.send("PATCH", client.object("kept"), { body })

    const unzipped = await getRaw("zipped", {})
    expect(String(unzipped.body)).toBe("unzipped content")
    expect(unzipped.headers).toMatchObject({ "x-goog-stored-content-encoding": "gzip", "transfer-encoding": "chunked" })
    expect(unzipped.headers).not.toHaveProperty("content-encoding")
    expect(unzipped.headers).not.toHaveProperty("content-length")
    expect(String((await getRaw("zipped", { range: "bytes=0-2" })).body)).toBe("unzipped content")

    for (const answer of [await getRaw("zipped", { "accept-encoding": "br, gzip" }), await getRaw("kept", {})]) {
      expect(answer.headers).toMatchObject({ "content-encoding": "gzip", "content-length": String(zipped.length) })
      expect(String(gunzipSync(answer.body))).toBe("unzipped content")
    }
  })

  /** Without the decoding that fetch does. */
  function getRaw(name: string, headers: Record<string, string>): Promise<{ headers: object; body: Buffer }> {
    const authorization = `Bearer ${server.accessToken()}`
    const url = server.endpoint + client.object(name, { alt: "media" })
    return new Promise((resolve, reject) => {
      const sent = request(url, { headers: { authorization, ...headers } }, (response) => {
        const chunks: Buffer[] = []
        response.on("data", (chunk: Buffer) => chunks.push(chunk))
        response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }))
      })
      sent.on("error", reject).end()
    })
  }
})
