import { type FileHeaders, type FileInfo, OCTET_STREAM, typeOfName } from "@node-storages/core"
import type { LocalFileStats } from "./file-system.ts"
import { etagOf } from "./file-version.ts"

/** Headers of a file that has no record: all there is to know is in its name. */
export const NO_HEADERS: FileHeaders = {}

/** What the disk knows of a file, without its headers. */
export function bareInfo(name: string, stats: LocalFileStats): FileInfo {
  return { name, size: stats.size, modified: new Date(stats.mtimeMs), etag: etagOf(stats) }
}

/** What a storage tells of a file: what the disk knows, and its headers. */
export function fileInfo(name: string, stats: LocalFileStats, headers: FileHeaders): FileInfo {
  const { contentType = typeOfName(name) ?? OCTET_STREAM } = headers
  const info = { ...bareInfo(name, stats), contentType }
  if (headers === NO_HEADERS) return info
  const { cacheControl, contentDisposition, contentEncoding, contentLanguage, metadata } = headers
  return {
    ...info,
    ...(cacheControl !== undefined && { cacheControl }),
    ...(contentDisposition !== undefined && { contentDisposition }),
    ...(contentEncoding !== undefined && { contentEncoding }),
    ...(contentLanguage !== undefined && { contentLanguage }),
    ...(metadata !== undefined && { metadata }),
  }
}
