import { open } from "node:fs/promises"
import { join } from "node:path"
import { LocalStorage } from "@node-storages/local"
import { MemoryStorage } from "@node-storages/memory"
import { describe, expect, it } from "vitest"
import { sampleBytes } from "../sample-bytes.ts"
import { parseByteranges } from "./byteranges.ts"
import { HANDLERS, serve, temporaryFolder } from "./served.ts"

const SIZE = 10_000
const BYTES = Buffer.from(sampleBytes(SIZE))

describe.each(HANDLERS)("ranges by %s", (_, handler) => {
  const site = async () => {
    const storage = new MemoryStorage()
    await storage.write("a.bin", BYTES)
    await storage.write("empty.bin", "")
    return { storage, ...(await serve(handler, storage)) }
  }

  it.each([
    ["bytes=0-0", 0, 0],
    ["bytes=-1", 9999, 9999],
    ["bytes=-5", 9995, 9999],
    ["bytes=0-9998", 0, 9998],
    ["bytes=0-", 0, 9999],
    ["bytes=9999-", 9999, 9999],
    ["bytes=500-999999999999999999999999", 500, 9999],
    ["bytes=-10001", 0, 9999],
    ["BYTES=1-2", 1, 2],
    ["bytes= 1-2 ", 1, 2],
    ["bytes=,1-2,,", 1, 2],
    ["bytes=20000-,3-4", 3, 4],
    // Overlapping or next to each other: one part.
    ["bytes=0-99,50-149", 0, 149],
    ["bytes=100-199,0-99", 0, 199],
  ])("%s is 206 with bytes %i to %i", async (range, first, last) => {
    const { ask } = await site()
    const { status, headers, body, isWhole } = await ask("/a.bin", { range })
    expect([status, isWhole]).toEqual([206, true])
    expect(headers["content-range"]).toBe(`bytes ${first}-${last}/${SIZE}`)
    expect(headers["content-length"]).toBe(String(last - first + 1))
    expect(headers["content-type"]).toBe("application/octet-stream")
    expect(body.equals(BYTES.subarray(first, last + 1))).toBe(true)
  })

  it.each([
    "bytes=5-2",
    "bytes=abc",
    "bytes=",
    "bytes",
    "bytes=--1",
    "bytes=1-2-3",
    "bytes=0x10-0x20",
    "bytes=1.5-2",
    "lines=0-1",
    "bytes=0-1;3-4",
    "bytes=0-1,x",
    "bytes=0-4999,5000-9999",
  ])("%s is ignored: 200 with all bytes", async (range) => {
    const { ask } = await site()
    const { status, headers, body } = await ask("/a.bin", { range })
    expect([status, headers["content-range"], headers["accept-ranges"]]).toEqual([200, undefined, "bytes"])
    expect(body.equals(BYTES)).toBe(true)
  })

  it.each(["bytes=10000-", "bytes=10000-10001", "bytes=99999999999999999999-", "bytes=-0", "bytes=10000-,20000-30000"])(
    "%s is 416 and tells the size",
    async (range) => {
      const { ask } = await site()
      const { status, headers } = await ask("/a.bin", { range })
      expect([status, headers["content-range"]]).toEqual([416, `bytes */${SIZE}`])
      expect(headers["cache-control"]).toBe("no-store")
    },
  )

  it.each([
    ["bytes=0-9,1000-1009", [0, 9, 1000, 1009]],
    ["bytes=-10,0-9", [0, 9, 9990, 9999]],
    ["bytes=5000-5999, 0-0, 9000-", [0, 0, 5000, 5999, 9000, 9999]],
    // Those that can't be given are left out.
    ["bytes=0-0,20000-,9999-", [0, 0, 9999, 9999]],
  ])("%s is multipart/byteranges of exactly those bytes", async (range, expected) => {
    const { ask } = await site()
    const { status, headers, body, isWhole } = await ask("/a.bin", { range })
    expect([status, isWhole, headers["content-range"]]).toEqual([206, true, undefined])
    const parts = parseByteranges(headers["content-type"], body)
    expect(parts.flatMap(({ start, last }) => [start, last])).toEqual(expected)
    for (const part of parts) {
      expect([part.contentType, part.size]).toEqual(["application/octet-stream", SIZE])
      expect(part.body.equals(BYTES.subarray(part.start, part.last + 1))).toBe(true)
    }
    expect(headers["etag"]).toBeDefined()
  })

  it("HEAD ignores Range, as only GET knows it", async () => {
    const { ask } = await site()
    const plain = await ask("/a.bin", {}, { method: "HEAD" })
    const head = await ask("/a.bin", { range: "bytes=0-0" }, { method: "HEAD" })
    expect([head.status, head.headers["content-length"]]).toEqual([200, String(SIZE)])
    expect(head.headers).toEqual({ ...plain.headers, date: head.headers["date"] })
  })

  it("If-Range lets the range count for the same version only", async () => {
    const { ask } = await site()
    const { headers } = await ask("/a.bin")
    const [etag, modified] = [headers["etag"]!, headers["last-modified"]!]
    const statusFor = async (ifRange: string) =>
      (await ask("/a.bin", { range: "bytes=1-2", "if-range": ifRange })).status
    expect(await statusFor(etag)).toBe(206)
    expect(await statusFor(modified)).toBe(206)
    for (const other of [
      `W/${etag}`,
      '"another"',
      `${etag}, "b"`,
      etag.slice(1, -1),
      "*",
      "",
      "\xff\xfe",
      "yesterday",
      new Date(Date.parse(modified) + 1000).toUTCString(),
      new Date(Date.parse(modified) - 1000).toUTCString(),
      modified.replace("GMT", "UTC"),
    ]) {
      expect([other, await statusFor(other)]).toEqual([other, 200])
    }
  })

  it("an unsatisfiable range with If-Range of another version gives that version, and not 416", async () => {
    const { ask } = await site()
    const { status, body } = await ask("/a.bin", { range: "bytes=20000-", "if-range": '"old"' })
    expect([status, body.byteLength]).toEqual([200, SIZE])
  })

  it("conditions come before ranges", async () => {
    const { ask } = await site()
    const { etag } = (await ask("/a.bin")).headers
    expect((await ask("/a.bin", { range: "bytes=0-0", "if-none-match": etag! })).status).toBe(304)
    expect((await ask("/a.bin", { range: "bytes=0-0", "if-match": '"b"' })).status).toBe(412)
    expect((await ask("/a.bin", { range: "bytes=20000-", "if-none-match": etag! })).status).toBe(304)
    expect((await ask("/a.bin", { range: "bytes=0-0", "if-match": etag! })).status).toBe(206)
  })

  it("of an empty file a range is unsatisfiable, and its last bytes are all of it", async () => {
    const { ask } = await site()
    const plain = await ask("/empty.bin")
    expect([plain.status, plain.headers["content-length"], plain.isWhole]).toEqual([200, "0", true])
    const first = await ask("/empty.bin", { range: "bytes=0-0" })
    expect([first.status, first.headers["content-range"]]).toEqual([416, "bytes */0"])
    const last = await ask("/empty.bin", { range: "bytes=-5" })
    expect([last.status, last.headers["content-length"]]).toEqual([200, "0"])
    expect((await ask("/empty.bin", { range: "bytes=0-" })).status).toBe(416)
  })

  it("reaches beyond 4 GiB", async () => {
    const root = await temporaryFolder()
    const size = 5 * 1024 ** 3
    const file = await open(join(root, "large.iso"), "w")
    await file.truncate(size)
    await file.write(Buffer.from("at the end"), 0, 10, size - 10)
    await file.write(Buffer.from("in the middle"), 0, 13, 4 * 1024 ** 3 + 7)
    await file.close()
    const { ask } = await serve(handler, new LocalStorage(root))
    const head = await ask("/large.iso", {}, { method: "HEAD" })
    expect(head.headers["content-length"]).toBe(String(size))
    const end = await ask("/large.iso", { range: "bytes=-10" })
    expect([end.headers["content-range"], end.body.toString()]).toEqual([
      `bytes ${size - 10}-${size - 1}/${size}`,
      "at the end",
    ])
    const middle = await ask("/large.iso", { range: "bytes=4294967303-4294967315,0-1" })
    const [, part] = parseByteranges(middle.headers["content-type"], middle.body)
    expect([part!.start, part!.body.toString(), part!.size]).toEqual([4_294_967_303, "in the middle", size])
  })
})
