import { mimes } from "mrmime"
import { describe, expect, test } from "vitest"
import { mediaTypes } from "./media-types.ts"

describe("the media types", () => {
  test("are those of mrmime, and of vendors that it does not know", () => {
    const ofVendors = new Map(mediaTypes())
    for (const [extension, type] of Object.entries(mimes)) {
      expect([extension, ofVendors.get(extension)]).toEqual([extension, type])
      ofVendors.delete(extension)
    }
    expect(ofVendors.size).toBeGreaterThan(20)
  })

  test("are written as extensions and types are", () => {
    for (const [extension, type] of mediaTypes()) {
      expect(extension).toMatch(/^[\da-z-]+$/)
      expect(type).toMatch(/^[a-z]+\/[\da-z.+-]+$/)
    }
  })
})
