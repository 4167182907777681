/** Metadata in headers and form fields, as the XML API has it. */
import { readPredefinedAcl } from "./access.ts"
import { invalid } from "./errors.ts"
import { readMetadata, type Metadata } from "./metadata.ts"
import type { Bucket } from "./object-store.ts"
import type { SizeRange } from "./post-policy.ts"

const FIELDS = {
  "content-type": "contentType",
  "cache-control": "cacheControl",
  "content-disposition": "contentDisposition",
  "content-encoding": "contentEncoding",
  "content-language": "contentLanguage",
  "x-goog-storage-class": "storageClass",
  "x-goog-custom-time": "customTime",
} as const

/** Names in lower case. */
export function metadataOfHeaders(headers: ReadonlyMap<string, string>): Metadata {
  const custom = [...headers].filter(([name]) => name.startsWith("x-goog-meta-"))
  const fields = Object.entries(FIELDS).map(([header, field]) => [field, headers.get(header)] as const)
  return readMetadata({
    ...Object.fromEntries(fields.filter(([, value]) => value !== undefined)),
    metadata: Object.fromEntries(custom.map(([name, value]) => [name.slice("x-goog-meta-".length), value])),
  })
}

/** `public-read` and its kin. */
export function aclOf(bucket: Bucket, value: string | undefined): boolean {
  const name = value?.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
  return readPredefinedAcl(bucket, name ?? null) ?? false
}

/** `x-goog-content-length-range: 0,1000` */
export function sizeRangeOf(value: string | undefined): SizeRange | undefined {
  if (value === undefined) return undefined
  const [, least, most] = /^(\d+),(\d+)$/.exec(value) ?? []
  if (least === undefined) throw invalid(`Invalid x-goog-content-length-range: ${value}`)
  return { least: Number(least), most: Number(most) }
}
