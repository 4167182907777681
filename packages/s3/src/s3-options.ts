import type { ObjectCannedACL, PutObjectCommandInput, S3Client, S3ClientConfig } from "@aws-sdk/client-s3"
import { checkOptions, type OptionNames, STORAGE_OPTIONS, StorageError, type StorageOptions } from "@node-storages/core"
import { compressedTypes, wholeNumber } from "@node-storages/core/adapter"

/**
 * What a service does with `If-None-Match: *`, which `save()` and `write(…, { ifAbsent: true })` stand on:
 * - `"put-and-multipart"`: honoured by PutObject and CompleteMultipartUpload (Amazon S3, R2, MinIO)
 * - `"put"`: by PutObject only (older Ceph): content that is longer than one part and not in memory is written to a
 *   temporary file first, and sent as one conditional put of at most 5 GiB
 * - `"none"`: by neither: `save()` without `overwrite: true` is refused with `unsupported`
 */
export type ConditionalCreate = "put-and-multipart" | "put" | "none"

/** Any parameter of PutObject that is not about the bytes. */
export type ObjectParameters = Partial<
  Omit<PutObjectCommandInput, "Bucket" | "Key" | "Body" | "ContentLength" | "ContentMD5" | "IfNoneMatch" | "IfMatch">
>

export interface S3StorageOptions extends StorageOptions {
  /** The bucket's region. Default: the SDK's own search (AWS_REGION, shared configuration). */
  readonly region?: string | undefined
  /** The address of an S3-compatible service: `"https://s3.example.com"`. Default: AWS, or AWS_ENDPOINT_URL_S3. */
  readonly endpoint?: string | undefined
  /** `https://host/bucket/key` instead of `https://bucket.host/key`. Default: false, the SDK's own. */
  readonly forcePathStyle?: boolean | undefined
  /** Default: the SDK's own search (environment, shared configuration, instance role), on first use. */
  readonly credentials?: S3ClientConfig["credentials"] | undefined
  /** A client of your own, which then decides region, endpoint, credentials and retries. It is never closed here. */
  readonly client?: S3Client | undefined
  /** Canned ACL of what is stored. A public one makes `url()` public. Default: none, the bucket's own rules. */
  readonly acl?: ObjectCannedACL | undefined
  /** Parameters for every object, or a function of its key: storage class, encryption (SSE-S3, KMS, C), tags, … */
  readonly objectParameters?: ObjectParameters | ((key: string) => ObjectParameters) | undefined
  /**
   * Stores text compressed, with `Content-Encoding: gzip`, and decompresses it on reading: `true` for CSS,
   * JavaScript, JSON, SVG and XML, or a list of content types. `size` is then the stored one. Default: false.
   */
  readonly gzip?: boolean | readonly string[] | undefined
  /** In bytes, 5 MiB to 5 GiB. Content up to this size is sent in one request. Default: 8 MiB. */
  readonly partSize?: number | undefined
  /** Parts under way at once; memory is about part size × (concurrency + 2). Default: 4. */
  readonly uploadConcurrency?: number | undefined
  /** In bytes. Objects above it are copied by parts of this size. Default (and limit of the service): 5 GiB. */
  readonly copyPartSize?: number | undefined
  /** Default: `"put-and-multipart"` on AWS; with another endpoint PutObject is tried once, and is `"put"` or `"none"`. */
  readonly conditionalCreate?: ConditionalCreate | undefined
  /** Whether PutObject honours `If-Match`, which `write(…, { ifMatch })` needs. Default: true on AWS, false elsewhere. */
  readonly conditionalMatch?: boolean | undefined
  /** Whether the service takes HTML form uploads with a POST policy (R2 and B2 do not). Default: true. */
  readonly postUploads?: boolean | undefined
}

