import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { formatHttpDate, parseHttpDate } from "./http-date.ts"

const NOW = new Date("2026-11-21T00:00:00Z")

describe("HTTP dates", () => {
  // The three forms of RFC 9110, 5.6.7.
  it.each([
    ["Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37.000Z"],
    ["Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37.000Z"],
    ["Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37.000Z"],
    ["Mon Nov 16 08:49:37 2026", "2026-11-16T08:49:37.000Z"],
    ["Thursday, 01-Jan-76 00:00:00 GMT", "2076-01-01T00:00:00.000Z"],
    ["Thursday, 01-Jan-77 00:00:00 GMT", "1977-01-01T00:00:00.000Z"],
    ["Sat, 29 Feb 2020 00:00:00 GMT", "2020-02-29T00:00:00.000Z"],
    ["Sat, 31 Dec 2016 23:59:60 GMT", "2016-12-31T23:59:59.000Z"],
    ["Mon, 01 Jan 0050 00:00:00 GMT", "0050-01-01T00:00:00.000Z"],
  ])("%s is %s", (text, iso) => {
    expect(new Date(parseHttpDate(text, NOW)!).toISOString()).toBe(iso)
  })

  it.each([
    "",
    "0",
    "1994-11-06T08:49:37Z",
    "Sun, 6 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37",
    "Sun, 06 Nov 1994 08:49:37 UTC",
    "Sun, 06 Nov 1994 08:49:37 +0000",
    "Sun, 06 nov 1994 08:49:37 GMT",
    "Sun, 31 Feb 1994 08:49:37 GMT",
    "Sun, 00 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 24:00:00 GMT",
    "Sun, 06 Nov 1994 08:60:37 GMT",
    "Sun, 06 Nov 1994 08:49:61 GMT",
    " Sun, 06 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37 GMT\n",
  ])("%j is none", (text) => {
    expect(parseHttpDate(text, NOW)).toBeUndefined()
  })

  it("are read as they were written, to the second", () => {
    const seconds = fc.integer({ min: -62_135_596_800, max: 253_402_300_799 })
    fc.assert(
      fc.property(seconds, (second) => {
        expect(parseHttpDate(formatHttpDate(new Date(second * 1000)))).toBe(second * 1000)
      }),
    )
  })
})
