/** Writing an object in one request: `uploadType=media` and `uploadType=multipart`. */
import { readPredefinedAcl } from "./access.ts"
import { checkChecksums, checksumsOfHeader, checksumsOfMetadata, type Checksums } from "./checksums.ts"
import type { Content, ContentFolder } from "./content.ts"
import { invalid, required } from "./errors.ts"
import { parseJsonObject, type Exchange } from "./exchange.ts"
import { readMetadata, type Metadata } from "./metadata.ts"
import { boundaryOf, readParts, textOf } from "./multipart.ts"
import { checkObjectName } from "./object-names.ts"
import type { Bucket, StoredObject } from "./object-store.ts"
import { checkConditions, conditionsOf, type Conditions } from "./preconditions.ts"
import type { SizeRange } from "./post-policy.ts"
import { objectResource } from "./resources.ts"

/** What an insert says before its content comes; checked as far as it can be by then. */
export interface Insert {
  bucket: Bucket
  name: string
  metadata: Metadata
  isPublic: boolean
  conditions: Conditions
  checksums: Checksums
  /** Bytes that the content may have. */
  sizeRange?: SizeRange
}

export function startInsert(bucket: Bucket, query: URLSearchParams, body: Record<string, unknown>): Insert {
  const name = query.get("name") ?? body["name"] ?? ""
  if (typeof name !== "string") throw required("Required parameter: name")
  checkObjectName(name)
  const insert: Insert = {
    bucket,
    name,
    metadata: readMetadata(body),
    isPublic: readPredefinedAcl(bucket, query.get("predefinedAcl"), body["acl"]) ?? false,
    conditions: conditionsOf(query),
    checksums: checksumsOfMetadata(body),
  }
  const contentEncoding = query.get("contentEncoding")
  if (contentEncoding !== null) insert.metadata.contentEncoding = contentEncoding
  checkConditions(insert.conditions, bucket.find(name), "write")
  return insert
}

/** The end of every way to write an object. Nothing is stored when it throws. */
export function commitInsert(insert: Insert, content: Content, ...more: readonly Checksums[]): StoredObject {
  const { bucket, name, metadata, isPublic, conditions, checksums, sizeRange } = insert
  try {
    if (sizeRange) checkSize(content.size, sizeRange)
    checkChecksums(content, checksums, ...more)
    return bucket.put(name, { content, metadata, isPublic }, conditions)
  } catch (error) {
    content.release()
    throw error
  }
}

export async function answerInsert(exchange: Exchange, bucket: Bucket, folder: ContentFolder): Promise<void> {
  const insert = exchange.query.get("uploadType") === "multipart" ? insertMultipart : insertMedia
  const object = await insert(exchange, bucket, folder)
  return exchange.sendJson(200, objectResource(object, exchange.origin))
}

async function insertMedia(exchange: Exchange, bucket: Bucket, folder: ContentFolder): Promise<StoredObject> {
  const contentType = exchange.header("content-type")
  const insert = startInsert(bucket, exchange.query, contentType === undefined ? {} : { contentType })
  const content = await receive(exchange.body(), folder)
  return commitInsert(insert, content, checksumsOfHeader(exchange.header("x-goog-hash")))
}

async function insertMultipart(exchange: Exchange, bucket: Bucket, folder: ContentFolder): Promise<StoredObject> {
  const boundary = boundaryOf(exchange.header("content-type"), "multipart/related")
  const parts = readParts(exchange.body(), boundary)
  const first = (await parts.next()).value
  if (!first || !first.headers.get("content-type")?.startsWith("application/json")) {
    throw invalid("The first part of a multipart upload must be the metadata in application/json.")
  }
  const body = parseJsonObject(await textOf(first))
  const insert = startInsert(bucket, exchange.query, body)
  const media = (await parts.next()).value
  if (!media) throw invalid("A multipart upload needs a second part with the content.")
  const contentType = media.headers.get("content-type")
  if (contentType !== undefined) insert.metadata.contentType ??= contentType
  const content = await receive(media.body, folder)
  if (!(await parts.next()).done) {
    content.release()
    throw invalid("A multipart upload must have two parts.")
  }
  return commitInsert(insert, content, checksumsOfHeader(exchange.header("x-goog-hash")))
}

function checkSize(size: number, { least, most }: SizeRange): void {
  if (size > most) throw invalid("Your proposed upload exceeds the maximum allowed object size.", "EntityTooLarge")
  if (size < least)
    throw invalid("Your proposed upload is smaller than the minimum allowed object size.", "EntityTooSmall")
}

export async function receive(body: AsyncIterable<Buffer>, folder: ContentFolder): Promise<Content> {
  const writer = folder.writer()
  try {
    for await (const bytes of body) await writer.write(bytes)
  } catch (error) {
    await writer.discard()
    throw error
  }
  return writer.finish()
}
