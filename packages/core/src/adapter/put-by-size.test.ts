import { gunzipSync } from "node:zlib"
import { describe, expect, test } from "vitest"
import type { PutBody, PutOptions } from "../driver.ts"
import { type PutBySize, putBySize } from "./put-by-size.ts"

const CSS: PutOptions = { contentType: "text/css; charset=utf-8" }

function bodyOf(text: string, { inMemory = false, replayable = false } = {}): PutBody & { ended: () => boolean } {
  const bytes = Buffer.from(text)
  let ended = false
  return {
    size: bytes.byteLength,
    replayable,
    bytes: inMemory ? bytes : undefined,
    async *stream() {
      try {
        for (let start = 0; start < bytes.byteLength; start += 3) yield bytes.subarray(start, start + 3)
      } finally {
        ended = true
      }
    },
    ended: () => ended,
  }
}

/** Answers with how the body was stored, as the name. */
function recorded(settings: Partial<PutBySize> = {}) {
  const stored: { how: string; bytes: Buffer; options: PutOptions; size: number | undefined }[] = []
  const info = { name: "x", size: 0, modified: new Date() }
  const put: PutBySize = {
    compressedTypes: new Set(),
    limit: 10,
    async whole(bytes, options) {
      stored.push({ how: "whole", bytes: Buffer.from(bytes), options, size: bytes.byteLength })
      return info
    },
    async long({ stream, size }, options) {
      stored.push({ how: "long", bytes: Buffer.concat(await Array.fromAsync(stream)), options, size })
      return info
    },
    ...settings,
  }
  return { stored, put }
}

describe("a body", () => {
  test.each([
    ["", "whole"],
    ["0123456789", "whole"],
    ["0123456789x", "long"],
  ])("of %j is stored %s, from memory and from a stream", async (text, how) => {
    const { stored, put } = recorded()
    await putBySize(bodyOf(text), CSS, put)
    await putBySize(bodyOf(text, { inMemory: true }), CSS, put)
    expect(stored.map((each) => [each.how, String(each.bytes)])).toEqual([
      [how, text],
      [how, text],
    ])
  })

  test("in memory may be larger than a stream that is stored in one piece", async () => {
    const { stored, put } = recorded({ limitInMemory: Infinity })
    await putBySize(bodyOf("0123456789x", { inMemory: true }), CSS, put)
    await putBySize(bodyOf("0123456789x"), CSS, put)
    expect(stored.map(({ how }) => how)).toEqual(["whole", "long"])
  })

  test("of a type to be compressed is, unless it is encoded already; its size is then not known before", async () => {
    const text = Array.from({ length: 100 }, (_, index) => `.a${index} { color: red }`).join("")
    const { stored, put } = recorded({ compressedTypes: new Set(["text/css"]) })
    await putBySize(bodyOf(text), CSS, put)
    await putBySize(bodyOf(text), { ...CSS, contentEncoding: "br" }, put)
    expect(stored[0]).toMatchObject({ how: "long", size: undefined, options: { contentEncoding: "gzip" } })
    expect(String(gunzipSync(stored[0]!.bytes))).toBe(text)
    expect(stored[1]).toMatchObject({ size: text.length, options: { contentEncoding: "br" } })
    expect(String(stored[1]!.bytes)).toBe(text)
  })

  test("that is not stored is ended", async () => {
    const body = bodyOf("0123456789x and more")
    const { put } = recorded({ long: () => Promise.reject(new Error("refused")) })
    await expect(putBySize(body, CSS, put)).rejects.toThrow("refused")
    expect(body.ended()).toBe(true)
  })
})
