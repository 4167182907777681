import { HeadBucketCommand, type S3Client } from "@aws-sdk/client-s3"
import type {
  DriverCallOptions,
  DriverObject,
  FileInfo,
  GetOptions,
  ListPage,
  PageOptions,
  StorageDriver,
} from "@node-storages/core"
import { StorageError } from "@node-storages/core"
import { emptyRange, ExistingPlace, readStored, storedRange } from "@node-storages/core/adapter"
import type { BucketAccess } from "./bucket-access.ts"
import { ConditionSupport } from "./condition-support.ts"
import { cancelledBy, type Connection, targetOf } from "./connection.ts"
import { copyObject } from "./copy.ts"
import { infoOfAnswer, objectTarget, quoted } from "./headers.ts"
import { partUploads } from "./part-uploads.ts"
import { s3Permissions } from "./permissions.ts"
import { placeOf } from "./place.ts"
import { putObject } from "./put.ts"
import type { ObjectRequests } from "./requests/object-requests.ts"
import { nameOf, s3ErrorCode, s3RetryAfter, statusOf } from "./s3-errors.ts"
import type { S3Settings } from "./s3-options.ts"
import { SignedRequests } from "./signed-requests.ts"

/** The service's limits on a key, in bytes of UTF-8, and on one DeleteObjects. */
const KEY_BYTES = 1024
const REMOVE_MANY_LIMIT = 1000
const PAGE_SIZE = 1000

export interface S3DriverOptions {
  readonly settings: S3Settings
  readonly client: () => S3Client
  readonly requests: () => ObjectRequests
  readonly access: BucketAccess
  readonly compatible: boolean
  /** What tells this service from others in an ObjectPlace. */
  readonly service: () => string
  /** In which bucket names are unique, as ARNs call it. */
  readonly partition: string
  readonly publicUrl: ((key: string) => string) | undefined
  readonly close: () => void
}

