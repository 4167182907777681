/** The requests of uploads in parts. https://cloud.google.com/storage/docs/xml-api/post-object-multipart */
import { checkAccess } from "./access.ts"
import { checksum, checksumsOfHeader } from "./checksums.ts"
import type { GcsContext } from "./context.ts"
import { escapeXml, GcsError, invalid } from "./errors.ts"
import type { Exchange } from "./exchange.ts"
import { etagOfPart, MOST_PARTS, type MultipartUpload, type NamedPart } from "./multipart-uploads.ts"
import { receive } from "./uploads.ts"
import { sizeRangeOf } from "./xml-metadata.ts"
import { checkedBody, checkPayment, readXmlInsert, type XmlCall, xmlEtag } from "./xml-objects.ts"

type Handler = (exchange: Exchange, call: XmlCall, context: GcsContext) => Promise<void>

/** Which of these requests it is, told by method and query; undefined for another. */
export function multipartHandler(exchange: Exchange): { operation: string; handler: Handler } | undefined {
  const { method, query } = exchange
  if (method === "POST" && query.has("uploads")) return { operation: "xml.multipart.start", handler: start }
  if (!query.has("uploadId")) return undefined
  if (method === "PUT") return { operation: "xml.multipart.part", handler: putPart }
  if (method === "GET") return { operation: "xml.multipart.list", handler: listParts }
  if (method === "POST") return { operation: "xml.multipart.complete", handler: complete }
  if (method === "DELETE") return { operation: "xml.multipart.abort", handler: abort }
  return undefined
}

async function start(exchange: Exchange, call: XmlCall, context: GcsContext): Promise<void> {
  checkAccess(call.caller, "storage.multipartUploads.create")
  refuseConditions(exchange)
  const insert = readXmlInsert(exchange, call)
  for await (const _ of exchange.body()) throw invalid("The start of a multipart upload has no body.")
  const UploadId = context.multipart.start(insert)
  await sendXml(exchange, "InitiateMultipartUploadResult", { Bucket: call.bucket.name, Key: call.name, UploadId })
}

async function putPart(exchange: Exchange, call: XmlCall, context: GcsContext): Promise<void> {
  checkAccess(call.caller, "storage.multipartUploads.create")
  checkPayment(exchange, call.bucket)
  const number = wholeParameter(exchange, "partNumber", 1, MOST_PARTS)
  if (number === undefined) throw invalid("A part needs its partNumber.")
  const { upload } = uploadOf(exchange, call, context)
  const sizeRange = sizeRangeOf(exchange.header("x-goog-content-length-range"))
  const content = await receive(checkedBody(exchange, call.payloadSha256), context.folder)
  if (sizeRange && (content.size > sizeRange.most || content.size < sizeRange.least)) {
    content.release()
    const code = content.size > sizeRange.most ? "EntityTooLarge" : "EntityTooSmall"
    throw invalid("Your proposed upload does not have the size that was signed.", code)
  }
  const given = [
    checksumsOfHeader(exchange.header("x-goog-hash")),
    checksum("md5", exchange.header("content-md5")),
  ] as const
  upload.put(number, content, given)
  const etag = etagOfPart({ number, content, modified: context.now() })
  await exchange.send(200, { etag, "x-goog-hash": [`crc32c=${content.crc32c}`, `md5=${content.md5}`] })
}

async function listParts(exchange: Exchange, call: XmlCall, context: GcsContext): Promise<void> {
  checkAccess(call.caller, "storage.multipartUploads.listParts")
  checkPayment(exchange, call.bucket)
  const { id, upload } = uploadOf(exchange, call, context)
  const most = wholeParameter(exchange, "max-parts", 1, Infinity) ?? 1000
  const marker = wholeParameter(exchange, "part-number-marker", 0, Infinity) ?? 0
  const rest = upload.parts.filter(({ number }) => number > marker)
  const shown = rest.slice(0, Math.min(most, 1000))
  const parts = shown.map((part) => ({
    PartNumber: String(part.number),
    LastModified: part.modified.toISOString(),
    ETag: etagOfPart(part),
    Size: String(part.content.size),
  }))
  const head = {
    Bucket: call.bucket.name,
    Key: call.name,
    UploadId: id,
    StorageClass: upload.insert.metadata.storageClass ?? "STANDARD",
    PartNumberMarker: String(marker),
    NextPartNumberMarker: String(shown.at(-1)?.number ?? 0),
    MaxParts: String(most),
    IsTruncated: String(rest.length > shown.length),
  }
  await sendXml(exchange, "ListPartsResult", head, parts)
}

