/** Types outside `text/*` and the suffixes below whose bytes are not compressed by their own format. */
const COMPRESSIBLE_TYPES: ReadonlySet<string> = new Set([
  "application/ecmascript",
  "application/graphql",
  "application/javascript",
  "application/json",
  "application/json5",
  "application/ndjson",
  "application/postscript",
  "application/rtf",
  "application/sql",
  "application/toml",
  "application/vnd.ms-fontobject",
  "application/vnd.ms-opentype",
  "application/wasm",
  "application/x-font-opentype",
  "application/x-font-otf",
  "application/x-font-truetype",
  "application/x-font-ttf",
  "application/x-javascript",
  "application/x-ndjson",
  "application/x-sh",
  "application/x-tar",
  "application/xml",
  "application/xml-dtd",
  "application/yaml",
  "font/collection",
  "font/otf",
  "font/sfnt",
  "font/ttf",
  "image/bmp",
  "image/vnd.microsoft.icon",
  "image/x-icon",
  "image/x-ms-bmp",
  "model/gltf-binary",
  "model/mtl",
  "model/obj",
  "model/stl",
])

/** Structured syntaxes that are text: `image/svg+xml`, `application/manifest+json`. RFC 6838, 4.2.8 */
const TEXT_SUFFIX = /\+(?:json|json-seq|text|xml|yaml)$/

/** Types that are text by another name. */
const TEXT_TYPE =
  /^application\/(?:ecmascript|graphql|javascript|json5?|ndjson|sql|toml|x-javascript|x-ndjson|x-sh|xml|xml-dtd|yaml)$/

/**
 * Whether files of this content type are worth an attempt: text, and binary formats that do not compress by themselves.
 * A type that is not known is not: most binary formats are compressed already, and the attempt is what costs.
 */
export function isCompressible(contentType: string | undefined): boolean {
  if (contentType === undefined) return false
  return isText(contentType) || COMPRESSIBLE_TYPES.has(essence(contentType))
}

/** Whether content of this type is text: encoders can be told so. */
export function isText(contentType: string): boolean {
  const type = essence(contentType)
  return type.startsWith("text/") || TEXT_TYPE.test(type) || TEXT_SUFFIX.test(type)
}

/** A content type without its parameters: `"text/css; charset=utf-8"` is `"text/css"`. */
function essence(contentType: string): string {
  return contentType.split(";", 1)[0]!.trim().toLowerCase()
}
