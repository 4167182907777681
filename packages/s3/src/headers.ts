import type { HeadObjectCommandOutput, PutObjectCommandInput } from "@aws-sdk/client-s3"
import type { FileHeaders, FileInfo, PutOptions } from "@node-storages/core"
import { decodeMetadata, decodes, defined, encodeMetadata, headersOf } from "@node-storages/core/adapter"
import { checksumOf } from "./integrity.ts"
import type { ObjectParameters, S3Settings } from "./s3-options.ts"

/** Parameters that a request for an object encrypted with the customer's own key (SSE-C) must repeat. */
export type CustomerKey = Pick<PutObjectCommandInput, "SSECustomerAlgorithm" | "SSECustomerKey" | "SSECustomerKeyMD5">

export function customerKey(parameters: ObjectParameters): CustomerKey {
  const { SSECustomerAlgorithm, SSECustomerKey, SSECustomerKeyMD5 } = parameters
  return SSECustomerKey === undefined ? {} : { SSECustomerAlgorithm, SSECustomerKey, SSECustomerKeyMD5 }
}

/** What names an object in a request that reads it. */
export function objectTarget(settings: S3Settings, key: string): CustomerKey & { Bucket: string; Key: string } {
  return { Bucket: settings.bucket, Key: key, ...customerKey(settings.objectParameters(key)) }
}

/** PutObject's parameters for a file's headers. The caller's own headers go before `objectParameters`. */
export function putParameters(
  settings: S3Settings,
  key: string,
  headers: FileHeaders,
): Omit<PutObjectCommandInput, "Body"> {
  const parameters = settings.objectParameters(key)
  const { cacheControl, contentDisposition, contentEncoding, contentLanguage, contentType, metadata } = headers
  return {
    ...(settings.acl && { ACL: settings.acl }),
    ...parameters,
    ...(cacheControl !== undefined && { CacheControl: cacheControl }),
    ...(contentDisposition !== undefined && { ContentDisposition: contentDisposition }),
    ...(contentEncoding !== undefined && { ContentEncoding: contentEncoding }),
    ...(contentLanguage !== undefined && { ContentLanguage: contentLanguage }),
    ...(contentType !== undefined && { ContentType: contentType }),
    ...(metadata !== undefined && { Metadata: { ...parameters.Metadata, ...encodeMetadata(metadata) } }),
    Bucket: settings.bucket,
    Key: key,
  }
}

/** The file's info after a put, without asking again. `modified` is this machine's clock, the service's may differ. */
export function infoAfterPut(
  settings: S3Settings,
  key: string,
  size: number,
  answer: Parameters<typeof checksumOf>[0],
  headers: PutOptions,
): FileInfo {
  return {
    name: key,
    size,
    modified: new Date(),
    ...headersOf(headers),
    ...defined({
      etag: quoted(answer.ETag),
      checksum: checksumOf(answer),
      decoded: decodes(settings.compressedTypes, headers.contentEncoding),
    }),
  }
}

/** A HeadObject's or GetObject's answer as FileInfo. `size` is the whole object's. */
export function infoOfAnswer(
  settings: S3Settings,
  key: string,
  answer: Omit<HeadObjectCommandOutput, "$metadata">,
  size: number,
): FileInfo {
  const metadata =
    answer.Metadata && Object.keys(answer.Metadata).length > 0 ? decodeMetadata(answer.Metadata) : undefined
  // The SDK's own chunked encoding is not the object's; some services echo it.
  const contentEncoding = answer.ContentEncoding?.replace(/^aws-chunked(,\s*)?/, "") || undefined
  return {
    name: key,
    size,
    modified: answer.LastModified ?? new Date(0),
    ...defined({
      etag: quoted(answer.ETag),
      checksum: checksumOf(answer),
      decoded: decodes(settings.compressedTypes, contentEncoding),
      contentType: answer.ContentType,
      cacheControl: answer.CacheControl,
      contentDisposition: answer.ContentDisposition,
      contentEncoding,
      contentLanguage: answer.ContentLanguage,
      metadata,
    }),
  }
}

/** An entity tag in its quotes: some services leave them out of a copy's answer. */
export function quoted(etag: string | undefined): string | undefined {
  return etag === undefined || etag.startsWith('"') ? etag : `"${etag}"`
}
