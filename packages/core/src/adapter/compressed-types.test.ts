import { describe, expect, test } from "vitest"
import { compressedTypes, compresses } from "./compressed-types.ts"

describe("the option gzip", () => {
  test("true means text that the web is made of; false means nothing; a list means itself", () => {
    expect(compressedTypes(true).has("text/css")).toBe(true)
    expect(compressedTypes(true).has("image/svg+xml")).toBe(true)
    expect(compressedTypes(true).has("image/png")).toBe(false)
    expect(compressedTypes(false).size).toBe(0)
    expect([...compressedTypes(["text/plain"])]).toEqual(["text/plain"])
  })

  test.each([
    [{ contentType: "text/css" }, true],
    [{ contentType: "Text/CSS; charset=utf-8" }, true],
    [{ contentType: "text/css ;charset=utf-8" }, true],
    [{ contentType: "text/css", contentEncoding: "br" }, false],
    [{ contentType: "text/css", contentEncoding: "gzip" }, false],
    [{ contentType: "image/png" }, false],
    [{ contentType: "" }, false],
  ])("of %o: %o", (headers, compressed) => {
    expect(compresses(compressedTypes(true), headers)).toBe(compressed)
  })
})
