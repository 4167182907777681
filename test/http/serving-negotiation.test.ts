import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib"
import { MemoryStorage } from "@node-storages/memory"
import { describe, expect, it } from "vitest"
import { HANDLERS, serve } from "./served.ts"

const TEXT = "body { color: red }\n".repeat(100)
const SIBLINGS = {
  br: brotliCompressSync(TEXT),
  zstd: zstdCompressSync(TEXT),
  gzip: gzipSync(TEXT),
}
const SUFFIXES = { br: ".br", zstd: ".zst", gzip: ".gz" } as const
type Coding = keyof typeof SIBLINGS

async function storageWith(...codings: readonly Coding[]): Promise<MemoryStorage> {
  const storage = new MemoryStorage()
  await storage.write("app.css", TEXT)
  for (const coding of codings) await storage.write(`app.css${SUFFIXES[coding]}`, SIBLINGS[coding])
  await storage.write("photo.png", "a picture")
  await storage.write("photo.png.gz", "never asked for")
  return storage
}

const CACHES = [{ cache: false }, { cache: true }]

describe.each(HANDLERS)("compressed siblings by %s", (_, handler) => {
  const site = async (codings: readonly Coding[] = ["br", "zstd", "gzip"], options: object = {}) =>
    serve(handler, await storageWith(...codings), { precompressed: true, ...options })

  it.each([
    [undefined, undefined],
    ["", undefined],
    ["identity", undefined],
    ["gzip, deflate, br, zstd", "br"],
    ["gzip, deflate, zstd", "zstd"],
    ["gzip", "gzip"],
    ["x-gzip", "gzip"],
    ["GZIP", "gzip"],
    ["*", "br"],
    ["gzip;q=0.5, br;q=0.1", "gzip"],
    ["br;q=0.5, zstd;q=0.9, gzip;q=0.9", "zstd"],
    ["gzip;q=1.000 , br ; q=0.999", "gzip"],
    ["br;q=0, *", "zstd"],
    ["br;q=0, zstd;q=0, gzip;q=0", undefined],
    ["*;q=0", undefined],
    ["gzip;q=0.5, identity", undefined],
    ["gzip;q=0.5, identity;q=0.4", "gzip"],
    ["identity;q=0, gzip", "gzip"],
    ["deflate, compress", undefined],
    // What can't be understood is as if it was not there.
    ["gzip;q=2", undefined],
    ["br;level=9, gzip", "gzip"],
    ["\xff\xfe, gzip", "gzip"],
    [",,;;q=,gzip;q=0.001,", "gzip"],
  ] as const)("Accept-Encoding %j gives %s", async (accepted, coding) => {
    const { ask } = await site()
    const { status, headers, body, isWhole } = await ask(
      "/app.css",
      accepted === undefined ? {} : { "accept-encoding": accepted },
    )
    expect([status, isWhole, headers["content-encoding"]]).toEqual([200, true, coding])
    expect(headers["vary"]).toBe("accept-encoding")
    expect(headers["content-type"]).toBe("text/css; charset=utf-8")
    expect(body.equals(coding === undefined ? Buffer.from(TEXT) : SIBLINGS[coding])).toBe(true)
  })

  it.each(CACHES)("takes the next best where a sibling is missing ($cache)", async (options) => {
    const all = { "accept-encoding": "br, zstd, gzip" }
    for (const [there, expected] of [
      [["gzip"], "gzip"],
      [["zstd", "gzip"], "zstd"],
      [[], undefined],
    ] as const) {
      const { ask, errors } = await site(there, options)
      for (const turn of [1, 2]) {
        const { status, headers } = await ask("/app.css", all)
        expect([turn, status, headers["content-encoding"]]).toEqual([turn, 200, expected])
        expect(headers["vary"]).toBe("accept-encoding")
      }
      expect(errors).toEqual([])
    }
  })

  it.each(CACHES)("each has its own tag, and 304, ranges and HEAD are of the sibling ($cache)", async (options) => {
    const { ask } = await site(undefined, options)
    const tags = new Set<string>()
    for (const coding of [undefined, "br", "zstd", "gzip"] as const) {
      const accepted = { "accept-encoding": coding ?? "identity" }
      const bytes = coding === undefined ? Buffer.from(TEXT) : SIBLINGS[coding]
      const get = await ask("/app.css", accepted)
      const head = await ask("/app.css", accepted, { method: "HEAD" })
      expect({ ...head.headers, date: "" }).toEqual({ ...get.headers, date: "" })
      expect(head.headers["content-length"]).toBe(String(bytes.byteLength))
      tags.add(get.headers["etag"]!)
      const again = await ask("/app.css", { ...accepted, "if-none-match": get.headers["etag"]! })
      expect([again.status, again.headers["vary"]]).toEqual([304, "accept-encoding"])
      const part = await ask("/app.css", { ...accepted, range: "bytes=2-9", "if-range": get.headers["etag"]! })
      expect([part.status, part.headers["content-encoding"]]).toEqual([206, coding])
      expect(part.headers["content-range"]).toBe(`bytes 2-9/${bytes.byteLength}`)
      expect(part.body.equals(bytes.subarray(2, 10))).toBe(true)
    }
    expect(tags.size).toBe(4)
    // A part of one coding is never put together with one of another.
    const { etag } = (await ask("/app.css", { "accept-encoding": "br" })).headers
    const other = await ask("/app.css", { "accept-encoding": "gzip", range: "bytes=2-9", "if-range": etag! })
    expect([other.status, other.body.equals(SIBLINGS.gzip)]).toEqual([200, true])
  })

  it("looks only for the codings that are asked for, and of files that shrink", async () => {
    const { ask } = await site(undefined, { precompressed: ["gzip"] })
    expect((await ask("/app.css", { "accept-encoding": "br, gzip" })).headers["content-encoding"]).toBe("gzip")
    const picture = await ask("/photo.png", { "accept-encoding": "gzip" })
    expect([picture.body.toString(), picture.headers["content-encoding"], picture.headers["vary"]]).toEqual([
      "a picture",
      undefined,
      undefined,
    ])
  })

  it("the order of the option decides where the client wants them alike", async () => {
    const { ask } = await site(undefined, { precompressed: ["gzip", "br"] })
    expect((await ask("/app.css", { "accept-encoding": "br, gzip" })).headers["content-encoding"]).toBe("gzip")
    expect((await ask("/app.css", { "accept-encoding": "br, gzip;q=0.9" })).headers["content-encoding"]).toBe("br")
  })

  it("without the option nothing is negotiated, and the siblings are files as others", async () => {
    const { ask } = await site(undefined, { precompressed: false })
    const plain = await ask("/app.css", { "accept-encoding": "br" })
    expect([plain.headers["content-encoding"], plain.headers["vary"]]).toEqual([undefined, undefined])
    const sibling = await ask("/app.css.gz")
    expect([sibling.headers["content-type"], sibling.headers["content-encoding"]]).toEqual([
      "application/gzip",
      undefined,
    ])
  })

  it("a missing file is 404 whatever the client accepts", async () => {
    const { ask, errors } = await site()
    expect((await ask("/missing.css", { "accept-encoding": "br, gzip" })).status).toBe(404)
    expect(errors).toEqual([])
  })
})
