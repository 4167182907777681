import fc from "fast-check"
import { formatAsctime, formatRfc850 } from "./oracle.ts"

/** A request as a client may put it together. */
export interface HeaderSet {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

/** What is known of the files that are asked for: what is right is more often near to it than at random. */
export interface KnownFiles {
  readonly paths: readonly string[]
  readonly etags: readonly string[]
  /** In milliseconds, whole seconds. */
  readonly modified: number
  /** In bytes. */
  readonly size: number
}

const method = fc.oneof(
  { arbitrary: fc.constant("GET"), weight: 16 },
  { arbitrary: fc.constant("HEAD"), weight: 3 },
  fc.constantFrom("OPTIONS", "PUT", "POST", "DELETE", "PATCH"),
)
const ODD_PATHS = ["/", "/missing.css", "/%zz", "/%00", "/..%2fa", "/a//b", "/app.css/", "/%ff", "/.env", "/app.css/x"]

/** All that a header can be made of. */
const anything = fc
  .array(fc.integer({ min: 0x20, max: 0xff }), { maxLength: 30 })
  .map((codes) => String.fromCharCode(...codes.filter((code) => code !== 0x7f)))
const mark = fc.constantFrom(",", ", ", " ,", ";", "=", "-", " ", "\t", '"', "*", "W/", "", ",,")

/** Now and then something is put in at random, so that what was right is nearly so. */
function damaged(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const wrong = fc
    .tuple(text, fc.nat(40), fc.oneof(mark, anything))
    .map(([right, at, added]) => right.slice(0, at) + added + right.slice(at))
  return fc.oneof({ arbitrary: text, weight: 5 }, { arbitrary: wrong, weight: 1 }, { arbitrary: anything, weight: 1 })
}

function list(element: fc.Arbitrary<string>, maxLength = 6): fc.Arbitrary<string> {
  return fc
    .tuple(fc.array(element, { minLength: 1, maxLength }), fc.constantFrom(",", ", ", " , ", ",\t", ",,"))
    .map(([elements, separator]) => elements.join(separator))
}

/** Requests for these files, of which about half make sense. */
export function headerSets({ paths, etags, modified, size }: KnownFiles): fc.Arbitrary<HeaderSet> {
  const number = fc.oneof(
    { arbitrary: fc.nat(size + 5).map(String), weight: 8 },
    fc.constantFrom("", "0", "007", "99999999999999999999999", "9007199254740993", "-1", "1e3", "0x1"),
  )
  const part = fc.oneof(
    { arbitrary: fc.tuple(fc.nat(size + 5), fc.nat(size)).map(([a, b]) => `${a}-${a + b}`), weight: 9 },
    fc.tuple(number, number).map(([a, b]) => `${a}-${b}`),
    number.map((a) => `${a}-`),
    number.map((a) => `-${a}`),
  )
  const ranges = fc.oneof({ arbitrary: list(part), weight: 9 }, list(part, 80))
  const tag = fc.oneof(
    { arbitrary: fc.constantFrom(...etags), weight: 4 },
    fc.constantFrom(...etags).map((etag) => `W/${etag}`),
    fc.constantFrom('"a"', '""', 'W/"b"', '"a,b"', '"\xe4"', "*", "a", '"'),
  )
  const time = fc.integer({ min: -3, max: 3 }).map((days) => modified + days * 86_400_000)
  const date = fc.oneof(
    { arbitrary: fc.oneof(fc.constant(modified), time).map((at) => new Date(at).toUTCString()), weight: 4 },
    time.map(formatRfc850),
    time.map(formatAsctime),
    fc.constantFrom("0", "now", "Thu, 32 Jan 2026 00:00:00 GMT", "1994-11-06T08:49:37Z"),
  )
  const quality = fc.constantFrom(
    "",
    ";q=1",
    ";q=0",
    ";q=0.5",
    "; q=0.001",
    ";Q=0.9",
    ";q=2",
    ";q=",
    ";q=0.1234",
    ";x=1",
  )
  const coding = fc
    .tuple(fc.constantFrom("br", "gzip", "zstd", "identity", "*", "deflate", "x-gzip", "GZIP", ""), quality)
    .map(([name, value]) => name + value)
  const range = fc.oneof(
    { arbitrary: damaged(ranges.map((set) => `bytes=${set}`)), weight: 9 },
    damaged(ranges.map((set) => `Bytes = ${set}`)),
  )
  const parts = { range, "if-range": damaged(fc.oneof(tag, date)) }
  const news = { "if-none-match": damaged(list(tag)), "if-modified-since": damaged(date) }
  const versions = { "if-match": damaged(list(tag)), "if-unmodified-since": damaged(date) }
  const others = {
    "accept-encoding": damaged(list(coding)),
    origin: fc.constantFrom("https://a.example", "null", "https://b.example", "\xff", "*"),
    cookie: anything,
    accept: anything,
    "access-control-request-method": fc.constantFrom("GET", "PUT", "\xe4"),
    "access-control-request-headers": anything,
  }
  const optional = { requiredKeys: [] }
  // All at once come to 412 nearly always.
  const headers = fc.oneof(
    { arbitrary: fc.record({ range, ...others }, { requiredKeys: ["range"] }), weight: 3 },
    { arbitrary: fc.record({ ...parts, ...others }, optional), weight: 2 },
    { arbitrary: fc.record({ ...news, ...others }, optional), weight: 2 },
    { arbitrary: fc.record({ ...parts, ...news, ...versions, ...others }, optional), weight: 1 },
  )
  const path = fc.oneof({ arbitrary: fc.constantFrom(...paths), weight: 8 }, fc.constantFrom(...ODD_PATHS))
  return fc.record({ method, path, headers: headers.map(trimmed) })
}

/** As it arrives: white space around a value is none of it. RFC 9110, 5.5 */
function trimmed(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value.replace(/^[ \t]+/, "").replace(/[ \t]+$/, "")]),
  )
}
