import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { parseRange, plainRange, type RangeOutcome } from "./range.ts"

const ALL: RangeOutcome = { kind: "all" }
const NONE: RangeOutcome = { kind: "unsatisfiable" }
const parts = (...ranges: (readonly [start: number, end: number])[]): RangeOutcome => ({
  kind: "parts",
  ranges: ranges.map(([start, end]) => ({ start, end })),
})

describe("parseRange", () => {
  // The representation has 10,000 bytes, as in the examples of RFC 9110, 14.1.2.
  it.each<[header: string | undefined, outcome: RangeOutcome]>([
    [undefined, ALL],
    ["bytes=0-499", parts([0, 500])],
    ["bytes=500-999", parts([500, 1000])],
    ["bytes=-500", parts([9500, 10_000])],
    ["bytes=9500-", parts([9500, 10_000])],
    ["bytes=0-0,-1", parts([0, 1], [9999, 10_000])],
    ["bytes= 0-999, 4500-5499, -1000", parts([0, 1000], [4500, 5500], [9000, 10_000])],
    ["bytes=500-600,601-999", parts([500, 1000])],
    ["bytes=500-700,601-999", parts([500, 1000])],
    ["bytes=9000-20000", parts([9000, 10_000])],
    ["bytes=0-0", parts([0, 1])],
    ["bytes=-1", parts([9999, 10_000])],
    ["bytes=0-", parts([0, 10_000])],
    ["bytes=-20000", parts([0, 10_000])],
    ["BYTES=0-1", parts([0, 2])],
    ["bytes=,, 1-2 ,\t", parts([1, 3])],
    ["bytes=00-01", parts([0, 2])],
    ["bytes=0-99999999999999999999999", parts([0, 10_000])],
    // Joined in the order of the bytes, also with what lies between them where that costs less.
    ["bytes=900-999,0-99", parts([0, 100], [900, 1000])],
    ["bytes=0-99,150-199", parts([0, 200])],
    ["bytes=20000-,0-1", parts([0, 2])],
    ["bytes=0-5000,5001-", ALL],
    // Not to be had.
    ["bytes=10000-", NONE],
    ["bytes=10000-10001", NONE],
    ["bytes=-0", NONE],
    ["bytes=20000-,-0", NONE],
    ["bytes=99999999999999999999-", NONE],
    // Not understood.
    ["bytes=5-2", ALL],
    ["bytes=0-1,5-2", ALL],
    ["bytes=99999999999999999999-99999999999999999998", ALL],
    ["bytes=", ALL],
    ["bytes=,", ALL],
    ["bytes=-", ALL],
    ["bytes=1", ALL],
    ["bytes=a-b", ALL],
    ["bytes=1-2-3", ALL],
    ["bytes=0x1-2", ALL],
    ["bytes=1.5-2", ALL],
    ["bytes=+1-2", ALL],
    ["bytes=- 1", ALL],
    ["bytes 0-1", ALL],
    ["bytes", ALL],
    ["", ALL],
    ["items=0-1", ALL],
    ["bytes =0-1", ALL],
    [`bytes=${"0-1,".repeat(10_000)}`, ALL],
  ])("answers %j", (header, outcome) => {
    expect(parseRange(header, 10_000)).toEqual(outcome)
  })

  it.each<[header: string, outcome: RangeOutcome]>([
    ["bytes=0-0", NONE],
    ["bytes=0-", NONE],
    ["bytes=-1", ALL],
    ["bytes=-0", NONE],
  ])("answers %j for an empty representation", (header, outcome) => {
    expect(parseRange(header, 0)).toEqual(outcome)
  })

  const specifier = fc.oneof(
    fc.tuple(fc.nat(300), fc.nat(300)).map(([first, more]) => `${first}-${first + more}`),
    fc.nat(300).map((first) => `${first}-`),
    fc.nat(300).map((length) => `-${length}`),
  )

  it("gives ranges that are within, apart, in order, and hold every byte that was asked for", () => {
    fc.assert(
      fc.property(fc.array(specifier, { minLength: 1, maxLength: 8 }), fc.nat(200), (specifiers, size) => {
        const asked = new Set<number>()
        for (const text of specifiers) {
          const [first, last] = text.split("-") as [string, string]
          for (let byte = 0; byte < size; byte++) {
            if (
              first === ""
                ? byte >= size - Number(last)
                : byte >= Number(first) && (last === "" || byte <= Number(last))
            )
              asked.add(byte)
          }
        }
        const outcome = parseRange(`bytes=${specifiers.join(",")}`, size)
        if (outcome.kind === "unsatisfiable") expect(asked.size).toBe(0)
        if (outcome.kind !== "parts") return
        let end = -1
        for (const range of outcome.ranges) {
          expect(range.start).toBeGreaterThan(end)
          expect(range.end).toBeGreaterThan(range.start)
          end = range.end
        }
        expect(end).toBeLessThanOrEqual(size)
        const isIn = (byte: number) => outcome.ranges.some((range) => range.start <= byte && byte < range.end)
        expect([...asked].every(isIn)).toBe(true)
      }),
    )
  })

  it("never throws, whatever the header", () => {
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^bytes=[-0-9, a-z=]*$/))
    fc.assert(
      fc.property(text, fc.nat(), (header, size) => {
        expect(parseRange(header, size)).toHaveProperty("kind")
      }),
    )
  })

  it("knows no other white space than HTTP has", () => {
    expect(parseRange("\t bytes=0-1", 10).kind).toBe("parts")
    for (const header of ["\u00a0bytes=0-1", "bytes=0-1\u00a0", "bytes=\u000b0-1", "bytes\u00a0=0-1"]) {
      expect([header, parseRange(header, 10)]).toEqual([header, { kind: "all" }])
    }
  })

  it.each([`0-1${" ".repeat(500_000)}x`, `0-1${"\t ".repeat(250_000)},5-6`, ",".repeat(500_000), "9".repeat(500_000)])(
    "takes no time for half a megabyte (%.8s)",
    (set) => {
      const before = process.cpuUsage()
      parseRange(`bytes=${set}`, 1000)
      // In microseconds of work, which do not grow with the work of others.
      expect(process.cpuUsage(before).user).toBeLessThan(500_000)
    },
  )
})

describe("plainRange", () => {
  it("is the range that parseRange gives, of any size that has it", () => {
    const number = fc.oneof(fc.integer({ min: 0, max: 30 }), fc.maxSafeInteger().map(Math.abs))
    fc.assert(
      fc.property(number, fc.option(number), fc.integer({ min: 0, max: 40 }), (first, last, size) => {
        const header = `bytes=${first}-${last ?? ""}`
        const asked = plainRange(header)
        const outcome = parseRange(header, size)
        if (outcome.kind !== "parts" || asked === undefined) return
        const { start, end = Infinity } = asked
        expect(outcome.ranges).toEqual([{ start, end: Math.min(end, size) }])
      }),
    )
  })

  it.each(["bytes=-5", "bytes=5-2", "bytes=0-1,3-4", "bytes=", "items=0-1", `bytes=${"9".repeat(16)}-`, undefined])(
    "is none of %j",
    (header) => {
      expect(plainRange(header)).toBeUndefined()
    },
  )
})
