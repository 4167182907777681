import { setTimeout as delay } from "node:timers/promises"
import { DriverStorage, intercept, type StorageDriver } from "@node-storages/core"
import { MemoryStorage } from "@node-storages/memory"
import { describe, expect, it } from "vitest"
import { withoutEtags } from "./drivers.ts"
import { HANDLERS, serve } from "./served.ts"

const TEXT = "0123456789".repeat(100)

describe.each(HANDLERS)("conditional requests by %s", (_, handler) => {
  const site = async () => {
    const storage = new MemoryStorage()
    await storage.write("a.txt", TEXT)
    const served = await serve(handler, storage)
    const { etag, "last-modified": modified } = (await served.ask("/a.txt")).headers
    const statusFor = async (headers: Record<string, string>, method = "GET") =>
      (await served.ask("/a.txt", headers, { method })).status
    return { ...served, storage, etag: etag!, modified: modified!, statusFor }
  }
  const shifted = (date: string, seconds: number) => new Date(Date.parse(date) + seconds * 1000).toUTCString()

  it("HEAD has the headers of GET and no body", async () => {
    const { ask } = await site()
    const [get, head] = [await ask("/a.txt"), await ask("/a.txt", {}, { method: "HEAD" })]
    expect([head.status, head.body.byteLength, get.body.toString()]).toEqual([200, 0, TEXT])
    expect({ ...head.headers, date: "" }).toEqual({ ...get.headers, date: "" })
    expect(head.headers).toMatchObject({ "content-length": "1000", "accept-ranges": "bytes" })
    for (const path of ["/missing.txt", "/%zz"]) {
      const [missing, without] = [await ask(path), await ask(path, {}, { method: "HEAD" })]
      expect([path, without.status, without.body.byteLength]).toEqual([path, missing.status, 0])
      expect({ ...without.headers, date: "" }).toEqual({ ...missing.headers, date: "" })
    }
  })

  it("If-None-Match knows lists, weak tags and the star", async () => {
    const { etag, statusFor } = await site()
    const matching = [
      etag,
      `W/${etag}`,
      `"x", ${etag}`,
      `"x",${etag},"y"`,
      `,, ${etag} ,`,
      `W/"x", W/${etag}`,
      `"a,b", ${etag}`,
      "*",
      " * ",
    ]
    for (const method of ["GET", "HEAD"]) {
      for (const value of matching) {
        expect([value, await statusFor({ "if-none-match": value }, method)]).toEqual([value, 304])
      }
    }
    for (const value of ['"x"', `"x", "y"`, etag.slice(1, -1), `${etag} "x"`, `w/${etag}`, '"', "", `"x" ${etag}`]) {
      expect([value, await statusFor({ "if-none-match": value })]).toEqual([value, 200])
    }
  })

  it("304 has the headers that RFC 9110 wants, and neither body nor length", async () => {
    const { ask, etag } = await site()
    const { headers: whole } = await ask("/a.txt")
    const { status, headers, body } = await ask("/a.txt", { "if-none-match": etag })
    expect([status, body.byteLength]).toEqual([304, 0])
    for (const name of ["etag", "cache-control", "last-modified"]) expect(headers[name]).toBe(whole[name])
    for (const name of ["content-length", "content-type", "content-range", "transfer-encoding"]) {
      expect([name, headers[name]]).toEqual([name, undefined])
    }
  })

  it("If-Modified-Since compares whole seconds, in all three forms of a date", async () => {
    const { modified, statusFor } = await site()
    const date = new Date(modified)
    const [day, month] = [date.toUTCString().slice(0, 3), date.toUTCString().slice(8, 11)]
    const dayLong = new Intl.DateTimeFormat("en", { weekday: "long", timeZone: "UTC" }).format(date)
    const time = date.toISOString().slice(11, 19)
    const [year, dayOfMonth] = [date.getUTCFullYear(), date.getUTCDate()]
    const rfc850 = `${dayLong}, ${String(dayOfMonth).padStart(2, "0")}-${month}-${String(year).slice(2)} ${time} GMT`
    const asctime = `${day} ${month} ${String(dayOfMonth).padStart(2)} ${time} ${year}`
    for (const since of [modified, rfc850, asctime, shifted(modified, 1), shifted(modified, 86_400)]) {
      expect([since, await statusFor({ "if-modified-since": since })]).toEqual([since, 304])
    }
    for (const since of [shifted(modified, -1), "", "never", date.toISOString(), String(date.getTime()), "\xff"]) {
      expect([since, await statusFor({ "if-modified-since": since })]).toEqual([since, 200])
    }
  })

  it("If-None-Match counts where both are given, and a date only for reading", async () => {
    const { etag, modified, statusFor } = await site()
    expect(await statusFor({ "if-none-match": '"x"', "if-modified-since": modified })).toBe(200)
    expect(await statusFor({ "if-none-match": etag, "if-modified-since": shifted(modified, -9) })).toBe(304)
  })

  it("If-Match and If-Unmodified-Since refuse another version with 412", async () => {
    const { ask, etag, modified, statusFor } = await site()
    for (const value of [etag, "*", `"x", ${etag}`]) expect(await statusFor({ "if-match": value })).toBe(200)
    for (const value of [`W/${etag}`, '"x"', "nonsense", ""]) {
      expect([value, await statusFor({ "if-match": value })]).toEqual([value, 412])
    }
    const unmodified = (date: string) => statusFor({ "if-unmodified-since": date })
    expect([await unmodified(modified), await unmodified(shifted(modified, 9))]).toEqual([200, 200])
    expect([await unmodified(shifted(modified, -1)), await unmodified("nonsense")]).toEqual([412, 200])
    // A tag that matches makes the date not count.
    expect(await statusFor({ "if-match": etag, "if-unmodified-since": shifted(modified, -9) })).toBe(200)
    const refused = await ask("/a.txt", { "if-match": '"x"' })
    expect([refused.body.toString().includes("0123"), refused.headers["cache-control"]]).toEqual([false, "no-store"])
    expect((await ask("/missing.txt", { "if-match": "*" })).status).toBe(404)
  })

  it("a new version has another tag, also of the same size and in the same second", async () => {
    const { ask, storage, etag, statusFor } = await site()
    await delay(2)
    await storage.write("a.txt", TEXT.replaceAll("0", "x"))
    expect(await statusFor({ "if-none-match": etag })).toBe(200)
    expect((await ask("/a.txt", { range: "bytes=0-0", "if-range": etag })).body.byteLength).toBe(1000)
  })

  it("a storage without entity tags has weak ones, by size and time", async () => {
    const storage = new MemoryStorage().with(withoutEtags)
    await storage.write("a.txt", TEXT)
    const { ask } = await serve(handler, storage)
    const { headers } = await ask("/a.txt")
    expect(headers["etag"]).toMatch(/^W\/"[\w-]+"$/)
    expect((await ask("/a.txt", { "if-none-match": headers["etag"]! })).status).toBe(304)
    // A weak tag can't be trusted with the bytes, so that it lets no range count; its time can.
    const ranged = (ifRange: string) => ask("/a.txt", { range: "bytes=0-9", "if-range": ifRange })
    expect((await ranged(headers["etag"]!)).status).toBe(200)
    expect((await ranged(headers["last-modified"]!)).status).toBe(206)
    expect((await ask("/a.txt", { "if-match": headers["etag"]! })).status).toBe(412)
    await delay(2)
    await storage.write("a.txt", `${TEXT}more`)
    expect((await ask("/a.txt", { "if-none-match": headers["etag"]! })).status).toBe(200)
  })

  it("asks the storage once for a GET, and reads nothing for HEAD and 304", async () => {
    const calls: string[] = []
    const counting = intercept((call) => {
      calls.push(call.member)
      return call.run(call.signal)
    })
    const storage = new MemoryStorage()
    await storage.write("a.txt", TEXT)
    const { ask } = await serve(handler, storage.with(counting))
    const { etag } = (await ask("/a.txt")).headers
    expect(calls.splice(0)).toEqual(["get"])
    await ask("/a.txt", {}, { method: "HEAD" })
    await ask("/a.txt", { "if-none-match": etag! })
    expect(calls.splice(0)).toEqual(["head", "head"])
    await ask("/a.txt", { range: "bytes=0-1" })
    expect(calls.splice(0)).toEqual(["get"])
    // Where it begins depends on the size.
    await ask("/a.txt", { range: "bytes=-1" })
    expect(calls.splice(0)).toEqual(["head", "get"])
  })
})

