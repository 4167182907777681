/** Objects in the XML API, as signed URLs and public links use it. https://cloud.google.com/storage/docs/xml-api */
import { createHash } from "node:crypto"
import { checkAccess, checkUserProject } from "./access.ts"
import type { Account } from "./accounts.ts"
import { checksum, checksumsOfHeader } from "./checksums.ts"
import type { GcsContext } from "./context.ts"
import { sendContent } from "./download.ts"
import { invalid, notCovered } from "./errors.ts"
import type { AnswerHeaders, Exchange } from "./exchange.ts"
import { generationOf } from "./json-objects.ts"
import { checkObjectName } from "./object-names.ts"
import type { Bucket, StoredObject } from "./object-store.ts"
import { checkConditions, conditionsOfHeaders } from "./preconditions.ts"
import { etagOf, hasMd5 } from "./resources.ts"
import { commitInsert, receive, type Insert } from "./uploads.ts"
import { aclOf, metadataOfHeaders, sizeRangeOf } from "./xml-metadata.ts"

export interface XmlCall {
  bucket: Bucket
  name: string
  /** Who signed the URL, or whose token came; undefined for anyone. */
  caller: Account | undefined
  /** SHA-256 that the signature demands of the body. */
  payloadSha256: string | undefined
}

export async function getXmlObject(exchange: Exchange, { bucket, name, caller }: XmlCall): Promise<void> {
  checkAccess(caller, "storage.objects.get", bucket.find(name)?.isPublic)
  checkPayment(exchange, bucket)
  const object = bucket.get(name, generationOf(exchange.query))
  checkConditions(
    conditionsOfHeaders((header) => exchange.header(header)),
    object,
    "read",
  )
  const headers: AnswerHeaders = {}
  for (const header of ["content-type", "content-disposition"]) {
    const value = exchange.query.get(`response-${header}`)
    if (value === null) continue
    if (!caller) throw invalid(`response-${header} needs a signed request.`)
    headers[header] = Buffer.from(value).toString("latin1")
  }
  await sendContent(exchange, object, { etag: xmlEtag(object), headers })
}

export async function putXmlObject(exchange: Exchange, call: XmlCall, context: GcsContext): Promise<void> {
  if (exchange.header("x-goog-copy-source") !== undefined) throw notCovered("x-goog-copy-source")
  const insert = readXmlInsert(exchange, call)
  const hashes = [
    checksumsOfHeader(exchange.header("x-goog-hash")),
    checksum("md5", exchange.header("content-md5")),
  ] as const
  const content = await receive(checkedBody(exchange, call.payloadSha256), context.folder)
  const object = commitInsert(insert, content, ...hashes)
  await exchange.send(200, writtenHeaders(object))
}

export async function startXmlSession(exchange: Exchange, call: XmlCall, context: GcsContext): Promise<void> {
  if (exchange.header("x-goog-resumable") !== "start") throw invalid("POST of an object needs x-goog-resumable: start")
  const insert = readXmlInsert(exchange, call)
  for await (const _ of exchange.body()) throw invalid("The start of a resumable upload has no body.")
  const id = context.sessions.start({
    insert,
    size: undefined,
    answer: (last, object) => last.send(200, writtenHeaders(object)),
  })
  const path = [call.bucket.name, ...call.name.split("/")].map(encodeURIComponent).join("/")
  await exchange.send(201, { location: `${exchange.origin}/${path}?upload_id=${id}`, "x-guploader-uploadid": id })
}

export async function deleteXmlObject(exchange: Exchange, { bucket, name, caller }: XmlCall): Promise<void> {
  checkAccess(caller, "storage.objects.delete")
  checkPayment(exchange, bucket)
  bucket.remove(
    name,
    generationOf(exchange.query),
    conditionsOfHeaders((header) => exchange.header(header)),
  )
  await exchange.send(204)
}

/** Quoted, as HTTP has it: the MD5, or something else for an object that has none. */
export function xmlEtag(object: StoredObject): string {
  return `"${hasMd5(object) ? Buffer.from(object.content.md5, "base64").toString("hex") : etagOf(object)}"`
}

export function writtenHeaders(object: StoredObject): AnswerHeaders {
  const { content, generation, metageneration, metadata } = object
  return {
    etag: xmlEtag(object),
    "x-goog-generation": String(generation),
    "x-goog-metageneration": String(metageneration),
    "x-goog-hash": [`crc32c=${content.crc32c}`, ...(hasMd5(object) ? [`md5=${content.md5}`] : [])],
    "x-goog-stored-content-encoding": metadata.contentEncoding ?? "identity",
    "x-goog-stored-content-length": String(content.size),
  }
}

export function readXmlInsert(exchange: Exchange, { bucket, name, caller }: XmlCall): Insert {
  checkAccess(caller, "storage.objects.create")
  checkPayment(exchange, bucket)
  checkObjectName(name)
  const text = (header: string): string | undefined => {
    const value = exchange.header(header)
    return value === undefined ? undefined : Buffer.from(value, "latin1").toString()
  }
  const names = Object.keys(exchange.request.headers)
  const conditions = conditionsOfHeaders((header) => exchange.header(header))
  checkConditions(conditions, bucket.find(name), "write")
  const sizeRange = sizeRangeOf(exchange.header("x-goog-content-length-range"))
  return {
    bucket,
    name,
    metadata: metadataOfHeaders(new Map(names.map((header) => [header, text(header) ?? ""]))),
    isPublic: aclOf(bucket, exchange.header("x-goog-acl")),
    conditions,
    checksums: {},
    ...(sizeRange ? { sizeRange } : {}),
  }
}

export function checkPayment(exchange: Exchange, bucket: Bucket): void {
  checkUserProject(bucket, exchange.query.get("userProject") ?? exchange.header("x-goog-user-project"))
}

export async function* checkedBody(exchange: Exchange, sha256: string | undefined): AsyncGenerator<Buffer> {
  const hash = createHash("sha256")
  for await (const bytes of exchange.body()) {
    if (sha256 !== undefined) hash.update(bytes)
    yield bytes
  }
  if (sha256 !== undefined && hash.digest("hex") !== sha256.toLowerCase()) {
    throw invalid("The body does not have the SHA-256 that was signed.", "BadDigest")
  }
}
