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

/** Whether reading decompresses an object of this encoding: `FileInfo.decoded`. */
export function decodes(types: ReadonlySet<string>, contentEncoding: string | undefined): true | undefined {
  return (types.size > 0 && contentEncoding === "gzip") || undefined
}

/** An `ObjectPlace.service`. A copy is one of the stored bytes: reading must mean the same at both ends. */
export function serviceOfPlace(service: string, types: ReadonlySet<string>): string {
  return types.size > 0 ? `${service} decoded` : service
}

/** Whether a body is to be compressed: it is of such a type, and not encoded already. */
export function compresses(types: ReadonlySet<string>, { contentType, contentEncoding }: PutOptions): boolean {
  return contentEncoding === undefined && types.has(contentType.split(";", 1)[0]!.trim().toLowerCase())
}
