import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { decodeMetadata, encodeHeaderText, encodeMetadata, looksEncoded } from "./header-text.ts"

describe("metadata in headers", () => {
  test("is decoded to what was encoded, whatever it holds, and travels as printable ASCII without spaces at its ends", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom("a", "b-c", "d_e"), fc.string({ unit: "grapheme" })), (metadata) => {
        const encoded = encodeMetadata(metadata)
        for (const value of Object.values(encoded)) expect(value).toMatch(/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/)
        expect(decodeMetadata(encoded)).toEqual({ ...metadata })
      }),
    )
  })

  test("that is printable ASCII is left as it is", () => {
    const metadata = { a: "x", b: 'a=b; c, d  e "quoted" 100%' }
    expect(encodeMetadata(metadata)).toEqual(metadata)
  })

  test.each(["", " ", " padded ", "Zoë", "日本語", "🎉", "=?UTF-8?B?eA==?="])("%o is encoded", (value) => {
    const { a } = encodeMetadata({ a: value })
    expect(a).toBe(encodeHeaderText(value))
    expect(looksEncoded(a!)).toBe(true)
    expect(decodeMetadata({ a: a! })).toEqual({ a: value })
  })

  test("of other tools that looks like an encoded word in another charset is left as it is", () => {
    for (const value of ["=?ISO-8859-1?Q?Zo=EB?=", "a =?UTF-8?B?eA==?=", "=?UTF-8?B?e$==?="]) {
      expect(looksEncoded(value)).toBe(false)
      expect(decodeMetadata({ a: value })).toEqual({ a: value })
    }
  })
})
