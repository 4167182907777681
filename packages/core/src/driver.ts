import type { StorageErrorCode } from "./errors.ts"
import type { FileHeaders, FileInfo } from "./file-info.ts"
import type { KeyLimits } from "./names.ts"
import type { DriverPermissions } from "./permissions.ts"

/*
 * The interface of adapter authors. Keys that reach a driver are legal names (see names.ts), checked once by the
 * facade; options are checked against `features`; what a driver throws is wrapped in a StorageError by `errorCode`.
 * A driver adds no retries beside its client's, no defaults and no logging of its own.
 */

/** Options that a driver can honour. What is false is refused with `unsupported` before any request. */
export interface DriverFeatures {
  /** `put` with `ifAbsent`: created by one atomic act of the service, so that of any number of racers one wins. */
  readonly conditionalCreate: boolean
  /** `put` with `ifMatch`. */
  readonly conditionalMatch: boolean
  /** `copy` and `move` with `ifAbsent`, as atomic as `put`. */
  readonly conditionalCopy: boolean
  readonly metadata: boolean
  readonly cacheControl: boolean
  readonly contentDisposition: boolean
  readonly contentEncoding: boolean
  readonly contentLanguage: boolean
  /** The most keys that one `removeMany` takes. */
  readonly removeManyLimit?: number | undefined
}

/** What every asynchronous method of a driver is given. */
export interface DriverCallOptions {
  /** A driver must give up when it aborts, and must not commit anything after that. */
  readonly signal?: AbortSignal | undefined
}

/** The bytes to store. */
export interface PutBody {
  /** In bytes, where it is known before the bytes are read. */
  readonly size: number | undefined
  /** Whether `stream()` can be called again, so that a failed put can be repeated. */
  readonly replayable: boolean
  /** All the bytes, where they are in memory already: a driver should send them as they are. */
  readonly bytes: Uint8Array | undefined
  /** The bytes, chunk by chunk; never an empty chunk. Where it throws, the driver must leave nothing behind. */
  stream(): AsyncIterable<Uint8Array>
}

export interface PutOptions extends DriverCallOptions, FileHeaders {
  /** Always given: the facade has resolved it. */
  readonly contentType: string
  /** Create, never replace: throw an error that `errorCode` calls `already-exists` where the key is taken. */
  readonly ifAbsent?: boolean | undefined
  /**
   * With `ifAbsent`: another key to try when this one is taken. A driver that still has the bytes should use it,
   * and answers with the key that it took. Without it a one-shot stream that meets a taken key can't be saved.
   */
  readonly nextKey?: (() => string) | undefined
  /** Replace only the version with this entity tag: throw what `errorCode` calls `precondition-failed` otherwise. */
  readonly ifMatch?: string | undefined
}

/** Half-open: `end` is the first byte that is not wanted. */
export interface ByteRange {
  readonly start: number
  readonly end?: number | undefined
}

/** What `get` is asked for: the whole object, or a range of it. */
export interface GetOptions extends DriverCallOptions {
  readonly range?: ByteRange | undefined
}

/** An object that is being read: what is known of it, and its bytes. */
export interface DriverObject {
  readonly info: FileInfo
  /** Whether `info` lacks headers or metadata that `head` tells: a copy of the file then asks for those as well. */
  readonly partialInfo?: boolean | undefined
  /**
   * How many bytes `chunks` will give: core makes an error of a body that is shorter. Undefined only where the driver
   * decodes the bytes and would itself notice that some are missing.
   */
  readonly length: number | undefined
  /** The body. Ending the iteration early must release the connection or file. */
  readonly chunks: AsyncIterable<Uint8Array>
}

/** Which part of a listing is asked for. */
export interface PageOptions extends DriverCallOptions {
  /** Only keys that begin with it: `""` or something that ends with a slash. */
  readonly prefix: string
  /** Everything below the prefix, or one level with the rest folded into `prefixes`. */
  readonly recursive: boolean
  /** Where the page begins: what an earlier page answered, unchanged. */
  readonly cursor?: unknown
  /** False: headers and content types are not wanted, and a driver that pays for them should leave them out. */
  readonly headers?: boolean | undefined
}

/** One page of a listing. */
export interface ListPage {
  /** Sorted by the bytes of the key in UTF-8, across pages too. Foreign keys may be among them: core skips those. */
  readonly files: readonly FileInfo[]
  /** With `recursive: false`: the directories of this level, with trailing slash. */
  readonly prefixes: readonly string[]
  /** Undefined on the last page. The same cursor must give the same page again, so that a retry can repeat it. */
  readonly cursor?: unknown
}

/** One page of a listing of names, in the order of `ListPage.files` and by the same rules. */
export type NamesPage = Pick<ListPage, "cursor"> & { readonly names: readonly string[] }

