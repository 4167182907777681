import { parseByteranges } from "./byteranges.ts"
import type { HeaderSet } from "./header-sets.ts"

/*
 * What an answer may be, by RFC 9110: written for the tests, step by step as the RFC tells it and without regard to
 * speed. It shares nothing with what it judges.
 */

/** One of the forms in which a file may be sent. */
export interface Representation {
  /** Undefined as it is. */
  readonly coding: string | undefined
  readonly bytes: Buffer
  readonly etag: string
  /** In milliseconds, whole seconds. */
  readonly modified: number
}

export interface Judged {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** Files by their paths; each has at least the representation without a coding. */
export type Site = ReadonlyMap<string, readonly Representation[]>

/** Why this answer is wrong; undefined where it is right. */
export function wrongWith(request: HeaderSet, answer: Judged, site: Site): string | undefined {
  const { method, path } = request
  const { status, body } = answer
  if (method === "OPTIONS") return status === 204 && body.length === 0 ? undefined : "OPTIONS is 204"
  if (method !== "GET" && method !== "HEAD") return status === 405 ? undefined : "this method is 405"
  if (method === "HEAD" && body.length > 0) return "HEAD has no body"
  const file = site.get(path)
  if (file === undefined) return status === 404 || status === 400 ? undefined : "there is no such file"
  const reasons = wanted(request.headers["accept-encoding"], file).map((each) => wrongOf(request, answer, each))
  return reasons.includes(undefined) ? undefined : reasons.join("; or ")
}

function wrongOf({ method, headers }: HeaderSet, answer: Judged, representation: Representation): string | undefined {
  const { status, body } = answer
  const { bytes, etag, modified, coding } = representation
  const condition = conditionOf(headers, representation)
  if (condition !== 200) return status === condition ? undefined : `its conditions come to ${condition}`
  const isRanged =
    method === "GET" && headers["range"] !== undefined && ifRangeHolds(headers["if-range"], etag, modified)
  const asked = isRanged ? rangesOf(headers["range"]!, bytes.length) : "ignored"
  if (asked === "unsatisfiable") {
    const isRight = status === 416 && answer.headers["content-range"] === `bytes */${bytes.length}`
    return isRight ? undefined : "no range can be satisfied"
  }
  if (status !== 200 && status !== 206) return `it should be sent, and is ${status}`
  if (answer.headers["content-encoding"] !== coding) return `it is not in the coding ${coding}`
  if (answer.headers["etag"] !== etag) return "its tag is another"
  const isWhole = status === 200
  if (isWhole && answer.headers["content-length"] !== String(bytes.length)) return "its length is wrong"
  if (asked === "ignored" || (isWhole && asked.length !== 1)) {
    if (!isWhole) return "its range does not count"
    return method === "HEAD" || body.equals(bytes) ? undefined : "its bytes are wrong"
  }
  if (isWhole) return "its range counts"
  return partsAreRight(answer, asked, bytes) ? undefined : "its parts are wrong"
}

/** RFC 9110, 12.5.3: those of the highest quality. What is no element of the list is passed over. */
function wanted(header: string | undefined, file: readonly Representation[]): readonly Representation[] {
  if (header === undefined) return file.filter(({ coding }) => coding === undefined)
  const qualities = new Map<string, number>()
  for (const element of header.toLowerCase().split(",")) {
    const [name = "", parameter, ...more] = element.split(";").map(stripped)
    if (name === "" || more.length > 0 || /[^!#$%&'*+\-.^_`|~a-z0-9]/.test(name)) continue
    const [key, value = "", ...rest] = (parameter ?? "q=1").split("=").map(stripped)
    const isNumber = value.length <= 5 && /^[\d.]+$/.test(value)
    if (key !== "q" || rest.length > 0 || !isNumber || !/^[01](?:\.|$)/.test(value) || Number(value) > 1) continue
    const real = name === "x-gzip" ? "gzip" : name
    if (!qualities.has(real)) qualities.set(real, Number(value))
  }
  const star = qualities.get("*")
  const qualityOf = ({ coding }: Representation): number => {
    if (coding !== undefined) return qualities.get(coding) ?? star ?? 0
    // It need not be named to be acceptable, and is liked least where it is not.
    return qualities.get("identity") ?? (star === 0 ? 0 : 1e-9)
  }
  const most = Math.max(...file.map(qualityOf))
  return most === 0
    ? file.filter(({ coding }) => coding === undefined)
    : file.filter((each) => qualityOf(each) === most)
}

function stripped(text: string): string {
  return text.replace(/^[ \t]+/, "").replace(/[ \t]+$/, "")
}

/** RFC 9110, 13.2.2 */
function conditionOf(headers: HeaderSet["headers"], { etag, modified }: Representation): 200 | 304 | 412 {
  const ifMatch = headers["if-match"]
  const unmodified = dateOf(headers["if-unmodified-since"])
  if (ifMatch !== undefined) {
    if (ifMatch !== "*" && !(tagsOf(ifMatch) ?? []).includes(etag)) return 412
  } else if (unmodified !== undefined && modified > unmodified) return 412
  const ifNoneMatch = headers["if-none-match"]
  if (ifNoneMatch !== undefined) {
    const tags = tagsOf(ifNoneMatch) ?? []
    return ifNoneMatch === "*" || tags.includes(etag) || tags.includes(`W/${etag}`) ? 304 : 200
  }
  const since = dateOf(headers["if-modified-since"])
  return since !== undefined && modified <= since ? 304 : 200
}

function ifRangeHolds(header: string | undefined, etag: string, modified: number): boolean {
  return header === undefined || header === etag || dateOf(header) === modified
}

/** The tags of a list, or undefined for what is none. RFC 9110, 8.8.3 and 5.6.1 */
function tagsOf(header: string): readonly string[] | undefined {
  const tags: string[] = []
  let rest = header
  for (let mayBegin = true; ;) {
    rest = rest.replace(/^[ \t]*/, "")
    if (rest === "") return tags.length > 0 ? tags : undefined
    if (rest.startsWith(",")) {
      mayBegin = true
      rest = rest.slice(1)
      continue
    }
    const opening = rest.startsWith("W/") ? 2 : 0
    const closing = rest.indexOf('"', opening + 1)
    if (!mayBegin || rest[opening] !== '"' || closing === -1) return undefined
    const tag = rest.slice(0, closing + 1)
    if (/[ \t\u007f]/.test(tag)) return undefined
    tags.push(tag)
    rest = rest.slice(closing + 1)
    mayBegin = false
  }
}

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

function partsOf(time: number): { day: string; month: string; date: number; year: number; clock: string } {
  const when = new Date(time)
  const month = when.toUTCString().slice(8, 11)
  const clock = when.toISOString().slice(11, 19)
  return { day: DAYS[when.getUTCDay()]!, month, date: when.getUTCDate(), year: when.getUTCFullYear(), clock }
}

export function formatRfc850(time: number): string {
  const { day, month, date, year, clock } = partsOf(time)
  return `${day}, ${String(date).padStart(2, "0")}-${month}-${String(year % 100).padStart(2, "0")} ${clock} GMT`
}

export function formatAsctime(time: number): string {
  const { day, month, date, year, clock } = partsOf(time)
  return `${day.slice(0, 3)} ${month} ${String(date).padStart(2)} ${clock} ${year}`
}

/** A date is one that would be written so. RFC 9110, 5.6.7 */
function dateOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^[A-Z][a-z]+,? /.test(text)) return undefined
  for (const guess of [Date.parse(text), Date.parse(`${text} GMT`), Date.parse(text.replaceAll("-", " "))]) {
    if (Number.isNaN(guess)) continue
    const forms = [new Date(guess).toUTCString(), formatRfc850(guess), formatAsctime(guess)]
    if (forms.includes(text)) return guess
  }
  return undefined
}

/** First and last bytes of what can be satisfied. RFC 9110, 14.1 and 14.2 */
function rangesOf(header: string, size: number): "ignored" | "unsatisfiable" | readonly (readonly [number, number])[] {
  const equals = header.indexOf("=")
  if (equals === -1 || header.slice(0, equals).toLowerCase() !== "bytes") return "ignored"
  const ranges: [number, number][] = []
  let count = 0
  for (const element of header.slice(equals + 1).split(",")) {
    const text = stripped(element)
    if (text === "") continue
    count++
    const [first, last, ...more] = text.split("-")
    const areDigits = [first, last].every((part) => part !== undefined && !/[^0-9]/.test(part))
    if (!areDigits || more.length > 0 || (first === "" && last === "")) return "ignored"
    if (first === "") {
      const length = BigInt(last!)
      if (length > 0n) ranges.push([length > size ? 0 : size - Number(length), size - 1])
    } else {
      const [from, to] = [BigInt(first!), last === "" ? BigInt(size) : BigInt(last!)]
      if (last !== "" && to < from) return "ignored"
      if (from < size) ranges.push([Number(from), to < size ? Number(to) : size - 1])
    }
  }
  // A server may ignore what asks for too much, and must for nothing at all.
  if (count === 0 || count > 50) return "ignored"
  if (ranges.length === 0) return "unsatisfiable"
  return size === 0 ? "ignored" : ranges
}

/** One range is given as it was asked; of several all bytes that were asked for are there, and none twice. */
function partsAreRight(
  { headers, body }: Judged,
  asked: readonly (readonly [number, number])[],
  bytes: Buffer,
): boolean {
  const single = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers["content-range"] ?? "")
  if (headers["content-length"] !== String(body.length)) return false
  const parts = single
    ? [{ start: Number(single[1]), last: Number(single[2]), size: Number(single[3]), body }]
    : parseByteranges(headers["content-type"], body)
  const sent = new Set<number>()
  for (const part of parts) {
    if (part.size !== bytes.length || !part.body.equals(bytes.subarray(part.start, part.last + 1))) return false
    for (let at = part.start; at <= part.last; at++) {
      if (sent.has(at)) return false
      sent.add(at)
    }
  }
  if (asked.length === 1) {
    const [first, last] = asked[0]!
    return parts.length === 1 && parts[0]!.start === first && parts[0]!.last === last
  }
  return asked.every(([first, last]) => sent.has(first) && sent.has(last) && sent.has((first + last) >> 1))
}
