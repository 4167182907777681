import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { negotiateEncoding } from "./negotiate-encoding.ts"

const AVAILABLE = ["br", "zstd", "gzip"]

describe("negotiateEncoding", () => {
  it.each<[header: string | undefined, coding: string | undefined]>([
    [undefined, undefined],
    ["", undefined],
    ["gzip, deflate, br, zstd", "br"],
    ["gzip", "gzip"],
    ["GZIP", "gzip"],
    ["x-gzip", "gzip"],
    ["deflate", undefined],
    ["*", "br"],
    ["compress, gzip", "gzip"],
    ["compress;q=0.5, gzip;q=1.0", "gzip"],
    ["gzip;q=1.0, identity; q=0.5, *;q=0", "gzip"],
    ["br;q=0.5, gzip;q=0.8", "gzip"],
    ["br;q=0.8, gzip;q=0.8", "br"],
    ["br;q=0, gzip", "gzip"],
    ["br;q=0, *", "zstd"],
    ["*;q=0", undefined],
    ["*;q=0.5, br;q=0.1", "zstd"],
    ["identity", undefined],
    ["identity, gzip", "gzip"],
    ["identity;q=1, gzip;q=0.5", undefined],
    ["identity;q=0.5, gzip;q=0.5", "gzip"],
    ["identity;q=0", undefined],
    ["identity;q=0, gzip;q=0.1", "gzip"],
    ["gzip;q=0.000", undefined],
    ["gzip;q=0.001", "gzip"],
    ["gzip ; q = 0.5", "gzip"],
    ["gzip;Q=0", undefined],
    // What is not understood is not there.
    ["gzip;q=2", undefined],
    ["gzip;q=-1", undefined],
    ["gzip;q=0.1234", undefined],
    ["gzip;level=9", undefined],
    ["br;q=x, gzip", "gzip"],
    [",, ,gzip,", "gzip"],
    ["gz ip", undefined],
    ["constructor, __proto__", undefined],
  ])("answers %j with %j", (header, coding) => {
    expect(negotiateEncoding(header, AVAILABLE)).toBe(coding)
  })

  it("encodes nothing where nothing is available", () => {
    expect(negotiateEncoding("gzip, *", [])).toBeUndefined()
  })

  const element = fc
    .tuple(fc.constantFrom("br", "gzip", "zstd", "deflate", "identity", "*"), fc.nat(1000))
    .map(([coding, quality]) => ({ coding, quality: quality / 1000 }))

  it("never sends what is refused, nor what is wanted less than another", () => {
    fc.assert(
      fc.property(fc.uniqueArray(element, { selector: ({ coding }) => coding }), (wanted) => {
        const header = wanted.map(({ coding, quality }) => `${coding};q=${quality.toFixed(3)}`).join(", ")
        const of = (coding: string) => wanted.find((each) => each.coding === coding)?.quality
        const qualityOf = (coding: string) => of(coding) ?? of("*") ?? 0
        const chosen = negotiateEncoding(header, AVAILABLE)
        if (chosen === undefined) {
          const identity = of("identity") ?? 0
          for (const coding of AVAILABLE) expect(qualityOf(coding)).toBeLessThanOrEqual(identity)
          return
        }
        expect(qualityOf(chosen)).toBeGreaterThan(0)
        for (const coding of AVAILABLE) expect(qualityOf(coding)).toBeLessThanOrEqual(qualityOf(chosen))
      }),
    )
  })

  it("never throws, whatever the header", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (header) => {
        const chosen = negotiateEncoding(header, AVAILABLE)
        expect([undefined, ...AVAILABLE]).toContain(chosen)
      }),
    )
  })
})
