import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib"
import { LocalStorage } from "@node-storages/local"
import { MemoryStorage } from "@node-storages/memory"
import { describe, expect, it } from "vitest"
import { nextRoute } from "./next.ts"

const TEXT = "Some text, stored in fewer bytes. ".repeat(20)

async function routeOf(bytes: Uint8Array, contentEncoding: string) {
  const storage = new MemoryStorage()
  await storage.write("a.txt", bytes, { contentEncoding })
  const errors: unknown[] = []
  const { GET, HEAD } = nextRoute(storage, { onError: (error) => void errors.push(error) })
  const url = "http://localhost/a.txt"
  const get = (headers: Record<string, string> = {}) => GET(new Request(url, { headers }))
  return { get, head: () => HEAD(new Request(url, { method: "HEAD" })), errors }
}

describe("nextRoute", () => {
  it.each([
    ["gzip", gzipSync(TEXT)],
    ["GZIP", gzipSync(TEXT)],
    ["x-gzip", gzipSync(TEXT)],
    ["deflate", deflateSync(TEXT)],
    ["br", brotliCompressSync(TEXT)],
  ])("decodes %s, which Next.js would send without telling", async (coding, bytes) => {
    const { get, head, errors } = await routeOf(bytes, coding)
    for (const response of [await get(), await get({ range: "bytes=0-3" })]) {
      expect([response.status, await response.text()]).toEqual([200, TEXT])
      expect(response.headers.get("etag")).toMatch(/^W\/"/)
      for (const name of ["content-encoding", "content-length", "accept-ranges", "content-range"]) {
        expect(response.headers.has(name), name).toBe(false)
      }
    }
    expect((await head()).headers.get("content-length")).toBeNull()
    const etag = (await get()).headers.get("etag")!
    expect((await get({ "if-none-match": etag })).status).toBe(304)
    expect(errors).toEqual([])
  })

  it("tells of a coding that it can't decode, and sends nothing of it", async () => {
    const { get, errors } = await routeOf(new Uint8Array(10), "compress")
    const response = await get()
    expect([response.status, await response.text()]).toEqual([500, "Internal Server Error\n"])
    expect(String(errors[0])).toContain("compress")
  })

  it("breaks off where the bytes are not what their coding tells, and tells it", async () => {
    const { get, errors } = await routeOf(gzipSync(TEXT).subarray(0, 30), "gzip")
    await expect((await get()).text()).rejects.toThrow()
    expect(errors).toHaveLength(1)
  })

  it("has Next.js leave ranges as they are", async () => {
    const storage = new MemoryStorage()
    await storage.write("a.txt", TEXT)
    const { GET } = nextRoute(storage)
    const range = await GET(new Request("http://localhost/a.txt", { headers: { range: "bytes=0-3" } }))
    expect([range.status, await range.text()]).toEqual([206, "Some"])
    expect(range.headers.get("cache-control")).toBe("no-cache, no-transform")
    expect((await GET(new Request("http://localhost/a.txt"))).headers.get("cache-control")).toBe("no-cache")
  })

  it("takes uploads only with their length, as Next.js may cut them off", async () => {
    const keys = ["a key that signs, for tests only, of today"]
    const storage = new MemoryStorage({ baseUrl: "http://localhost/", signingKeys: keys })
    const { PUT } = nextRoute(storage)
    const { url, headers } = await storage.signedUpload("b.txt", { maxSize: 10 })
    const put = (more: Record<string, string>) =>
      PUT(new Request(url, { method: "PUT", headers: { ...headers, ...more }, body: "hello" }))
    expect((await put({})).status).toBe(411)
    const short = await put({ "content-length": "6" })
    expect([short.status, await short.text()]).toEqual([400, expect.stringContaining("cut short at 5 of 6 bytes")])
    expect(await storage.exists("b.txt")).toBe(false)
    expect((await put({ "content-length": "5" })).status).toBe(200)
  })

  it("refuses compressed twins, which Next.js can't send", () => {
    const construct = (precompressed: boolean) => () =>
      nextRoute(new LocalStorage("static"), { precompressed } as { precompressed: false })
    expect(construct(true)).toThrow(/nextRoute\(\): precompressed must be false: Next\.js takes Content-Encoding off/)
    expect(construct(false)).not.toThrow()
  })
})
