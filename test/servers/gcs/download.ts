/** Sends an object's content: ranges, conditions by ETag, decompressive transcoding. Used by both APIs. */
import { createGunzip } from "node:zlib"
import { GcsError, notModified, conditionNotMet } from "./errors.ts"
import type { AnswerHeaders, Exchange } from "./exchange.ts"
import type { StoredObject } from "./object-store.ts"
import { hasMd5 } from "./resources.ts"

export interface DownloadOptions {
  etag: string
  /** Of the answer, in place of the stored ones. */
  headers?: AnswerHeaders
}

export async function sendContent(exchange: Exchange, object: StoredObject, options: DownloadOptions): Promise<void> {
  checkEtag(exchange, object, options.etag)
  const { size } = object.content
  const headers: AnswerHeaders = { ...contentHeaders(object), etag: options.etag, ...options.headers }
  if (isTranscoded(exchange, object)) {
    const { "content-encoding": _, "accept-ranges": __, ...rest } = headers
    const body = object.content.read()
    const unzipped = body.pipe(createGunzip()).once("close", () => body.destroy())
    // Some of Google's caches would else give the unzipped answer to those who want the zipped one.
    return exchange.stream(200, { ...rest, vary: "Accept-Encoding" }, unzipped)
  }
  const range = parseRange(exchange.header("range"), size)
  if (!range) return exchange.stream(200, { ...headers, "content-length": String(size) }, object.content.read())
  const { start, end } = range
  const ranged = { "content-length": String(end - start), "content-range": `bytes ${start}-${end - 1}/${size}` }
  return exchange.stream(206, { ...headers, ...ranged }, object.content.read(start, end))
}

/** https://cloud.google.com/storage/docs/transcoding */
function isTranscoded(exchange: Exchange, { metadata }: StoredObject): boolean {
  if (metadata.contentEncoding?.toLowerCase() !== "gzip") return false
  if (/\bno-transform\b/i.test(metadata.cacheControl ?? "")) return false
  return !/\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(exchange.header("accept-encoding") ?? "")
}

function contentHeaders({
  content,
  metadata,
  generation,
  metageneration,
  updated,
  ...object
}: StoredObject): AnswerHeaders {
  const headers: AnswerHeaders = {
    "content-type": metadata.contentType ?? "application/octet-stream",
    "accept-ranges": "bytes",
    "last-modified": updated.toUTCString(),
    "x-goog-generation": String(generation),
    "x-goog-metageneration": String(metageneration),
    "x-goog-hash": `crc32c=${content.crc32c}${hasMd5(object) ? `,md5=${content.md5}` : ""}`,
    "x-goog-stored-content-encoding": metadata.contentEncoding ?? "identity",
    "x-goog-stored-content-length": String(content.size),
    "x-goog-storage-class": metadata.storageClass,
    // What the service says of an object that says nothing itself.
    "cache-control": metadata.cacheControl ?? (object.isPublic ? "public, max-age=3600" : "private, max-age=0"),
  }
  if (object.componentCount !== undefined) headers["x-goog-component-count"] = String(object.componentCount)
  const { contentDisposition, contentEncoding, contentLanguage, customTime } = metadata
  if (contentDisposition !== undefined) headers["content-disposition"] = headerText(contentDisposition)
  if (contentEncoding !== undefined) headers["content-encoding"] = contentEncoding
  if (contentLanguage !== undefined) headers["content-language"] = contentLanguage
  if (customTime !== undefined) headers["x-goog-custom-time"] = customTime
  for (const [name, value] of Object.entries(metadata.metadata)) headers[`x-goog-meta-${name}`] = headerText(value)
  return headers
}

/** Headers carry bytes; those of the text's UTF-8. */
function headerText(text: string): string {
  return Buffer.from(text).toString("latin1")
}

function checkEtag(exchange: Exchange, { updated }: StoredObject, etag: string): void {
  const names = (header: string): string[] => (exchange.header(header) ?? "").split(",").map((each) => each.trim())
  const isAmong = (list: string[]): boolean => list.includes(etag) || list.includes("*")
  if (exchange.header("if-match") !== undefined && !isAmong(names("if-match"))) throw conditionNotMet()
  if (exchange.header("if-none-match") !== undefined) {
    if (isAmong(names("if-none-match"))) throw notModified()
    return
  }
  const since = Date.parse(exchange.header("if-modified-since") ?? "")
  if (Math.floor(updated.getTime() / 1000) <= since / 1000) throw notModified()
}

/** Undefined: the whole. A header that is none, or that asks for several ranges, is ignored (RFC 9110). */
export function parseRange(header: string | undefined, size: number): { start: number; end: number } | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? []
  if (first === undefined || last === undefined || (first === "" && last === "")) return undefined
  if (first !== "" && last !== "" && Number(last) < Number(first)) return undefined
  const start = first === "" ? Math.max(size - Number(last), 0) : Number(first)
  const end = first === "" || last === "" ? size : Math.min(Number(last) + 1, size)
  if (start < end) return { start, end }
  throw new GcsError(416, {
    reason: "requestedRangeNotSatisfiable",
    message: `Request range not satisfiable`,
    code: "InvalidRange",
    details: header ?? "",
    headers: { "content-range": `bytes */${size}` },
  })
}
