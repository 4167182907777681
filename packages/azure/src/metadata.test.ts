import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { fromAzureMetadata, toAzureMetadata } from "./metadata.ts"

describe("names of metadata", () => {
  it.each([
    ["owner", "owner"],
    ["owner-id", "owner_x002d_id"],
    ["1st", "_x0031_st"],
    ["a.b", "a_x002e_b"],
    ["_x002d_", "_x005f_x002d_"],
    ["_x002d-", "_x005f_x002d_x002d_"],
    ["a_b", "a_b"],
  ])("%s is stored as %s", (name, stored) => {
    expect(Object.keys(toAzureMetadata({ [name]: "x" }))).toEqual([stored])
    expect(fromAzureMetadata({ [stored]: "x" })).toEqual({ [name]: "x" })
  })

  it("of any kind are C# identifiers in ASCII, and come back, with any value", () => {
    const token = fc.stringMatching(/^[a-z0-9!#$&'*+.^_`|~-]{1,12}$/)
    const nasty = fc.stringMatching(/^(_|x|0|2|d|-|_x002d_|x002d){1,8}$/)
    fc.assert(
      fc.property(fc.oneof(token, nasty), fc.string(), (name, value) => {
        const stored = toAzureMetadata({ [name]: value })
        expect(Object.keys(stored)[0]).toMatch(/^[A-Za-z_][A-Za-z0-9_]*$/)
        expect(fromAzureMetadata(stored)).toEqual({ [name]: value })
      }),
      { numRuns: 2000 },
    )
  })

  it("that differ are stored under names that differ", () => {
    const token = fc.stringMatching(/^[a-z0-9_x.-]{1,9}$/)
    fc.assert(
      fc.property(fc.uniqueArray(token, { minLength: 2, maxLength: 6 }), (names) => {
        const stored = Object.keys(toAzureMetadata(Object.fromEntries(names.map((name) => [name, "x"]))))
        expect(stored).toHaveLength(names.length)
      }),
    )
  })

  it("are read back whatever the case of the escape", () => {
    expect(fromAzureMetadata({ owner_X002D_id: "7" })).toEqual({ "owner-id": "7" })
  })
})
