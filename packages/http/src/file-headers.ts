import { type FileInfo, OCTET_STREAM, typeOfName } from "@node-storages/core"
import { formatHttpDate } from "./http-date.ts"
import { type AnswerHeaders, checkedHeaders, isHeaderValue } from "./answer.ts"
import type { Validators } from "./preconditions.ts"
import type { Settings } from "./serve-options.ts"

/** A year is what HTTP calls for ever; `immutable` spares the revalidation on reload. RFC 8246 */
const FOR_EVER = "public, max-age=31536000, immutable"

/** No scripts, forms or plugins, and an origin of its own. */
export const SANDBOX = "sandbox"

/** Types that browsers show without running anything of them on the page's origin. */
const PASSIVE =
  /^(?:image\/(?!svg)|audio\/|video\/|font\/|text\/(?:plain|csv|css)$|application\/(?:pdf|json|zip|gzip|octet-stream)$)/

/** What a compressed sibling is of: text, and the few binary formats that shrink. */
const COMPRESSIBLE =
  /^(?:text\/|application\/(?:javascript|json|xml|wasm|manifest\+json|rtf|vnd\.ms-fontobject)|[a-z]+\/[\w.-]+\+(?:json|xml)$|font\/(?:ttf|otf|collection)$|image\/(?:bmp|x-icon|vnd\.microsoft\.icon)$)/

/** Whether looking for compressed siblings of a file of this name makes sense. */
export function isCompressible(name: string): boolean {
  return COMPRESSIBLE.test(typeOfName(name) ?? "")
}

/** What the version that would be sent is told apart by. */
export function validatorsOf(info: FileInfo): Validators {
  return { etag: entityTag(info), modified: info.modified }
}

/** Of bytes that are decoded on the way it is the tag of others: it can tell of a change, and not of equal bytes. */
function entityTag({ etag, decoded, size, modified }: FileInfo): string {
  if (etag === undefined) return `W/"${size.toString(36)}-${modified.getTime().toString(36)}"`
  return decoded === true && !etag.startsWith("W/") ? `W/${etag}` : etag
}

export interface SentFile {
  /** The name that was asked for, and not that of a compressed sibling. */
  readonly name: string
  readonly info: FileInfo
  /** The content coding of the sibling that is sent. */
  readonly coding?: string | undefined
  /** By a signed URL. */
  readonly contentType?: string | undefined
  /** By a signed URL. */
  readonly contentDisposition?: string | undefined
  /** Not everybody may have it: no shared cache may keep it. */
  readonly isPrivate: boolean
}

/**
 * Headers that depend on the file and on nothing of the request.
 * @throws TypeError where the app's own `headers` or `cacheControl` gives what is no header
 */
export function fileHeaders(file: SentFile, settings: Settings): AnswerHeaders {
  const { name, info, coding } = file
  const type = coding === undefined ? stored(info.contentType) : typeOfName(name)
  const contentType = withCharset(file.contentType ?? type ?? OCTET_STREAM)
  const contentEncoding = coding ?? (info.decoded ? undefined : stored(info.contentEncoding))
  const contentDisposition = file.contentDisposition ?? stored(info.contentDisposition)
  const contentLanguage = stored(info.contentLanguage)
  const headers: Record<string, string> = {
    "content-type": contentType,
    "cache-control": cacheControlOf(file, settings),
    "last-modified": formatHttpDate(info.modified),
    etag: entityTag(info),
    "x-content-type-options": "nosniff",
  }
  if (!info.decoded) headers["accept-ranges"] = "bytes"
  if (contentEncoding !== undefined) headers["content-encoding"] = contentEncoding
  if (contentDisposition !== undefined) headers["content-disposition"] = contentDisposition
  if (contentLanguage !== undefined) headers["content-language"] = contentLanguage
  if (settings.encodings.length > 0 && isCompressible(name)) headers["vary"] = "accept-encoding"
  // Whoever uploaded it must not run scripts on this origin: HTML, SVG, XML and what nobody has thought of.
  if (!settings.trusted && !PASSIVE.test(mediaTypeOf(contentType))) headers["content-security-policy"] = SANDBOX
  return settings.headers ? { ...headers, ...checkedHeaders(settings.headers(name, info), "headers()") } : headers
}

/** Other tools may have stored what is no header: what is above one byte goes out as UTF-8, as services send it. */
function stored(value: string | undefined): string | undefined {
  if (value === undefined || isHeaderValue(value)) return value
  const bytes = String.fromCharCode(...new TextEncoder().encode(value))
  return isHeaderValue(bytes) ? bytes : undefined
}

function mediaTypeOf(contentType: string): string {
  return contentType.split(";", 1)[0]!.trim().toLowerCase()
}

/** Without a charset browsers guess for text, and guess wrong for UTF-8. */
function withCharset(type: string): string {
  return /^(?:text\/|application\/javascript)/i.test(type) && !/;\s*charset\s*=/i.test(type)
    ? `${type}; charset=utf-8`
    : type
}

function cacheControlOf({ name, info, isPrivate }: SentFile, settings: Settings): string {
  const own = settings.cacheControl(name, info)
  if (own !== undefined) return checkedHeaders({ "cache-control": own }, "cacheControl()")["cache-control"]!
  const given = stored(info.cacheControl)
  if (given !== undefined) return given
  if (isPrivate) return "private, no-cache"
  return settings.isImmutable(name) ? FOR_EVER : "no-cache"
}

/** The headers that 304 repeats of 200. RFC 9110, 15.4.5 */
const ON_NOT_MODIFIED = ["cache-control", "content-location", "etag", "last-modified", "vary", "expires"]

export function notModifiedHeaders(headers: AnswerHeaders): AnswerHeaders {
  return Object.fromEntries(ON_NOT_MODIFIED.flatMap((name) => (name in headers ? [[name, headers[name]!]] : [])))
}
