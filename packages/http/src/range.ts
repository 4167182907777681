import { withoutSpace } from "./white-space.ts"

/** A part of a representation. */
export interface ByteRange {
  /** Of the first byte. */
  readonly start: number
  /** Behind the last byte: as of `slice`. */
  readonly end: number
}

/**
 * What a request with `Range` is answered with: all of it (200), parts (206: one, or several as multipart/byteranges), or
 * 416 with `Content-Range: bytes *\/<size>`.
 */
export type RangeOutcome =
  | { readonly kind: "all" }
  | { readonly kind: "parts"; readonly ranges: readonly ByteRange[] }
  | { readonly kind: "unsatisfiable" }

const ALL: RangeOutcome = { kind: "all" }

/** More are a mistake or an attack: each part costs a header of its own. RFC 9110, 14.2 and 17.15 allow to ignore them. */
const MOST_RANGES = 50

/** What stands between the parts of a multipart answer, about: parts that are nearer are joined. RFC 9110, 15.3.7.2 */
const PART_OVERHEAD = 80

/** `first-last`, `first-` or `-suffix`. RFC 9110, 14.1.1 */
const SPECIFIER = /^(?:(\d+)-(\d*)|-(\d+))$/

/**
 * What the header `Range` asks of a representation. RFC 9110, section 14.
 *
 * What can't be understood is ignored, as the RFC has it: other units, broken syntax, a last byte before the first.
 * Ranges that overlap or nearly touch are joined, and come in the order of their bytes. What would be all of it, or
 * more, is all of it.
 * @param header as it came; several headers joined by commas
 * @param size of the representation in bytes
 */
export function parseRange(header: string | undefined, size: number): RangeOutcome {
  const [, unit, set] = /^[ \t]*([^\s=]+)=(.*)$/s.exec(header ?? "") ?? []
  if (unit?.toLowerCase() !== "bytes" || set === undefined) return ALL
  // Empty elements of a list are allowed. RFC 9110, 5.6.1.2
  const specifiers = set
    .split(",")
    .map((text) => withoutSpace(text))
    .filter((text) => text !== "")
  if (specifiers.length === 0 || specifiers.length > MOST_RANGES) return ALL
  const ranges: ByteRange[] = []
  for (const specifier of specifiers) {
    const match = SPECIFIER.exec(specifier)
    if (match === null) return ALL
    const range = rangeOf(match, size)
    if (range === "invalid") return ALL
    if (range !== undefined) ranges.push(range)
  }
  if (ranges.length === 0) return { kind: "unsatisfiable" }
  const joined = ranges.length === 1 ? ranges : join(ranges)
  const isAll = joined.length === 1 && ranges.length > 1 && joined[0]!.start === 0 && joined[0]!.end === size
  return size === 0 || isAll ? ALL : { kind: "parts", ranges: joined }
}

/** From where on, and up to where, one single range reaches that needs no size to be read. */
const PLAIN = /^bytes=(\d{1,15})-(\d{0,15})$/

/**
 * The one range of a header, where it can be asked for before the size is known. `parseRange` then says what has come.
 */
export function plainRange(header: string | undefined): { start: number; end: number | undefined } | undefined {
  const [, first, last] = PLAIN.exec(header ?? "") ?? []
  if (first === undefined) return undefined
  const start = Number(first)
  if (last === "" || last === undefined) return { start, end: undefined }
  return Number(last) < start ? undefined : { start, end: Number(last) + 1 }
}

/** @returns undefined for one that is right and holds no byte of the representation */
function rangeOf(match: RegExpExecArray, size: number): ByteRange | "invalid" | undefined {
  const [, first, last, suffix] = match
  if (suffix !== undefined) {
    const length = Number(suffix)
    // Of an empty representation the last bytes are all of it.
    return length === 0 ? undefined : { start: Math.max(0, size - length), end: size }
  }
  const start = Number(first)
  if (last === "" || last === undefined) return start < size ? { start, end: size } : undefined
  if (isLess(last, first!)) return "invalid"
  return start < size ? { start, end: Math.min(Number(last) + 1, size) } : undefined
}

/** Of digits: numbers above 2^53 can't be told apart. */
function isLess(one: string, other: string): boolean {
  const [a, b] = [one.replace(/^0+/, ""), other.replace(/^0+/, "")]
  return a.length === b.length ? a < b : a.length < b.length
}

function join(ranges: readonly ByteRange[]): readonly ByteRange[] {
  const joined: ByteRange[] = []
  for (const range of ranges.toSorted((one, other) => one.start - other.start)) {
    const last = joined.at(-1)
    if (last === undefined || range.start > last.end + PART_OVERHEAD) joined.push(range)
    else joined[joined.length - 1] = { start: last.start, end: Math.max(last.end, range.end) }
  }
  return joined
}