async function complete(exchange: Exchange, call: XmlCall, context: GcsContext): Promise<void> {
  checkAccess(call.caller, "storage.multipartUploads.create")
  checkAccess(call.caller, "storage.objects.create")
  checkPayment(exchange, call.bucket)
  refuseConditions(exchange)
  const { id, upload } = uploadOf(exchange, call, context)
  const object = await context.multipart.complete(id, upload, namedParts(await exchange.text()))
  const path = [object.bucket, ...object.name.split("/")].map(encodeURIComponent).join("/")
  await sendXml(exchange, "CompleteMultipartUploadResult", {
    Location: `${exchange.origin}/${path}`,
    Bucket: object.bucket,
    Key: object.name,
    ETag: xmlEtag(object),
  })
}

async function abort(exchange: Exchange, call: XmlCall, context: GcsContext): Promise<void> {
  checkAccess(call.caller, "storage.multipartUploads.abort")
  checkPayment(exchange, call.bucket)
  const { id, upload } = uploadOf(exchange, call, context)
  context.multipart.abort(id, upload)
  await exchange.send(204)
}

function uploadOf(
  { query }: Exchange,
  { bucket, name }: XmlCall,
  { multipart }: GcsContext,
): { id: string; upload: MultipartUpload } {
  const id = query.get("uploadId")!
  return { id, upload: multipart.find(id, bucket.name, name) }
}

function wholeParameter({ query }: Exchange, name: string, least: number, most: number): number | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= most) return value
  throw invalid(`Invalid ${name}: ${text}`)
}

/** "Preconditions are not supported in the requests." */
function refuseConditions(exchange: Exchange): void {
  const names = ["if-match", "if-none-match", "x-goog-if-generation-match", "x-goog-if-metageneration-match"]
  const found = names.find((name) => exchange.header(name) !== undefined)
  if (found !== undefined) throw invalid(`Multipart uploads take no preconditions: ${found}`)
}

const NUMBER = "<PartNumber>(\\d{1,5})</PartNumber>"
const ETAG = "<ETag>([^<]*)</ETag>"
const PART = new RegExp(`<Part>(?:${NUMBER}${ETAG}|${ETAG}${NUMBER})</Part>`, "y")

/** Of the one document that a completion can be. */
export function namedParts(text: string): readonly NamedPart[] {
  const [, list] =
    /^<CompleteMultipartUpload(?: xmlns="[^"]*")?>(.*)<\/CompleteMultipartUpload>$/s.exec(dense(text)) ?? []
  const parts: NamedPart[] = []
  PART.lastIndex = 0
  while (list !== undefined && PART.lastIndex < list.length) {
    const match = PART.exec(list)
    if (!match) throw malformed()
    const [, numberFirst, etagLast, etagFirst, numberLast] = match
    parts.push({ number: Number(numberFirst ?? numberLast), etag: unescapeXml((etagLast ?? etagFirst)!) })
  }
  if (parts.length === 0 || parts.length > MOST_PARTS) throw malformed()
  return parts
}

/** Without the declaration, and without white space between elements. */
function dense(text: string): string {
  return text
    .replace(/^\s*<\?xml[^>]*\?>/, "")
    .replaceAll(/>\s+/g, ">")
    .replaceAll(/\s+</g, "<")
    .trim()
}

function unescapeXml(text: string): string {
  const entities: Record<string, string> = { quot: '"', apos: "'", lt: "<", gt: ">", amp: "&" }
  return text.replaceAll(/&(\w+|#\d+);/g, (entity, name: string) =>
    name.startsWith("#") ? String.fromCodePoint(Number(name.slice(1))) : (entities[name] ?? entity),
  )
}

function malformed(): GcsError {
  return invalid("The XML you provided was not well-formed or did not validate against our schema.", "MalformedXML")
}

async function sendXml(
  exchange: Exchange,
  root: string,
  fields: Readonly<Record<string, string>>,
  parts: readonly Readonly<Record<string, string>>[] = [],
): Promise<void> {
  const elements = (values: Readonly<Record<string, string>>): string =>
    Object.entries(values)
      .map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`)
      .join("")
  const body = elements(fields) + parts.map((part) => `<Part>${elements(part)}</Part>`).join("")
  const namespace = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
  const xml = `<?xml version='1.0' encoding='UTF-8'?><${root} ${namespace}>${body}</${root}>`
  await exchange.send(200, { "content-type": "application/xml; charset=UTF-8" }, xml)
}
