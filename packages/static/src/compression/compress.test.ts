import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import type { Encoding } from "../manifest.ts"
import { CompressionCache } from "./cache.ts"
import { compress, type EncodingEvent, MINIMUM_SIZE, worthwhile } from "./compress.ts"
import { type Codec, CODECS } from "./encodings.ts"

const ENCODINGS = Object.keys(CODECS) as Encoding[]
const TEXT = Buffer.from("body { color: rebeccapurple } ".repeat(100))
const CSS = { contentType: "text/css; charset=utf-8" }

/** A codec that gives what it is told, and counts. */
function countingCodec(result: (bytes: Uint8Array) => Uint8Array, change: Partial<Codec> = {}) {
  const counter = { calls: 0 }
  const codec: Codec = {
    ...CODECS.gzip!,
    compress: async (bytes) => {
      counter.calls++
      return result(bytes)
    },
    ...change,
  }
  return { counter, codecs: { gzip: codec } }
}

describe("compress()", () => {
  test("gives every encoding that was asked for, and each gives the bytes back", async () => {
    const compressed = await compress(TEXT, ENCODINGS, CSS)
    expect(Object.keys(compressed)).toEqual(ENCODINGS)
    for (const encoding of ENCODINGS) {
      expect(TEXT.equals(await CODECS[encoding]!.decompress(compressed[encoding]!))).toBe(true)
    }
    expect(Object.keys(await compress(TEXT, ["gzip"], CSS))).toEqual(["gzip"])
    expect(await compress(TEXT, [], CSS)).toEqual({})
  })

  test("keeps of any bytes only what gives them back and saves something", async () => {
    const input = fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 900 }), fc.integer({ min: 1, max: 4 }))
    await fc.assert(
      fc.asyncProperty(input, async ([part, times]) => {
        const bytes = Buffer.concat([Buffer.alloc(700), ...Array.from({ length: times }, () => part)])
        for (const [encoding, kept] of Object.entries(await compress(bytes, ENCODINGS, CSS))) {
          expect(kept.byteLength).toBeLessThanOrEqual(bytes.byteLength * 0.95)
          expect(bytes.equals(await CODECS[encoding as Encoding]!.decompress(kept))).toBe(true)
        }
      }),
      { numRuns: 15 },
    )
  })

  test("keeps 95 % of the original, and not a byte more", async () => {
    const bytes = Buffer.alloc(2000)
    for (const [size, kept] of [
      [1899, true],
      [1900, true],
      [1901, false],
      [2000, false],
      [2100, false],
    ] as const) {
      const { codecs } = countingCodec(() => new Uint8Array(size))
      expect("gzip" in (await compress(bytes, ["gzip"], { ...CSS, codecs })), `${size} bytes`).toBe(kept)
    }
    expect(worthwhile(new Uint8Array(1426), 1501)).toBe("not-worthwhile")
  })

  test("does not even try files that fit into a packet, nor types that are compressed already", async () => {
    const { counter, codecs } = countingCodec(() => new Uint8Array(1))
    expect(await compress(TEXT.subarray(0, MINIMUM_SIZE - 1), ["gzip"], { ...CSS, codecs })).toEqual({})
    for (const contentType of ["image/png", "font/woff2", "application/zip", undefined]) {
      expect(await compress(TEXT, ["gzip"], { contentType, codecs })).toEqual({})
    }
    expect(counter.calls).toBe(0)
    expect(await compress(TEXT.subarray(0, MINIMUM_SIZE), ["gzip"], { ...CSS, codecs })).toHaveProperty("gzip")
    expect(counter.calls).toBe(1)
  })

  test("refuses an unknown encoding, also for a file that it would leave alone", async () => {
    const refused = compress(TEXT, ["lzma" as Encoding], { contentType: "image/png" })
    await expect(refused).rejects.toMatchObject({ code: "invalid-option" })
  })

  test("fails with an encoder that fails, after the others have ended", async () => {
    const ended: string[] = []
    const codecs = {
      br: { ...CODECS.br!, compress: () => Promise.reject(new Error("boom")) },
      gzip: CODECS.gzip!,
    }
    const failing = compress(TEXT, ["br", "gzip"], { ...CSS, codecs, onEncoding: (e) => ended.push(e.encoding) })
    await expect(failing).rejects.toThrow("boom")
    expect(ended).toEqual(["gzip"])
  })

  test("ends with its signal", async () => {
    const aborted = compress(TEXT, ENCODINGS, { ...CSS, signal: AbortSignal.abort() })
    await expect(aborted).rejects.toMatchObject({ code: "aborted" })
  })
})

