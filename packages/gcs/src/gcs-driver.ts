import type { ListPage, PageOptions, StorageDriver } from "@node-storages/core"
import { StorageError } from "@node-storages/core"
import { ExistingPlace, serviceOfPlace } from "@node-storages/core/adapter"
import { type Connection, LIMITS, targetOf } from "./connection.ts"
import { copyObject } from "./copy.ts"
import { gcsErrorCode, ServiceError, statusOf } from "./gcs-errors.ts"
import { headObject } from "./head.ts"
import { renameObject } from "./move.ts"
import { infoOf, LISTED_FIELDS, type ObjectResource } from "./object-resource.ts"
import { partUploads } from "./part-uploads.ts"
import { gcsPermissions } from "./permissions.ts"
import { isUnderWay, putObject } from "./put.ts"
import { readObject } from "./read.ts"
import { MOST_CALLS, removeMany, removeObject } from "./remove-many.ts"
import { SignedRequests } from "./signed-requests.ts"

const PAGE_SIZE = 1000

interface Listing {
  readonly items?: readonly ObjectResource[]
  readonly prefixes?: readonly string[]
  readonly nextPageToken?: string
}

export function gcsDriver(connection: Connection, publicUrl: (key: string) => string): StorageDriver {
  const { api, settings } = connection
  const { bucket } = settings
  const signed = new SignedRequests(connection)
  const bucketExists = new ExistingPlace((signal) => askForBucket(connection, signal))

  /** Undefined stands for "no such object" only in a bucket that there is. */
  async function inBucket<Result>(found: Result | undefined, signal: AbortSignal | undefined) {
    if (found === undefined) await bucketExists.check(signal)
    else bucketExists.seen()
    return found
  }

  async function page({ prefix, recursive, cursor, signal }: PageOptions): Promise<ListPage> {
    const { data } = await api.send<Listing>({
      method: "GET",
      path: `/storage/v1/b/${encodeURIComponent(bucket)}/o`,
      query: {
        prefix: prefix || undefined,
        delimiter: recursive ? undefined : "/",
        maxResults: PAGE_SIZE,
        pageToken: cursor as string | undefined,
        fields: LISTED_FIELDS,
      },
      signal,
    })
    bucketExists.seen()
    return {
      files: (data.items ?? []).filter(({ name }) => !isUnderWay(name)).map((resource) => infoOf(settings, resource)),
      prefixes: data.prefixes ?? [],
      cursor: data.nextPageToken,
    }
  }

  return {
    name: "gcs",
    target: targetOf(settings),
    features: {
      conditionalCreate: true,
      conditionalMatch: true,
      conditionalCopy: true,
      metadata: true,
      cacheControl: true,
      contentDisposition: true,
      contentEncoding: true,
      contentLanguage: true,
      removeManyLimit: MOST_CALLS,
    },
    limits: LIMITS,
    permissions: gcsPermissions(settings),
    put: (key, body, options) => putObject(connection, key, body, options),
    get: async (key, options) => inBucket(await readObject(connection, key, options), options.signal),
    async head(key, { signal }) {
      const resource = await inBucket(await headObject(connection, key, signal), signal)
      return resource && infoOf(settings, resource)
    },
    page,
    async remove(key, { signal }) {
      if ((await removeObject(connection, key, signal)) === 404) await bucketExists.check(signal)
    },
    removeMany: (keys, { signal }) => removeMany(connection, keys, signal),
    copy: async (from, to, options) =>
      inBucket(await copyObject(connection, { bucket, key: from }, to, options), options.signal),
    place: (key) => ({ service: serviceOfPlace(`gcs ${api.endpoint}`, settings.compressedTypes), bucket, key }),
    copyFrom: (from, to, options) => copyObject(connection, from, to, options),
    move: async (from, to, options) => inBucket(await renameObject(connection, from, to, options), options.signal),
    publicUrl,
    signedUrl: (key, options) => signed.url(key, options),
    signedUpload: (key, options) => signed.upload(key, options),
    multipart: partUploads(connection, signed),
    errorCode: gcsErrorCode,
    retryAfter: (error) => (error instanceof ServiceError ? error.retryAfter : undefined),
  }
}

/** By a listing, which needs no permission beyond those on objects. */
async function askForBucket({ api, settings }: Connection, signal: AbortSignal | undefined): Promise<void> {
  try {
    const path = `/storage/v1/b/${encodeURIComponent(settings.bucket)}/o`
    await api.send({ method: "GET", path, query: { maxResults: 1, fields: "nextPageToken" }, signal })
  } catch (error) {
    if (statusOf(error) === 404) {
      throw new StorageError(
        "bucket-not-found",
        `There is no bucket "${settings.bucket}"; check its name, the endpoint and the project, or create it.`,
        { storage: `gs://${settings.bucket}`, cause: error },
      )
    }
    // Not allowed to ask: then it is there, as far as one can tell.
    if (statusOf(error) !== 403) throw error
  }
}
