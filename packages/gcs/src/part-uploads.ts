import {
  type DriverCallOptions,
  type DriverMultipart,
  encodeKey,
  type FileInfo,
  type MultipartOptions,
  StorageError,
  type UploadedPart,
} from "@node-storages/core"
import { commit, encodeMetadata } from "@node-storages/core/adapter"
import { type Connection, targetOf } from "./connection.ts"
import { attemptsOf, gcsErrorCode } from "./gcs-errors.ts"
import { headObject } from "./head.ts"
import type { ApiRequest } from "./json-api.ts"
import { infoOf, type ObjectResource } from "./object-resource.ts"
import { type SignedRequests, xmlAcl } from "./signed-requests.ts"
import { elementsOf, escapeXml, textOf } from "./xml.ts"

const MEBIBYTE = 1024 * 1024
/** In bytes. https://cloud.google.com/storage/quotas#objects */
const LIMITS = { smallest: 5 * MEBIBYTE, largest: 5 * 1024 * MEBIBYTE, count: 10_000 }
/** The service's limit on the parts of one answer. */
const PAGE_SIZE = 1000
/** The service may take several minutes to put a large object together. In milliseconds. */
const COMPLETION_TIMEOUT = 15 * 60_000

/**
 * Uploads in parts by the XML API, as the JSON API has none. The parts are sent with signed URLs.
 * https://cloud.google.com/storage/docs/multipart-uploads
 */
export function partUploads(connection: Connection, signed: SignedRequests): DriverMultipart {
  return {
    limits: LIMITS,
    start: (key, options) => start(connection, key, options),
    signPart: (key, uploadId, number, options) => signed.part(key, uploadId, number, options),
    parts: (key, uploadId, options) => listParts(connection, key, uploadId, options),
    complete: (key, uploadId, parts, options) => complete(connection, key, uploadId, parts, options),
    async abort(key, uploadId, { signal }) {
      try {
        await send(connection, key, { method: "DELETE", query: { uploadId }, signal })
      } catch (error) {
        if (gcsErrorCode(error) !== "not-found") throw error
      }
    },
  }
}

async function start(connection: Connection, key: string, options: MultipartOptions): Promise<string> {
  const headers = startHeaders(connection, key, options)
  const xml = await commit(options.signal, (signal) =>
    send(connection, key, { method: "POST", query: { uploads: "" }, headers, signal }),
  )
  const id = textOf(xml, "UploadId")
  if (!id) throw new Error("The service began a multipart upload without telling its id.")
  return id
}

/** What the object will have, in the XML API's words. */
function startHeaders({ settings }: Connection, key: string, options: MultipartOptions): Record<string, string> {
  const { kmsKeyName, storageClass, customTime, eventBasedHold, temporaryHold, metadata, ...given } =
    settings.objectParameters(key)
  if (eventBasedHold || temporaryHold) {
    throw new StorageError(
      "unsupported",
      `${targetOf(settings)}: an upload in parts can't put an object on hold as "objectParameters" say. Leave the hold out ` +
        "for these names (it can be a function), or let the upload pass through the app: save().",
    )
  }
  const all: Readonly<Record<string, string | undefined>> = {
    "content-type": options.contentType,
    "cache-control": options.cacheControl ?? given.cacheControl,
    "content-disposition": options.contentDisposition ?? given.contentDisposition,
    "content-encoding": given.contentEncoding,
    "content-language": given.contentLanguage,
    "x-goog-acl": xmlAcl(settings),
    "x-goog-storage-class": storageClass,
    "x-goog-custom-time": customTime,
    "x-goog-encryption-kms-key-name": kmsKeyName,
    ...Object.fromEntries(
      Object.entries(encodeMetadata({ ...metadata, ...options.metadata })).map(([name, value]) => [
        `x-goog-meta-${name}`,
        value,
      ]),
    ),
  }
  return Object.fromEntries(Object.entries(all).filter((header): header is [string, string] => header[1] !== undefined))
}

async function listParts(
  connection: Connection,
  key: string,
  uploadId: string,
  { signal }: DriverCallOptions,
): Promise<UploadedPart[]> {
  const parts: UploadedPart[] = []
  let marker: string | undefined
  do {
    const query = { uploadId, "max-parts": PAGE_SIZE, "part-number-marker": marker }
    const xml = await send(connection, key, { method: "GET", query, signal })
    parts.push(...elementsOf(xml, "Part").map(toPart))
    marker = textOf(xml, "IsTruncated") === "true" ? textOf(xml, "NextPartNumberMarker") : undefined
  } while (marker !== undefined)
  return parts.toSorted((a, b) => a.number - b.number)
}

function toPart(xml: string): UploadedPart {
  const etag = textOf(xml, "ETag")
  return { number: Number(textOf(xml, "PartNumber")), size: Number(textOf(xml, "Size")), ...(etag && { etag }) }
}

async function complete(
  connection: Connection,
  key: string,
  uploadId: string,
  parts: readonly UploadedPart[],
  { signal }: DriverCallOptions,
): Promise<FileInfo> {
  const { settings } = connection
  const items = parts.map(
    ({ number, etag = "" }) => `<Part><PartNumber>${number}</PartNumber><ETag>${escapeXml(etag)}</ETag></Part>`,
  )
  const body = Buffer.from(`<CompleteMultipartUpload>${items.join("")}</CompleteMultipartUpload>`)
  const headers = { "content-type": "application/xml" }
  const size = parts.reduce((sum, part) => sum + part.size, 0)
  const before = await headObject(connection, key, signal)
  try {
    await commit(signal, (cut) =>
      send(connection, key, {
        method: "POST",
        query: { uploadId },
        headers,
        body,
        signal: cut,
        timeout: COMPLETION_TIMEOUT,
      }),
    )
  } catch (error) {
    // A request whose answer was lost is repeated, and an upload that is completed is none any more.
    if (gcsErrorCode(error) !== "not-found" || attemptsOf(error) < 2) throw error
    const after = await headObject(connection, key, undefined)
    if (!after || after.generation === before?.generation || Number(after.size) !== size) throw error
    return infoOf(settings, after)
  }
  // The object is there: that it can't be looked at any more is no failure of the upload.
  const stored = await headObject(connection, key, undefined).catch((): ObjectResource | undefined => undefined)
  return infoOf(settings, stored ?? { name: key, size: String(size), timeCreated: new Date().toISOString() })
}

/** A request to the XML API. @returns the answer's text */
async function send(
  { api, settings }: Connection,
  key: string,
  request: Omit<ApiRequest, "path" | "answer">,
): Promise<string> {
  const path = `/${encodeURIComponent(settings.bucket)}/${encodeKey(key)}`
  const { data } = await api.send<string>({ ...request, path, answer: "text" })
  return data
}