describe("compress() with a cache", () => {
  let folder: string
  let warnings: string[]
  let cache: CompressionCache
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "node-storages-compress-"))
    warnings = []
    cache = new CompressionCache(folder, { onWarning: (message) => void warnings.push(message) })
  })
  afterEach(() => rm(folder, { recursive: true }))

  const entries = async () =>
    (await readdir(folder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))

  test("compresses the same bytes once", async () => {
    const { counter, codecs } = countingCodec(() => Buffer.from("small"))
    const events: EncodingEvent[] = []
    const options = { ...CSS, cache, codecs, onEncoding: (event: EncodingEvent) => void events.push(event) }
    const first = await compress(TEXT, ["gzip"], options)
    const second = await compress(Buffer.from(TEXT), ["gzip"], options)
    expect([counter.calls, second]).toEqual([1, first])
    expect(events).toMatchObject([
      { encoding: "gzip", cached: false, size: 5 },
      { encoding: "gzip", cached: true, size: 5, milliseconds: 0 },
    ])
  })

  test("remembers that something was not worth it", async () => {
    const { counter, codecs } = countingCodec((bytes) => bytes)
    const events: EncodingEvent[] = []
    const options = { ...CSS, cache, codecs, onEncoding: (event: EncodingEvent) => void events.push(event) }
    for (const _ of [1, 2]) expect(await compress(TEXT, ["gzip"], options)).toEqual({})
    expect(counter.calls).toBe(1)
    expect(events.map(({ cached, size }) => [cached, size])).toEqual([
      [false, undefined],
      [true, undefined],
    ])
  })

  test("compresses anew what differs in content, settings, or the library's version", async () => {
    let calls = 0
    const run = async (bytes: Uint8Array, change: Partial<Codec>) => {
      const { counter, codecs } = countingCodec(() => Buffer.from("small"), change)
      await compress(bytes, ["gzip"], { ...CSS, cache, codecs })
      calls += counter.calls
    }
    await run(TEXT, {})
    await run(Buffer.from(TEXT).fill(0, 0, 1), {})
    await run(TEXT, { settings: () => ({ level: 8 }) })
    await run(TEXT, { library: "zlib 0.1" })
    expect(calls).toBe(4)
    await run(TEXT, {})
    expect(calls).toBe(4)
  })

  test("compresses anew for other encodings, in whatever order they are asked for", async () => {
    const { counter, codecs } = countingCodec(() => Buffer.from("small"))
    const both = { ...codecs, br: { ...codecs.gzip, encoding: "br" as const } }
    for (const encodings of [["gzip"], ["br"], ["br", "gzip"], ["gzip", "br"]] as const) {
      const compressed = await compress(TEXT, encodings, { ...CSS, cache, codecs: both })
      expect(Object.keys(compressed)).toEqual(
        ["br", "gzip"].filter((encoding) => encodings.includes(encoding as never)),
      )
    }
    expect(counter.calls).toBe(4)
  })

  test("takes a digest that is known already", async () => {
    const { counter, codecs } = countingCodec(() => Buffer.from("small"))
    for (const digest of ["a", "a", "b"]) await compress(TEXT, ["gzip"], { ...CSS, cache, codecs, digest })
    expect(counter.calls).toBe(2)
  })

  test("makes damaged entries anew", async () => {
    const first = await compress(TEXT, ENCODINGS, { ...CSS, cache })
    const paths = await entries()
    expect(paths).toHaveLength(1)
    for (const path of paths) await writeFile(path, "garbage")
    const events: EncodingEvent[] = []
    const options = { ...CSS, cache, onEncoding: (event: EncodingEvent) => void events.push(event) }
    for (const cached of [false, true]) {
      const again = await compress(TEXT, ENCODINGS, options)
      for (const encoding of ENCODINGS) expect(Buffer.from(first[encoding]!).equals(again[encoding]!)).toBe(true)
      expect(events.splice(0).map((event) => event.cached)).toEqual(ENCODINGS.map(() => cached))
    }
    expect(warnings).toHaveLength(1)
  })

  test("does its work with a cache that can't be written", async () => {
    await writeFile(join(folder, "file"), "")
    const broken = new CompressionCache(join(folder, "file"))
    expect(Object.keys(await compress(TEXT, ENCODINGS, { ...CSS, cache: broken }))).toEqual(ENCODINGS)
  })
})
