export { alternativeName, type NameRoom, randomText, shortenName, splitExtension } from "./alternative-name.ts"
export { abortError, throwIfAborted } from "./call.ts"
export { checkKeys } from "./check-keys.ts"
export { checkOptions, nearest, type OptionNames } from "./check-options.ts"
export { type ContentChunk, type ContentInput } from "./content.ts"
export { OCTET_STREAM, typeOfExtension, typeOfName } from "./content-type.ts"
export { defineStorages, type StorageEntry, type Storages } from "./define-storages.ts"
export type {
  ByteRange,
  CompleteDriver,
  CopyOptions,
  DriverCallOptions,
  DriverFeatures,
  DriverMultipart,
  DriverObject,
  GetOptions,
  Layer,
  ListPage,
  MultipartOptions,
  NamesPage,
  ObjectPlace,
  PageOptions,
  PartLimits,
  PutBody,
  PutOptions,
  RemoveFailure,
  SignedPartOptions,
  SignedTerms,
  SignedUpload,
  SignedUploadOptions,
  SignedUrlOptions,
  StorageDriver,
  UploadedPart,
} from "./driver.ts"
export { driverOf } from "./driver-of.ts"
export { DriverStorage } from "./driver-storage.ts"
export { type Duration, seconds } from "./duration.ts"
export { type NamedFailure, StorageError, type StorageErrorCode, type StorageErrorOptions } from "./errors.ts"
export type { Checksums, FileHeaders, FileInfo } from "./file-info.ts"
export { type DriverCall, intercept } from "./layers/intercept.ts"
export { lendingChunks, lentChunks } from "./lent-chunks.ts"
export { limit } from "./layers/limit.ts"
export { passThrough } from "./layers/pass-through.ts"
export { prefix } from "./layers/prefix.ts"
export { readOnly } from "./layers/read-only.ts"
export { retry, type RetryOptions } from "./layers/retry.ts"
export { timeout } from "./layers/timeout.ts"
export {
  MultipartUpload,
  type MultipartUploadOptions,
  type SignPartOptions,
  type StorePartOptions,
} from "./multipart.ts"
export {
  compareKeys,
  type KeyLimits,
  nameProblem,
  normalizeDirectory,
  normalizeName,
  utf8Length,
  validName,
} from "./names.ts"
export { describePermissions, type DriverPermissions, type Permission } from "./permissions.ts"
export type {
  CallOptions,
  CopyMoveOptions,
  DirectoryListing,
  ListOptions,
  Progress,
  SaveOptions,
  Storage,
  StoreOptions,
  UploadOptions,
  UrlOptions,
  WriteOptions,
} from "./storage.ts"
export { type FileSource, isStorageFile, type OpenedBytes, type Slice, StorageFile } from "./storage-file.ts"
export {
  type SignatureOptions,
  type SignerOptions,
  STORAGE_OPTIONS,
  type StorageOptions,
  type UrlSigner,
} from "./storage-options.ts"
export { storageFromEnv } from "./storage-from-env.ts"
export {
  type QueryKinds,
  type QueryOptions,
  queryOptions,
  type QueryValues,
  registerScheme,
  SCHEME_PACKAGES,
  storageFromUrl,
  type StorageUrlFactory,
} from "./storage-url.ts"
export { transfer } from "./transfer/transfer.ts"
export type {
  TransferComparison,
  TransferOptions,
  TransferProgress,
  TransferReport,
} from "./transfer/transfer-options.ts"
export { wholeBytes, wholeChunks } from "./whole-chunks.ts"
export { checkBaseUrl, contentDisposition, encodeKey, joinUrl } from "./urls.ts"
