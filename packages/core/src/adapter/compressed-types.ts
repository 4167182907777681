import type { PutOptions } from "../driver.ts"

const COMPRESSED_TYPES = [
  "text/css",
  "text/javascript",
  "application/javascript",
  "application/json",
  "application/manifest+json",
  "image/svg+xml",
  "text/xml",
  "application/xml",
]

/** The content types that an adapter's option `gzip` means: a usual list, the given one, or none. */
export function compressedTypes(gzip: boolean | readonly string[]): ReadonlySet<string> {
  return new Set(typeof gzip === "object" ? gzip : gzip ? COMPRESSED_TYPES : [])
}

/** Whether a body is to be compressed: it is of such a type, and not encoded already. */
export function compresses(types: ReadonlySet<string>, { contentType, contentEncoding }: PutOptions): boolean {
  return contentEncoding === undefined && types.has(contentType.split(";", 1)[0]!.trim().toLowerCase())
}
