import type { BlobHTTPHeaders, BlockBlobUploadOptions } from "@azure/storage-blob"
import type { FileHeaders, FileInfo, PutOptions } from "@node-storages/core"
import { decodes, defined, headersOf } from "@node-storages/core/adapter"
import type { AzureSettings } from "./azure-options.ts"
import { fromAzureMetadata, toAzureMetadata } from "./metadata.ts"

/** Parameters of a request that stores. The caller's own headers go before `objectParameters`. Blobs in parts have no MD5. */
export function putParameters(
  settings: AzureSettings,
  key: string,
  headers: PutOptions,
  md5: Uint8Array | undefined,
): BlockBlobUploadOptions {
  const parameters = settings.objectParameters(key)
  const { metadata, ifAbsent, ifMatch } = headers
  return {
    ...parameters,
    blobHTTPHeaders: { ...parameters.blobHTTPHeaders, ...httpHeaders(headers), ...(md5 && { blobContentMD5: md5 }) },
    ...(metadata !== undefined && { metadata: { ...parameters.metadata, ...toAzureMetadata(metadata) } }),
    conditions: { ...(ifAbsent && { ifNoneMatch: "*" }), ...(ifMatch !== undefined && { ifMatch }) },
  }
}

export function httpHeaders(headers: FileHeaders): BlobHTTPHeaders {
  const { cacheControl, contentDisposition, contentEncoding, contentLanguage, contentType } = headers
  return defined({
    blobCacheControl: cacheControl,
    blobContentDisposition: contentDisposition,
    blobContentEncoding: contentEncoding,
    blobContentLanguage: contentLanguage,
    blobContentType: contentType,
  })
}

/** What the service answers to a request that stores. */
export interface StoredAnswer {
  readonly etag?: string | undefined
  readonly lastModified?: Date | undefined
}

/** The file's info after a put, without asking again. */
export function infoAfterPut(
  settings: AzureSettings,
  key: string,
  size: number,
  md5: Uint8Array | undefined,
  { etag, lastModified }: StoredAnswer,
  headers: PutOptions,
): FileInfo {
  return {
    name: key,
    size,
    modified: lastModified ?? new Date(),
    ...headersOf(headers),
    ...defined({
      etag: quoted(etag),
      checksum: md5 && { md5: hex(md5) },
      decoded: decodes(settings.compressedTypes, headers.contentEncoding),
    }),
  }
}

/** What a HEAD, a GET or a listing tells of a blob. */
export interface BlobProperties {
  readonly etag?: string | undefined
  readonly lastModified?: Date | undefined
  readonly contentType?: string | undefined
  readonly cacheControl?: string | undefined
  readonly contentDisposition?: string | undefined
  readonly contentEncoding?: string | undefined
  readonly contentLanguage?: string | undefined
  readonly contentMD5?: Uint8Array | undefined
  readonly metadata?: Record<string, string> | undefined
}

const PROPERTIES = [
  "etag",
  "lastModified",
  "contentType",
  "cacheControl",
  "contentDisposition",
  "contentEncoding",
  "contentLanguage",
  "contentMD5",
  "metadata",
] as const satisfies (keyof BlobProperties)[]

/** Of an answer, just what it tells of the blob. */
export function propertiesOf(blob: BlobProperties): BlobProperties {
  return Object.fromEntries(PROPERTIES.map((name) => [name, blob[name]]))
}

/** An answer as FileInfo. `size` is the whole blob's. */
export function infoOfBlob(settings: AzureSettings, key: string, blob: BlobProperties, size: number): FileInfo {
  const { cacheControl, contentDisposition, contentEncoding, contentLanguage, contentType, contentMD5 } = blob
  const metadata = blob.metadata && Object.keys(blob.metadata).length > 0 ? fromAzureMetadata(blob.metadata) : undefined
  return {
    name: key,
    size,
    modified: blob.lastModified ?? new Date(0),
    ...defined({
      etag: quoted(blob.etag),
      // Listings give empty elements for headers that are not set.
      contentType: contentType || undefined,
      cacheControl: cacheControl || undefined,
      contentDisposition: contentDisposition || undefined,
      contentEncoding: contentEncoding || undefined,
      contentLanguage: contentLanguage || undefined,
      metadata,
      decoded: decodes(settings.compressedTypes, contentEncoding),
      checksum: contentMD5 && contentMD5.byteLength > 0 ? { md5: hex(contentMD5) } : undefined,
    }),
  }
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex")
}

/** An entity tag in its quotes, which listings leave out. */
function quoted(etag: string | undefined): string | undefined {
  return etag === undefined || /^(W\/)?"/.test(etag) ? etag : `"${etag}"`
}