const S3_STORAGE_OPTIONS: OptionNames<S3StorageOptions> = {
  ...STORAGE_OPTIONS,
  region: true,
  endpoint: true,
  forcePathStyle: true,
  credentials: true,
  client: true,
  acl: true,
  objectParameters: true,
  gzip: true,
  partSize: true,
  uploadConcurrency: true,
  copyPartSize: true,
  conditionalCreate: true,
  conditionalMatch: true,
  postUploads: true,
}

const MEBIBYTE = 1024 * 1024
/** The service's limits on a part, and on one PutObject or CopyObject, in bytes. */
export const SMALLEST_PART: number = 5 * MEBIBYTE
export const LARGEST_PUT: number = 5 * 1024 * MEBIBYTE
/** The service's limit on the parts of one upload. */
export const MOST_PARTS = 10_000

const DEFAULT_PART_SIZE = 8 * MEBIBYTE
const DEFAULT_CONCURRENCY = 4
const CONDITIONAL_CREATES: readonly string[] = ["put-and-multipart", "put", "none"]

/** Decisions of the driver that do not depend on the client. */
export interface S3Settings {
  readonly bucket: string
  readonly acl: ObjectCannedACL | undefined
  readonly objectParameters: (key: string) => ObjectParameters
  readonly compressedTypes: ReadonlySet<string>
  readonly partSize: number
  readonly uploadConcurrency: number
  readonly copyPartSize: number
  readonly conditionalCreate: ConditionalCreate | undefined
  readonly conditionalMatch: boolean | undefined
  readonly postUploads: boolean
}

/** The driver's settings, checked and with their defaults. @throws StorageError `invalid-option` */
export function s3Settings(bucket: string, options: S3StorageOptions): S3Settings {
  checkOptions("S3Storage", options, S3_STORAGE_OPTIONS)
  if (typeof bucket !== "string" || bucket.trim() === "") {
    throw new StorageError(
      "invalid-option",
      `S3Storage: the bucket must be a name, not ${JSON.stringify(bucket) ?? "undefined"}. Is the environment variable set?`,
    )
  }
  if (options.endpoint !== undefined && !/^https?:\/\/[^/]/.test(options.endpoint)) {
    throw new StorageError(
      "invalid-option",
      `S3Storage: endpoint ${JSON.stringify(options.endpoint)} must be a URL with its scheme: "https://s3.example.com".`,
    )
  }
  if (options.client && (options.region ?? options.endpoint ?? options.credentials ?? options.forcePathStyle)) {
    throw new StorageError(
      "invalid-option",
      "S3Storage: with `client`, the region, endpoint, forcePathStyle and credentials are the client's: give them to it.",
    )
  }
  const { conditionalCreate, objectParameters = {}, gzip = false } = options
  if (conditionalCreate !== undefined && !CONDITIONAL_CREATES.includes(conditionalCreate)) {
    throw new StorageError(
      "invalid-option",
      `S3Storage: conditionalCreate must be one of ${CONDITIONAL_CREATES.join(", ")}, not ${JSON.stringify(conditionalCreate)}.`,
    )
  }
  return {
    bucket,
    acl: options.acl,
    objectParameters: typeof objectParameters === "function" ? objectParameters : () => objectParameters,
    compressedTypes: compressedTypes(gzip),
    partSize: wholeNumber("S3Storage: partSize", options.partSize ?? DEFAULT_PART_SIZE, SMALLEST_PART, LARGEST_PUT),
    uploadConcurrency: wholeNumber(
      "S3Storage: uploadConcurrency",
      options.uploadConcurrency ?? DEFAULT_CONCURRENCY,
      1,
      1000,
    ),
    copyPartSize: wholeNumber(
      "S3Storage: copyPartSize",
      options.copyPartSize ?? LARGEST_PUT,
      SMALLEST_PART,
      LARGEST_PUT,
    ),
    conditionalCreate,
    conditionalMatch: options.conditionalMatch,
    postUploads: options.postUploads ?? true,
  }
}
