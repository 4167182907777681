import type { ContentInput } from "./content.ts"
import type { Layer, SignedTerms, SignedUpload } from "./driver.ts"
import type { Duration } from "./duration.ts"
import type { Checksums, FileHeaders, FileInfo } from "./file-info.ts"
import type { MultipartUpload, MultipartUploadOptions } from "./multipart.ts"
import type { StorageFile } from "./storage-file.ts"

/** What every asynchronous method takes. */
export interface CallOptions {
  /** Cancels the call, which rejects with `aborted`. */
  readonly signal?: AbortSignal | undefined
  /** The most time that the call may take, after which it rejects with `timeout`. Default: none. */
  readonly timeout?: Duration | undefined
}

/** What a listing tells of each file. */
export interface ListOptions extends CallOptions {
  /**
   * False: name, size, time and entity tag are enough. On disk such a listing is several times as fast where files have
   * headers of their own; a service tells in both what it tells. Default: true.
   */
  readonly headers?: boolean | undefined
}

/** How much of a body has been handed to the backend, in bytes. */
export interface Progress {
  readonly loaded: number
  /** Undefined while the size is not known. */
  readonly total: number | undefined
}

/** What everything that stores content takes. */
export interface StoreOptions extends CallOptions, FileHeaders {
  /** Refuses the content with `checksum-mismatch`, before it is committed, unless it has these digests. */
  readonly checksum?: Checksums | undefined
  /** Called as bytes go out. What it throws cancels the call with `aborted`, unless the file is stored by then. */
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

export interface SaveOptions extends StoreOptions {
  /** Replace what has this name instead of choosing another name. Default: false. */
  readonly overwrite?: boolean | undefined
  /** The most characters of the final name; the stem is shortened, never the extension. Default: no limit. */
  readonly maxLength?: number | undefined
}

export interface WriteOptions extends StoreOptions {
  /** Create only: rejects with `already-exists` where the name is taken. Atomic. */
  readonly ifAbsent?: boolean | undefined
  /** Replace only the version with this entity tag: rejects with `precondition-failed` otherwise. */
  readonly ifMatch?: string | undefined
}

export interface CopyMoveOptions extends CallOptions {
  /** Rejects with `already-exists` where the destination is taken. Default: it is replaced. */
  readonly ifAbsent?: boolean | undefined
}

export interface UrlOptions extends CallOptions {
  /** How long a signed URL is valid. Given on a public storage it asks for a signed URL. */
  readonly expiresIn?: Duration | undefined
  /** Makes browsers save the file: under this name, or under its own with `true`. Needs a signed URL. */
  readonly download?: string | boolean | undefined
  /** The content type that the answer shall have. Needs a signed URL. */
  readonly contentType?: string | undefined
}

export interface UploadOptions extends CallOptions {
  /** How long the upload can be started. Default: 1 hour. */
  readonly expiresIn?: Duration | undefined
  /** Default: by the name's extension. */
  readonly contentType?: string | undefined
  readonly cacheControl?: string | undefined
  readonly contentDisposition?: string | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
  /** The exact size in bytes, enforced by the service; `unsupported` where it can't. */
  readonly size?: number | undefined
  /** The largest size in bytes, enforced by the service; `unsupported` where it can't. */
  readonly maxSize?: number | undefined
}

/** One level of a storage. */
export interface DirectoryListing {
  /** Full names without trailing slash, sorted: `"avatars/2024"`. */
  readonly directories: string[]
  /** Files with their full names, sorted. */
  readonly files: FileInfo[]
}

/**
 * Where files live: one interface for local disk, memory and cloud buckets.
 *
 * Names are relative and `/`-separated; see `normalizeName` for what is refused with `invalid-name`.
 * Every method rejects with a StorageError and nothing else.
 */
export interface Storage {
  /**
   * Stores content under this name, or under an alternative (`a_x7Gh2Qp.txt`) where it is taken: never replaces a
   * file unless `overwrite` is set. All or nothing, safe against any number of concurrent callers.
   * @returns the final name
   */
  save(name: string, content: ContentInput, options?: SaveOptions): Promise<string>
  /** Stores content under exactly this name, replacing what is there unless a condition is given. All or nothing. */
  write(name: string, content: ContentInput, options?: WriteOptions): Promise<FileInfo>
  /** The file, read lazily: no request until its bytes are asked for. */
  open(name: string, options?: CallOptions): StorageFile
  /** @throws StorageError `not-found` */
  stat(name: string, options?: CallOptions): Promise<FileInfo>
  /** False only where there is no such file: a refusal or a broken network rejects. */
  exists(name: string, options?: CallOptions): Promise<boolean>
  /** Deletes the file; succeeds where there is none. */
  delete(name: string, options?: CallOptions): Promise<void>
  /**
   * Deletes any number of files. All are tried.
   * @throws StorageError `partial-failure` whose `failures` tell each name that could not be deleted, and why
   */
  deleteMany(names: Iterable<string> | AsyncIterable<string>, options?: CallOptions): Promise<void>
  /**
   * Every file below a directory (`"users/1"` and `"users/1/"` are the same; default: all), in the order of the names'
   * bytes in UTF-8. Keys that are no legal names (written by other tools: `a//b`, `dir/`, `../x`) are skipped.
   */
  list(directory?: string, options?: ListOptions): AsyncGenerator<FileInfo, void, undefined>
  /**
   * The names alone of the same files: on disk several times as fast, as no file is looked at. A service's listing tells the
   * rest anyway.
   */
  listNames(directory?: string, options?: CallOptions): AsyncGenerator<string, void, undefined>
  /** One level: the directories and files in a directory. One that does not exist is empty. */
  listdir(directory?: string, options?: CallOptions): Promise<DirectoryListing>
  /** Copies inside the storage, by the service where it can, with headers and metadata. */
  copy(from: string, to: string, options?: CopyMoveOptions): Promise<FileInfo>
  /** Copies, verifies, then deletes the source; or renames where the backend can. */
  move(from: string, to: string, options?: CopyMoveOptions): Promise<FileInfo>
  /** A URL of the file, public or signed as the storage is configured. */
  url(name: string, options?: UrlOptions): Promise<string>
  /**
   * The public URL, without network, credentials or waiting: for templates.
   * @throws StorageError `unsupported` where the storage is not public
   */
  publicUrl(name: string): string
  /** A request with which a browser uploads straight to the service. */
  signedUpload(name: string, options?: UploadOptions): Promise<SignedUpload>
  /**
   * Begins an upload of a large file in parts, which a client sends straight to the service.
   * @throws StorageError `unsupported` where the service has no such uploads
   */
  startMultipart(name: string, options?: MultipartUploadOptions): Promise<MultipartUpload>
  /** An upload in parts that `startMultipart` has begun, by its id; asks for nothing. */
  multipart(name: string, id: string): MultipartUpload
  /**
   * What the token of a signed URL allows, for handlers that serve this storage: undefined for a token that is not valid
   * for this name, or not any more. Only storages with signing keys of their own have it: services check by themselves.
   */
  readonly checkSigned: ((name: string, token: string) => SignedTerms | undefined) | undefined
  /** The same storage seen through layers, the first one outermost. */
  with(...layers: Layer[]): Storage
  /** Releases connections. The storage can't be used afterwards. */
  close(): Promise<void>
}
