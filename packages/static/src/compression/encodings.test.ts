import { execFile } from "node:child_process"
import { promisify } from "node:util"
import zlib from "node:zlib"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { Encoding } from "../manifest.ts"
import { StaticError } from "../static-error.ts"
import { SIBLING_ENDINGS } from "../publishing/sibling-names.ts"
import { checkEncodings, type Codec, CODECS, codecsOf, LARGE_FILE } from "./encodings.ts"

const run = promisify(execFile)
const ALL = Object.entries(CODECS) as [Encoding, Codec][]
const SENTENCE = "The quick brown fox jumps over the lazy dog. "
const { zstdCompress: _compress, zstdDecompress: _decompress, ...WITHOUT_ZSTD } = zlib

function failureOf(action: () => unknown): StaticError {
  try {
    action()
  } catch (error) {
    if (error instanceof StaticError) return error
    throw error
  }
  throw new Error("expected a StaticError")
}

describe.each(ALL)("%s", (encoding, codec) => {
  test("gives any bytes back", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), fc.boolean(), async (bytes, text) => {
        const compressed = await codec.compress(bytes, codec.settings(bytes.byteLength, text))
        expect(Buffer.from(bytes).equals(await codec.decompress(compressed))).toBe(true)
      }),
      { numRuns: 30 },
    )
  })

  test("gives back what is larger than its chunks of output", async () => {
    // Digits of a sequence without repetition: some half of it remains, in several chunks.
    const bytes = Buffer.from(Array.from({ length: 20_000 }, (_, index) => (index * 2654435761) >>> 0).join(","))
    const compressed = await codec.compress(bytes, codec.settings(bytes.byteLength, true))
    expect(compressed.byteLength).toBeGreaterThan(bytes.byteLength / 4)
    expect(bytes.equals(await codec.decompress(compressed))).toBe(true)
  })

  test("makes something smaller of text", async () => {
    const bytes = Buffer.from(SENTENCE.repeat(100))
    const compressed = await codec.compress(bytes, codec.settings(bytes.byteLength, true))
    expect(compressed.byteLength).toBeLessThan(bytes.byteLength / 20)
  })

  test("uses its best level up to the limit, and never a better one above", () => {
    const [small, large] = [codec.settings(LARGE_FILE, false), codec.settings(LARGE_FILE + 1, false)]
    expect(small.level).toBe({ br: 11, gzip: 9, zstd: 19 }[encoding])
    expect(large.level).toBe({ br: 9, gzip: 9, zstd: 12 }[encoding])
  })

  test("works with the settings of large files", async () => {
    const bytes = Buffer.from(SENTENCE.repeat(100))
    const compressed = await codec.compress(bytes, codec.settings(LARGE_FILE + 1, true))
    expect(bytes.equals(await codec.decompress(compressed))).toBe(true)
  })

  test("makes the same bytes in this process, and in another", async () => {
    const bytes = Buffer.from(SENTENCE.repeat(50))
    const settings = codec.settings(bytes.byteLength, true)
    const [first, second] = [await codec.compress(bytes, settings), await codec.compress(bytes, settings)]
    const code = `
      const { CODECS } = await import(${JSON.stringify(new URL("encodings.ts", import.meta.url).href)})
      const bytes = Buffer.from(${JSON.stringify(SENTENCE)}.repeat(50))
      const codec = CODECS[${JSON.stringify(encoding)}]
      console.log(Buffer.from(await codec.compress(bytes, codec.settings(bytes.byteLength, true))).toString("hex"))`
    const flags = ["--conditions=node-storages-source", "--experimental-strip-types", "--no-warnings"]
    const { stdout } = await run(process.execPath, [...flags, "--input-type=module", "--eval", code])
    expect(Buffer.from(second).equals(first)).toBe(true)
    expect(stdout.trim()).toBe(Buffer.from(first).toString("hex"))
  })

  test("has the ending that web servers look for", () => {
    expect(codec.ending).toBe({ br: ".br", gzip: ".gz", zstd: ".zst" }[encoding])
    expect(SIBLING_ENDINGS[encoding]).toBe(codec.ending)
  })
})

describe("gzip", () => {
  test("has no time in its header, and no operating system", async () => {
    const header = (await CODECS.gzip!.compress(Buffer.from(SENTENCE), { level: 9 })).subarray(0, 10)
    expect([...header]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255])
  })
})

describe.runIf(CODECS.zstd)("zstd", () => {
  test("asks of no client for more than a window of 8 MiB", async () => {
    const bytes = Buffer.alloc(9 * 1024 * 1024, SENTENCE)
    const frame = await CODECS.zstd!.compress(bytes, CODECS.zstd!.settings(LARGE_FILE, true))
    // RFC 8878, 3.1.1.1: byte 4 describes the frame; without "single segment", byte 5 is the window.
    expect(frame[4]! & 0x20).toBe(0)
    const exponent = frame[5]! >> 3
    const window = 2 ** (10 + exponent) * (1 + (frame[5]! & 7) / 8)
    expect(window).toBeLessThanOrEqual(8 * 1024 * 1024)
  })
})

describe("brotli's window", () => {
  test("is the largest only where the file is larger than the usual one", () => {
    expect(CODECS.br!.settings(4 * 1024 * 1024, true)).toEqual({ level: 11, window: 22, text: true })
    expect(CODECS.br!.settings(4 * 1024 * 1024 + 1, false)).toEqual({ level: 11, window: 24, text: false })
  })
})

describe("encodings that are asked for", () => {
  test("are all that there are by default, and each once", () => {
    expect(checkEncodings(undefined, codecsOf(zlib))).toEqual(Object.keys(CODECS))
    expect(checkEncodings(["gzip", "br", "gzip"])).toEqual(["gzip", "br"])
    expect(checkEncodings([])).toEqual([])
  })

  test("do not have zstd where Node has none: by default it is left out, and asked for it is refused", () => {
    const codecs = codecsOf(WITHOUT_ZSTD)
    expect(checkEncodings(undefined, codecs)).toEqual(["br", "gzip"])
    const { code, message } = failureOf(() => checkEncodings(["br", "zstd"], codecs))
    expect(code).toBe("invalid-option")
    expect(message).toMatch(/22\.15/)
  })

  test.each([
    [["gzp"], /Did you mean "gzip"\?/],
    [["deflate-raw"], /Known are: br, gzip/],
    [["toString"], /is no encoding/],
    [[7], /is no encoding/],
    ["br", /must be a list/],
  ])("are refused: %j", (encodings, message) => {
    const failure = failureOf(() => checkEncodings(encodings as Encoding[]))
    expect(failure.code).toBe("invalid-option")
    expect(failure.message).toMatch(message)
  })
})