/** On what condition `copy`, `copyFrom` and `move` may write. */
export interface CopyOptions extends DriverCallOptions {
  readonly ifAbsent?: boolean | undefined
}

/** Where an object is, for another storage of the same service to copy it without the bytes passing through here. */
export interface ObjectPlace {
  /**
   * Equal for storages between which the service copies by itself, and whose buckets of one name are one bucket:
   * `"gcs https://storage.googleapis.com"`. Also what reading means must be equal, as bytes are copied as they are
   * stored: a storage that decodes (see `FileInfo.decoded`) is a service of its own.
   */
  readonly service: string
  /** Bucket or container. */
  readonly bucket: string
  /** The whole key, below any location. */
  readonly key: string
  /** A URL at which the service itself can read the object for an hour, where it copies by URL. */
  readonly sourceUrl?: ((signal: AbortSignal | undefined) => Promise<string>) | undefined
}

/** How a URL to read an object is signed. */
export interface SignedUrlOptions extends DriverCallOptions {
  /** From when the URL is valid: now, or the beginning of the rounding window. */
  readonly signedAt: Date
  /** In seconds from `signedAt`. */
  readonly expiresIn: number
  /** The Content-Disposition that the answer shall have. */
  readonly contentDisposition?: string | undefined
  /** The Content-Type that the answer shall have. */
  readonly contentType?: string | undefined
}

/** What a signed upload allows, and the headers that the object shall have. */
export interface SignedUploadOptions extends DriverCallOptions {
  readonly signedAt: Date
  /** In seconds from `signedAt`. */
  readonly expiresIn: number
  readonly contentType: string
  readonly cacheControl?: string | undefined
  readonly contentDisposition?: string | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
  /** The exact size in bytes, which the service must enforce. */
  readonly size?: number | undefined
  /** The largest size in bytes, which the service must enforce. */
  readonly maxSize?: number | undefined
}

/** A request that a browser can send to upload one file without passing through the app. */
export interface SignedUpload {
  readonly method: "PUT" | "POST"
  readonly url: string
  /** Headers to send, with PUT. */
  readonly headers: Readonly<Record<string, string>>
  /** Form fields to send before the field `file`, with POST. */
  readonly fields: Readonly<Record<string, string>>
  readonly expiresAt: Date
}

/** What a signed URL of a storage's own keys allows. */
export interface SignedTerms {
  readonly method: "GET" | "PUT"
  readonly expiresAt: Date
  /** With GET the type that the answer shall have; with PUT the one that the request must have. */
  readonly contentType?: string | undefined
  /** With GET the disposition that the answer shall have; with PUT the one that is stored. */
  readonly contentDisposition?: string | undefined
  /** With PUT: what is stored. */
  readonly cacheControl?: string | undefined
  /** With PUT: what is stored. */
  readonly metadata?: Readonly<Record<string, string>> | undefined
  /** With PUT: the exact size in bytes. */
  readonly size?: number | undefined
  /** With PUT: the largest size in bytes. */
  readonly maxSize?: number | undefined
  /** With PUT: the body is this part of a multipart upload, not a whole file. */
  readonly part?: { readonly uploadId: string; readonly number: number } | undefined
}

/** The headers of an object that is uploaded in parts. */
export interface MultipartOptions extends DriverCallOptions {
  readonly contentType: string
  readonly cacheControl?: string | undefined
  readonly contentDisposition?: string | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

/** How the URL of one part is signed. */
export interface SignedPartOptions extends DriverCallOptions {
  readonly signedAt: Date
  /** In seconds from `signedAt`. */
  readonly expiresIn: number
  /** The exact size of the part in bytes, enforced where the service can. */
  readonly size: number
}

/** A part that has arrived. */
export interface UploadedPart {
  /** From 1. */
  readonly number: number
  /** In bytes. */
  readonly size: number
  /** What the service asks for again when the upload is completed. */
  readonly etag?: string | undefined
}

/** What the parts of an upload may be, in bytes. */
export interface PartLimits {
  /** Of all parts but the last. */
  readonly smallest: number
  readonly largest: number
  readonly count: number
}

/**
 * Uploads in parts that a client sends straight to the service, each with a signed URL of its own. An upload is known
 * by its key and id. One that is not there, or is completed or aborted already, is what `errorCode` calls `not-found`;
 * only completing it again with the same parts may answer with the file that they have become.
 */
export interface DriverMultipart {
  readonly limits: PartLimits
  /** Begins an upload, of which nothing is to be seen before it is completed. @returns its id */
  start(key: string, options: MultipartOptions): Promise<string>
  signPart(key: string, uploadId: string, number: number, options: SignedPartOptions): Promise<SignedUpload>
  /** The parts that have arrived, by their numbers. */
  parts(key: string, uploadId: string, options: DriverCallOptions): Promise<readonly UploadedPart[]>
  /** Makes the file of these parts, which are in order and without a gap: all or nothing. */
  complete(key: string, uploadId: string, parts: readonly UploadedPart[], options: DriverCallOptions): Promise<FileInfo>
  /** Removes the upload and its parts. Succeeds where there is none. */
  abort(key: string, uploadId: string, options: DriverCallOptions): Promise<void>
  /** Stores a part whole, where no service does: called by who serves the storage, after `checkSigned`. */
  storePart?:
    | ((
        key: string,
        uploadId: string,
        number: number,
        body: PutBody,
        options: DriverCallOptions,
      ) => Promise<UploadedPart>)
    | undefined
}

/** A key that `removeMany` could not remove, and why. */
export interface RemoveFailure {
  readonly key: string
  readonly error: unknown
}

/** One backend. Optional members are capabilities: core falls back where it can, else throws `unsupported`. */
export interface StorageDriver {
  /** `"s3"` */
  readonly name: string
  /** What it points at, for messages, without secrets: `"s3://bucket"`. */
  readonly target: string
  readonly features: DriverFeatures
  readonly limits: KeyLimits
  /** What each operation needs to be allowed, in the provider's words: a refusal then tells what is missing. */
  readonly permissions?: DriverPermissions | undefined

