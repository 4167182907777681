import { type FileHeaders, type FileInfo, OCTET_STREAM, typeOfName } from "@node-storages/core"
import type { LocalFileStats } from "./file-system.ts"
import { etagOf } from "./file-version.ts"

/** What a storage tells of a file: what the disk knows, and its headers. */
export function fileInfo(name: string, stats: LocalFileStats, headers: FileHeaders): FileInfo {
  const { contentType, cacheControl, contentDisposition, contentEncoding, contentLanguage, metadata } = headers
  return {
    name,
    size: stats.size,
    modified: new Date(stats.mtimeMs),
    etag: etagOf(stats),
    contentType: contentType ?? typeOfName(name) ?? OCTET_STREAM,
    ...(cacheControl !== undefined && { cacheControl }),
    ...(contentDisposition !== undefined && { contentDisposition }),
    ...(contentEncoding !== undefined && { contentEncoding }),
    ...(contentLanguage !== undefined && { contentLanguage }),
    ...(metadata !== undefined && { metadata }),
  }
}
