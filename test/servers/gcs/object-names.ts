/** What an object may be called, and how names are ordered. */
import { invalid, required } from "./errors.ts"

export const LONGEST_NAME_BYTES = 1024

/** https://cloud.google.com/storage/docs/objects#naming */
export function checkObjectName(name: string): void {
  if (name === "") throw required("Required parameter: name")
  const bytes = Buffer.byteLength(name)
  if (bytes > LONGEST_NAME_BYTES) {
    const rule = `The maximum object length is ${LONGEST_NAME_BYTES} characters, but got a name with ${bytes} characters`
    throw invalid(rule, "KeyTooLong")
  }
  const isReserved = name === "." || name === ".." || name.startsWith(".well-known/acme-challenge/")
  if (isReserved || /[\r\n]/.test(name) || !name.isWellFormed()) {
    throw invalid(`Disallowed unicode characters or a reserved name: ${JSON.stringify(name)}`, "InvalidObjectName")
  }
}

/** The order of the names' UTF-8 bytes, which is that of code points and not of JavaScript's UTF-16 units. */
export function compareNames(left: string, right: string): number {
  const length = Math.min(left.length, right.length)
  for (let index = 0; index < length; index += 1) {
    const one = left.charCodeAt(index)
    const other = right.charCodeAt(index)
    if (one !== other) return rank(one) - rank(other)
  }
  return left.length - right.length
}

/** Surrogates stand for code points above all others. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}

/** A part of a path, decoded; the JSON API takes an object's whole name as one part. */
export function decodePart(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw invalid(`The path is not percent-encoded UTF-8: ${part}`)
  }
}