  /** Stores the body under the key, all or nothing; replaces what is there unless a condition says otherwise. */
  put(key: string, body: PutBody, options: PutOptions): Promise<FileInfo>
  /** The object, or undefined where there is none: never a throw. A range past the end is an empty body. */
  get(key: string, options: GetOptions): Promise<DriverObject | undefined>
  /** What is known of the object, or undefined where there is none. A refusal is an error, never undefined. */
  head(key: string, options: DriverCallOptions): Promise<FileInfo | undefined>
  /** Succeeds where there is nothing to remove. */
  remove(key: string, options: DriverCallOptions): Promise<void>
  /** One page of a listing. A prefix without keys is an empty page. */
  page(options: PageOptions): Promise<ListPage>
  /** The names alone, always recursive, where telling more of each file costs more. Default: those of `page`. */
  pageNames?: ((options: PageOptions) => Promise<NamesPage>) | undefined
  /** What an error of this backend means, or undefined. StorageErrors are not asked about. */
  errorCode(error: unknown): StorageErrorCode | undefined
  /** Seconds that the service asked to wait, where the error tells. */
  retryAfter?: ((error: unknown) => number | undefined) | undefined

  /** Copies inside the service, with headers and metadata; undefined where there is no such source. */
  copy?: ((from: string, to: string, options: CopyOptions) => Promise<FileInfo | undefined>) | undefined
  /**
   * Where the object would be, without a request; undefined where that can't be told. Needed together with `copyFrom`;
   * without it, it lets `transfer` notice a target that lies within its source.
   */
  place?: ((key: string) => ObjectPlace | undefined) | undefined
  /** Like `copy`, from another storage whose `place` is of the same service; only then is it called. */
  copyFrom?: ((from: ObjectPlace, to: string, options: CopyOptions) => Promise<FileInfo | undefined>) | undefined
  /** Renames atomically, with headers and metadata; undefined where there is no such source. */
  move?: ((from: string, to: string, options: CopyOptions) => Promise<FileInfo | undefined>) | undefined
  /** Removes at most `features.removeManyLimit` keys and answers with those that failed. */
  removeMany?: ((keys: readonly string[], options: DriverCallOptions) => Promise<readonly RemoveFailure[]>) | undefined
  /** A URL that anybody can read, made without network or credentials. */
  publicUrl?: ((key: string) => string) | undefined
  signedUrl?: ((key: string, options: SignedUrlOptions) => Promise<string>) | undefined
  signedUpload?: ((key: string, options: SignedUploadOptions) => Promise<SignedUpload>) | undefined
  /**
   * What the token of a signed URL allows, where the storage signs by keys of its own and is served by a handler:
   * undefined for a token that is not valid for this key now. Compares in constant time.
   */
  checkSigned?: ((key: string, token: string) => SignedTerms | undefined) | undefined
  multipart?: DriverMultipart | undefined
  close?: (() => Promise<void>) | undefined
}

/** Every member of a driver, the optional ones as `undefined` where they are missing: nothing can be forgotten. */
export type CompleteDriver = { readonly [Member in keyof Required<StorageDriver>]: StorageDriver[Member] }

export type CompleteMultipart = { readonly [Member in keyof Required<DriverMultipart>]: DriverMultipart[Member] }

/** Wraps a driver. See `layers/` for those that come with core. */
export type Layer = (next: StorageDriver) => StorageDriver
