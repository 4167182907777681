import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { startGcsServer, type GcsServer } from "./gcs-server.ts"
import { codeOf, rawClient, type RawAnswer, type RawClient, type RawOptions } from "./raw-client.ts"

let server: GcsServer
let client: RawClient

beforeAll(async () => {
  server = await startGcsServer()
  const cors = [
    { origin: ["https://example.com"], method: ["GET", "PUT"], responseHeader: ["Content-Type"], maxAgeSeconds: 60 },
  ]
  server.createBucket("xml-api", { cors })
  client = rawClient(server, "xml-api")
})
afterAll(() => server.stop())

const anonymous = (method: string, path: string, options: RawOptions = {}): Promise<RawAnswer> =>
  client.send(method, path, { ...options, token: null })

describe("the XML API", () => {
  test("gives anyone what is public, and nothing else", async () => {
    await client.insert("public/a b", "public", { predefinedAcl: "publicRead" })
    await client.insert("private", "private")
    expect(await anonymous("GET", "/xml-api/public/a%20b")).toMatchObject({ status: 200, text: "public" })
    const head = await anonymous("HEAD", "/xml-api/public/a%20b")
    expect([head.status, head.headers.get("content-length"), head.text]).toEqual([200, "6", ""])
    expect(codeOf(await anonymous("GET", "/xml-api/private"))).toBe("403 AccessDenied")
    expect(codeOf(await anonymous("GET", "/xml-api/missing"))).toBe("403 AccessDenied")
    expect(codeOf(await anonymous("GET", "/no-such-bucket/a"))).toBe("404 NoSuchBucket")
    expect(codeOf(await anonymous("PUT", "/xml-api/new", { body: "x" }))).toBe("403 AccessDenied")
    expect(codeOf(await anonymous("DELETE", "/xml-api/public/a%20b"))).toBe("403 AccessDenied")
    const typed = await anonymous("GET", "/xml-api/public/a%20b?response-content-type=text/html")
    expect(codeOf(typed)).toBe("400 InvalidArgument")
  })

  test("takes an access token too, for reading, writing and deleting", async () => {
    const headers = {
      "content-type": "a/b",
      "cache-control": "no-store",
      "x-goog-meta-color": Buffer.from("grün").toString("latin1"),
      "x-goog-acl": "public-read",
      "x-goog-hash": "crc32c=4waSgw==",
      "content-md5": "JfnnlDI7RTiF9RgfG2JNCw==",
    }
    const put = await client.send("PUT", "/xml-api/put", { body: "123456789", headers })
    expect([put.status, put.headers.get("etag")]).toEqual([200, '"25f9e794323b453885f5181f1b624d0b"'])
    const get = await client.send("GET", "/xml-api/put")
    expect(get.headers.get("etag")).toBe(put.headers.get("etag"))
    expect((await client.send("GET", client.object("put"))).json).toMatchObject({
      contentType: "a/b",
      cacheControl: "no-store",
      metadata: { color: "grün" },
    })
    expect((await anonymous("GET", "/xml-api/put")).text).toBe("123456789")
    const etag = { "if-none-match": put.headers.get("etag")! }
    expect((await client.send("GET", "/xml-api/put", { headers: etag })).status).toBe(304)
    expect((await client.send("DELETE", "/xml-api/put")).status).toBe(204)
    expect(codeOf(await client.send("GET", "/xml-api/put"))).toBe("404 NoSuchKey")
    expect(codeOf(await client.send("DELETE", "/xml-api/put"))).toBe("404 NoSuchKey")
  })

  test.each([
    ["x-goog-hash", "md5=AAAAAAAAAAAAAAAAAAAAAA==", "400 BadDigest"],
    ["x-goog-hash", "crc32c=AAAAAA==", "400 CrcMismatch"],
    ["content-md5", "AAAAAAAAAAAAAAAAAAAAAA==", "400 BadDigest"],
    ["content-md5", "nonsense", "400 InvalidDigest"],
    ["x-goog-content-length-range", "0,8", "400 EntityTooLarge"],
    ["x-goog-content-length-range", "10,20", "400 EntityTooSmall"],
    ["x-goog-if-generation-match", "1", "412 PreconditionFailed"],
    ["x-goog-acl", "everyone", "400 InvalidArgument"],
    ["x-goog-copy-source", "/xml-api/a", "501 NotImplemented"],
  ])("refuses a write with %s: %s", async (name, value, code) => {
    const headers = { [name]: value }
    expect(codeOf(await client.send("PUT", "/xml-api/refused", { body: "123456789", headers }))).toBe(code)
    expect((await client.send("GET", client.object("refused"))).status).toBe(404)
  })

  test("refuses methods and listings that are not covered", async () => {
    expect(codeOf(await client.send("PATCH", "/xml-api/a"))).toBe("405 MethodNotAllowed")
    expect(codeOf(await client.send("GET", "/xml-api"))).toBe("501 NotImplemented")
  })
})

describe("a browser of another origin", () => {
  const preflight = (origin: string, method: string, headers = "content-type, x-goog-meta-a"): Promise<RawAnswer> =>
    anonymous("OPTIONS", "/xml-api/a", {
      headers: { origin, "access-control-request-method": method, "access-control-request-headers": headers },
    })

  test("is told what the bucket's rules allow", async () => {
    const allowed = await preflight("https://example.com", "PUT")
    expect(Object.fromEntries(allowed.headers)).toMatchObject({
      "access-control-allow-origin": "https://example.com",
      "access-control-allow-methods": "GET, PUT",
      "access-control-allow-headers": "content-type",
      "access-control-max-age": "60",
    })
    for (const refused of [
      await preflight("https://example.org", "PUT"),
      await preflight("https://example.com", "POST"),
    ]) {
      expect(refused.headers.has("access-control-allow-origin")).toBe(false)
    }
  })

  test("may read answers, and errors, of the origins in the rules", async () => {
    await client.insert("cors", "x")
    const get = async (origin: string, path = "/xml-api/cors"): Promise<string | null> =>
      (await client.send("GET", path, { headers: { origin } })).headers.get("access-control-allow-origin")
    expect(await get("https://example.com")).toBe("https://example.com")
    expect(await get("https://example.com", "/xml-api/missing")).toBe("https://example.com")
    expect(await get("https://example.org")).toBe(null)
  })
})
