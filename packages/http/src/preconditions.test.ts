import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { formatHttpDate } from "./http-date.ts"
import {
  evaluatePreconditions,
  matchesIfRange,
  type PreconditionOutcome,
  type RequestHeaders,
} from "./preconditions.ts"

const MODIFIED = new Date("2026-11-21T10:00:00.700Z")
const SAME = "Sat, 21 Nov 2026 10:00:00 GMT"
const BEFORE = "Sat, 21 Nov 2026 09:59:59 GMT"
const AFTER = "Sat, 21 Nov 2026 10:00:01 GMT"
const STRONG = { etag: '"abc"', modified: MODIFIED }
const WEAK = { etag: 'W/"abc"', modified: MODIFIED }

describe("evaluatePreconditions", () => {
  it.each<[method: string, headers: RequestHeaders, outcome: PreconditionOutcome]>([
    ["GET", {}, "proceed"],
    // If-None-Match: weak comparison, lists, and it goes before a date.
    ["GET", { "if-none-match": '"abc"' }, "not-modified"],
    ["HEAD", { "if-none-match": '"abc"' }, "not-modified"],
    ["PUT", { "if-none-match": '"abc"' }, "failed"],
    ["GET", { "if-none-match": 'W/"abc"' }, "not-modified"],
    ["GET", { "if-none-match": '"x", W/"abc" , "y"' }, "not-modified"],
    ["GET", { "if-none-match": ',"abc",,' }, "not-modified"],
    ["GET", { "if-none-match": '"a,b","abc"' }, "not-modified"],
    ["GET", { "if-none-match": '"abcd"' }, "proceed"],
    ["GET", { "if-none-match": "*" }, "not-modified"],
    ["PUT", { "if-none-match": "*" }, "failed"],
    ["GET", { "if-none-match": "abc" }, "proceed"],
    ["GET", { "if-none-match": '"abc' }, "proceed"],
    ["GET", { "if-none-match": '"abc" "x"' }, "proceed"],
    ["GET", { "if-none-match": 'w/"abc"' }, "proceed"],
    ["GET", { "if-none-match": "" }, "proceed"],
    ["GET", { "if-none-match": '"x"', "if-modified-since": SAME }, "proceed"],
    // If-Modified-Since: whole seconds, reads only.
    ["GET", { "if-modified-since": SAME }, "not-modified"],
    ["GET", { "if-modified-since": AFTER }, "not-modified"],
    ["GET", { "if-modified-since": BEFORE }, "proceed"],
    ["HEAD", { "if-modified-since": SAME }, "not-modified"],
    ["POST", { "if-modified-since": SAME }, "proceed"],
    ["GET", { "if-modified-since": "yesterday" }, "proceed"],
    // If-Match: strong comparison, and it goes before a date.
    ["GET", { "if-match": '"abc"' }, "proceed"],
    ["PUT", { "if-match": '"x","abc"' }, "proceed"],
    ["PUT", { "if-match": "*" }, "proceed"],
    ["PUT", { "if-match": '"x"' }, "failed"],
    ["PUT", { "if-match": 'W/"abc"' }, "failed"],
    ["PUT", { "if-match": "abc" }, "failed"],
    ["GET", { "if-match": '"abc"', "if-unmodified-since": BEFORE }, "proceed"],
    // If-Unmodified-Since
    ["PUT", { "if-unmodified-since": SAME }, "proceed"],
    ["PUT", { "if-unmodified-since": BEFORE }, "failed"],
    ["GET", { "if-unmodified-since": BEFORE }, "failed"],
    ["PUT", { "if-unmodified-since": "never" }, "proceed"],
    // In their order.
    ["GET", { "if-match": '"x"', "if-none-match": '"abc"' }, "failed"],
    ["GET", { "if-match": '"abc"', "if-none-match": '"abc"' }, "not-modified"],
    ["GET", { "if-unmodified-since": SAME, "if-modified-since": SAME }, "not-modified"],
  ])("%s with %j: %s", (method, headers, outcome) => {
    expect(evaluatePreconditions(method, headers, STRONG)).toBe(outcome)
  })

  it("compares a weak tag for reads, and never for If-Match", () => {
    expect(evaluatePreconditions("GET", { "if-none-match": '"abc"' }, WEAK)).toBe("not-modified")
    expect(evaluatePreconditions("PUT", { "if-match": 'W/"abc"' }, WEAK)).toBe("failed")
  })

  it("holds for what is not there: only If-Match fails", () => {
    const outcomeOf = (headers: RequestHeaders) => evaluatePreconditions("PUT", headers, undefined)
    expect(outcomeOf({ "if-match": "*" })).toBe("failed")
    expect(outcomeOf({ "if-match": '"abc"' })).toBe("failed")
    expect(outcomeOf({ "if-none-match": "*" })).toBe("proceed")
    expect(outcomeOf({ "if-unmodified-since": BEFORE })).toBe("proceed")
  })

  it("sends nobody again what the same answer has told, and everybody what has changed", () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[!#-~]{1,20}$/),
        fc.date({ noInvalidDate: true, min: new Date(0), max: new Date("2100-01-01") }),
        (tag, modified) => {
          const validators = { etag: `"${tag}"`, modified }
          const headers = { "if-none-match": `W/"${tag}"`, "if-modified-since": formatHttpDate(modified) }
          expect(evaluatePreconditions("GET", headers, validators)).toBe("not-modified")
          expect(evaluatePreconditions("GET", headers, { ...validators, etag: `"${tag}."` })).toBe("proceed")
        },
      ),
    )
  })

  it("never throws, whatever the headers, nor takes long", () => {
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^[W/", \t*a]*$/))
    fc.assert(
      fc.property(text, text, text, (one, other, third) => {
        const headers = {
          "if-match": one,
          "if-none-match": other,
          "if-modified-since": third,
          "if-unmodified-since": third,
        }
        expect(["proceed", "not-modified", "failed"]).toContain(evaluatePreconditions("GET", headers, STRONG))
      }),
    )
    const long = `${'"a", '.repeat(20_000)}x`
    expect(evaluatePreconditions("GET", { "if-none-match": long }, STRONG)).toBe("proceed")
  })
})

describe("matchesIfRange", () => {
  it.each([
    [undefined, true],
    ['"abc"', true],
    ['"x"', false],
    ['W/"abc"', false],
    ['"abc", "x"', false],
    [SAME, true],
    [BEFORE, false],
    [AFTER, false],
    ["garbage", false],
    ["", false],
    ["*", false],
  ])("answers %j with %s", (header, matches) => {
    expect(matchesIfRange(header, STRONG)).toBe(matches)
  })

  it("never matches by a weak tag", () => {
    expect(matchesIfRange('W/"abc"', WEAK)).toBe(false)
    expect(matchesIfRange('"abc"', WEAK)).toBe(false)
  })
})