export function s3Driver(parts: S3DriverOptions): StorageDriver {
  const { settings, client, requests, access, compatible, service, partition, publicUrl, close } = parts
  const { bucket } = settings
  let made: Connection | undefined
  const connection = () => (made ??= { client: client(), requests: requests(), settings, compatible })
  const conditions = new ConditionSupport(connection)
  const signed = new SignedRequests(access, settings)
  const bucketExists = new ExistingPlace((signal) => askForBucket(connection(), signal))
  const target = (key: string) => objectTarget(settings, key)

  async function head(key: string, { signal }: DriverCallOptions): Promise<FileInfo | undefined> {
    try {
      const answer = await requests().head(target(key), signal)
      bucketExists.seen()
      return infoOfAnswer(settings, key, answer, answer.ContentLength ?? 0)
    } catch (error) {
      // A HEAD's 404 has no body to tell a missing object from a missing bucket.
      if (statusOf(error) !== 404) throw error
      await bucketExists.check(signal)
      return undefined
    }
  }

  async function get(key: string, { range, signal }: GetOptions): Promise<DriverObject | undefined> {
    const wanted = await storedRange(range, settings.compressedTypes, () => head(key, { signal }))
    const Range = wanted && `bytes=${wanted.start}-${wanted.end === undefined ? "" : wanted.end - 1}`
    try {
      const answer = await requests().get({ ...target(key), Range }, signal)
      bucketExists.seen()
      // Some services send encoded objects in chunks, without a length: HTTP itself then tells when one is cut short.
      const length = answer.ContentLength
      const size = answer.ContentRange ? Number(answer.ContentRange.split("/")[1]) : (length ?? 0)
      const info = infoOfAnswer(settings, key, answer, size)
      // Without a length the size is not known either.
      return readStored({ info, partialInfo: length === undefined, length, chunks: answer.Body }, range)
    } catch (error) {
      if (statusOf(error) === 416) return emptyRange(await head(key, { signal }))
      if (statusOf(error) === 404 && nameOf(error) !== "NoSuchBucket") return undefined
      throw error
    }
  }

  async function page({ prefix, recursive, cursor, signal }: PageOptions): Promise<ListPage> {
    const answer = await requests().list(
      {
        Bucket: bucket,
        Prefix: prefix,
        MaxKeys: PAGE_SIZE,
        // Keys may hold characters that XML can't.
        EncodingType: "url",
        ...(recursive ? {} : { Delimiter: "/" }),
        ...(cursor === undefined ? {} : { ContinuationToken: cursor as string }),
      },
      signal,
    )
    bucketExists.seen()
    const decode = answer.EncodingType === "url" ? decodeListed : (key: string) => key
    return {
      files: (answer.Contents ?? []).map(({ Key = "", Size = 0, LastModified = new Date(0), ETag }) => ({
        name: decode(Key),
        size: Size,
        modified: LastModified,
        ...(ETag !== undefined && { etag: quoted(ETag)! }),
      })),
      prefixes: (answer.CommonPrefixes ?? []).map(({ Prefix = "" }) => decode(Prefix)),
      cursor: answer.IsTruncated ? answer.NextContinuationToken : undefined,
    }
  }

  return {
    name: "s3",
    target: targetOf(settings),
    features: {
      conditionalCreate: settings.conditionalCreate !== "none",
      conditionalMatch: settings.conditionalMatch ?? !compatible,
      conditionalCopy: false,
      metadata: true,
      cacheControl: true,
      contentDisposition: true,
      contentEncoding: true,
      contentLanguage: true,
      removeManyLimit: REMOVE_MANY_LIMIT,
    },
    limits: { keyBytes: KEY_BYTES },
    permissions: s3Permissions(bucket, partition),
    put: (key, body, options) => putObject(connection(), conditions, key, body, options),
    get,
    head,
    page,
    async remove(key, { signal }) {
      try {
        await requests().delete({ Bucket: bucket, Key: key }, signal)
      } catch (error) {
        if (nameOf(error) !== "NoSuchKey") throw error
      }
    },
    async removeMany(keys, { signal }) {
      const Delete = { Objects: keys.map((Key) => ({ Key })), Quiet: true }
      const { Errors = [] } = await requests().deleteMany({ Bucket: bucket, Delete }, signal)
      return Errors.filter(({ Code }) => Code !== "NoSuchKey").map(({ Key = "", Code, Message }) => ({
        key: Key,
        error: Object.assign(new Error(Message ?? Code ?? "The service gave no reason."), { name: Code ?? "Error" }),
      }))
    },
    copy: (from, to, options) => copyObject(connection(), target(from), to, options),
    place: (key) => placeOf(settings, service(), key),
    copyFrom: ({ bucket: Bucket, key: Key }, to, options) => copyObject(connection(), { Bucket, Key }, to, options),
    publicUrl,
    signedUrl: (key, options) => signed.url(key, options),
    signedUpload: (key, options) => signed.upload(key, options),
    multipart: partUploads(connection, signed, (key) => head(key, {})),
    errorCode: s3ErrorCode,
    retryAfter: s3RetryAfter,
    async close() {
      close()
    },
  }
}

/** Listings are form-encoded: `+` is a space. What is not (some services ignore the request) is left as it is. */
function decodeListed(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll("+", " "))
  } catch {
    return key
  }
}

async function askForBucket({ client, settings }: Connection, signal: AbortSignal | undefined): Promise<void> {
  try {
    await client.send(new HeadBucketCommand({ Bucket: settings.bucket }), cancelledBy(signal))
  } catch (error) {
    if (statusOf(error) === 404) {
      throw new StorageError(
        "bucket-not-found",
        `There is no bucket "${settings.bucket}"; check its name, the endpoint and the account, or create it.`,
        { storage: targetOf(settings), cause: error },
      )
    }
    // Not allowed to ask: then it is there, as far as one can tell.
    if (statusOf(error) !== 403) throw error
  }
}
