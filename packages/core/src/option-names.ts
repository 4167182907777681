import type { OptionNames } from "./check-options.ts"
import type { FileHeaders } from "./file-info.ts"
import type {
  CallOptions,
  CopyMoveOptions,
  ListOptions,
  SaveOptions,
  UploadOptions,
  UrlOptions,
  WriteOptions,
} from "./storage.ts"

export const CALL_OPTIONS: OptionNames<CallOptions> = { signal: true, timeout: true }

export const HEADER_OPTIONS: OptionNames<FileHeaders> = {
  contentType: true,
  cacheControl: true,
  contentDisposition: true,
  contentEncoding: true,
  contentLanguage: true,
  metadata: true,
}

const STORE_OPTIONS = { ...CALL_OPTIONS, ...HEADER_OPTIONS, checksum: true, onProgress: true } as const

export const SAVE_OPTIONS: OptionNames<SaveOptions> = { ...STORE_OPTIONS, overwrite: true, maxLength: true }
export const WRITE_OPTIONS: OptionNames<WriteOptions> = { ...STORE_OPTIONS, ifAbsent: true, ifMatch: true }
export const LIST_OPTIONS: OptionNames<ListOptions> = { ...CALL_OPTIONS, headers: true }
export const COPY_MOVE_OPTIONS: OptionNames<CopyMoveOptions> = { ...CALL_OPTIONS, ifAbsent: true }
export const URL_OPTIONS: OptionNames<UrlOptions> = {
  ...CALL_OPTIONS,
  expiresIn: true,
  download: true,
  contentType: true,
}
export const UPLOAD_OPTIONS: OptionNames<UploadOptions> = {
  ...CALL_OPTIONS,
  expiresIn: true,
  contentType: true,
  cacheControl: true,
  contentDisposition: true,
  metadata: true,
  size: true,
  maxSize: true,
}