/** A decoder gives its bytes in a later turn: whoever sends them can't know their length by then. */
async function* decoded(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    await new Promise((resolve) => setImmediate(resolve))
    yield chunk
  }
}

describe.each(HANDLERS)("files that the storage decodes, by %s", (_, handler) => {
  /** As `S3Storage` with `gzip: true` gives them: what it knows is of the encoded bytes, what it reads is decoded. */
  const decoding = (next: StorageDriver): StorageDriver => ({
    name: next.name,
    target: next.target,
    features: next.features,
    limits: next.limits,
    put: (key, body, options) => next.put(key, body, options),
    remove: (key, options) => next.remove(key, options),
    page: (options) => next.page(options),
    errorCode: (error) => next.errorCode(error),
    head: async (key, options) => {
      const info = await next.head(key, options)
      return info && { ...info, size: 20, decoded: true, contentEncoding: "gzip" }
    },
    get: async (key, options) => {
      const object = await next.get(key, options)
      const info = object && { ...object.info, size: 20, decoded: true, contentEncoding: "gzip" }
      return object && { info: info!, length: undefined, chunks: decoded(object.chunks) }
    },
  })

  it("are sent whole without a length that would be wrong, without ranges, with a weak tag", async () => {
    const storage = new DriverStorage(decoding(new MemoryStorage().driver))
    await storage.write("a.txt", TEXT)
    const { ask } = await serve(handler, storage)
    const { status, headers, body, isWhole } = await ask("/a.txt")
    expect([status, body.toString(), isWhole]).toEqual([200, TEXT, true])
    for (const name of ["content-length", "content-encoding", "accept-ranges"]) {
      expect([name, headers[name]]).toEqual([name, undefined])
    }
    expect(headers["etag"]).toMatch(/^W\/"/)
    const ranged = await ask("/a.txt", { range: "bytes=0-9" })
    expect([ranged.status, ranged.body.toString()]).toEqual([200, TEXT])
    const head = await ask("/a.txt", {}, { method: "HEAD" })
    expect([head.status, head.headers["content-length"]]).toEqual([200, undefined])
    expect((await ask("/a.txt", { "if-none-match": headers["etag"]! })).status).toBe(304)
  })
})
