import { parseHttpDate } from "./http-date.ts"
import { withoutSpace } from "./white-space.ts"

/** What a server knows of the version of a representation that it would send. */
export interface Validators {
  /** With its quotes: `"\"5f3a\""`, `W/"5f3a"`. RFC 9110, 8.8.3 */
  readonly etag?: string | undefined
  /** Compared by whole seconds, as HTTP writes it. */
  readonly modified?: Date | undefined
}

/** Headers of a request, by their names in lower case; of several with one name, joined by commas. */
export type RequestHeaders = Readonly<Record<string, string | undefined>>

/** Whether to do what was asked, or to answer 304 or 412. */
export type PreconditionOutcome = "proceed" | "not-modified" | "failed"

/**
 * What the conditions of a request come to, in the order of RFC 9110, 13.2.2. `If-Range` is apart: `matchesIfRange`.
 *
 * A date that is none is ignored. A list of entity tags that is none matches nothing.
 * @param validators of what is there; undefined where nothing is: `*` matches anything that is
 */
export function evaluatePreconditions(
  method: string,
  headers: RequestHeaders,
  validators: Validators | undefined,
): PreconditionOutcome {
  const ifMatch = headers["if-match"]
  if (ifMatch !== undefined) {
    if (!matchesTags(ifMatch, validators, isStronglyEqual)) return "failed"
  } else if (isChangedSince(headers["if-unmodified-since"], validators) === true) {
    return "failed"
  }
  const isRead = method === "GET" || method === "HEAD"
  const ifNoneMatch = headers["if-none-match"]
  if (ifNoneMatch !== undefined) {
    if (matchesTags(ifNoneMatch, validators, isWeaklyEqual)) return isRead ? "not-modified" : "failed"
  } else if (isRead && isChangedSince(headers["if-modified-since"], validators) === false) {
    return "not-modified"
  }
  return "proceed"
}

/**
 * Whether `Range` counts: without `If-Range` it does, and with one only where that is the very version that is there.
 * RFC 9110, 13.1.5
 */
export function matchesIfRange(header: string | undefined, { etag, modified }: Validators): boolean {
  if (header === undefined) return true
  const text = withoutSpace(header)
  if (/^(?:W\/)?"/.test(text)) return etag !== undefined && isStronglyEqual(text, etag)
  const date = parseHttpDate(text)
  return date !== undefined && modified !== undefined && date === wholeSeconds(modified)
}

/** Quoted, of visible characters and those above ASCII. RFC 9110, 8.8.3 */
const TAG = String.raw`(?:W\/)?"[\x21\x23-\x7e\x80-\uffff]*"`
const TAG_LIST = new RegExp(String.raw`^[ \t,]*${TAG}(?:[ \t]*,[ \t,]*${TAG})*[ \t,]*$`)
const EACH_TAG = new RegExp(TAG, "g")

function matchesTags(
  header: string,
  validators: Validators | undefined,
  isEqual: (one: string, other: string) => boolean,
): boolean {
  if (withoutSpace(header) === "*") return validators !== undefined
  const etag = validators?.etag
  if (etag === undefined || !TAG_LIST.test(header)) return false
  return (header.match(EACH_TAG) ?? []).some((tag) => isEqual(tag, etag))
}

function isStronglyEqual(one: string, other: string): boolean {
  return one === other && !one.startsWith("W/")
}

function isWeaklyEqual(one: string, other: string): boolean {
  return one.replace(/^W\//, "") === other.replace(/^W\//, "")
}

/** Undefined where there is no date to compare with, or none to compare. */
function isChangedSince(header: string | undefined, validators: Validators | undefined): boolean | undefined {
  const date = header === undefined ? undefined : parseHttpDate(withoutSpace(header))
  if (date === undefined || validators?.modified === undefined) return undefined
  return wholeSeconds(validators.modified) > date
}

function wholeSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000) * 1000
}
