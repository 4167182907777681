import type { Readable } from "node:stream"
import type { BlobHierarchyListSegment, BlobItem, ContainerClient } from "@azure/storage-blob"
import type {
  DriverCallOptions,
  DriverObject,
  FileInfo,
  GetOptions,
  ListPage,
  PageOptions,
  StorageDriver,
} from "@node-storages/core"
import { joinUrl } from "@node-storages/core"
import { emptyRange, readStored, storedRange } from "@node-storages/core/adapter"
import { azureErrorCode, azureRetryAfter, statusOf, worded } from "./azure-errors.ts"
import type { AzureSettings } from "./azure-options.ts"
import { cancelledBy, type Connection, OWN_CHECKSUMS, targetOf } from "./connection.ts"
import { copyBlob, sourceAt } from "./copy.ts"
import { infoOfBlob, propertiesOf } from "./headers.ts"
import { isDirectory } from "./metadata.ts"
import { LIMITS } from "./names.ts"
import { partUploads } from "./part-uploads.ts"
import { azurePermissions } from "./permissions.ts"
import { placeOf } from "./place.ts"
import { putBlob } from "./put.ts"
import { REMOVE_MANY_LIMIT, removeBatch } from "./remove-many.ts"
import { SignedRequests } from "./signed-requests.ts"

/** The service's limit on the names of one answer. */
const PAGE_SIZE = 5000

export interface AzureDriverOptions {
  readonly settings: AzureSettings
  readonly client: () => ContainerClient
  /** Where the client's address does not tell it. */
  readonly accountName: string | undefined
  /** The container's address without credentials, made without looking for any. */
  readonly containerUrl: () => string
}

export function azureDriver({ settings, client, accountName, containerUrl }: AzureDriverOptions): StorageDriver {
  const { container } = settings
  let made: Connection | undefined
  const connection = () => (made ??= { client: client(), settings })
  const signed = new SignedRequests(client, container, accountName)

  async function head(key: string, { signal }: DriverCallOptions): Promise<FileInfo | undefined> {
    try {
      const blob = await client().getBlobClient(key).getProperties(cancelledBy(signal))
      return isDirectory(blob.metadata) ? undefined : infoOfBlob(settings, key, blob, blob.contentLength ?? 0)
    } catch (error) {
      if (azureErrorCode(error) === "not-found") return undefined
      throw worded(error)
    }
  }

  async function get(key: string, { range, signal }: GetOptions): Promise<DriverObject | undefined> {
    const wanted = await storedRange(range, settings.compressedTypes, () => head(key, { signal }))
    const count = wanted?.end === undefined ? undefined : wanted.end - wanted.start
    try {
      const blob = await client()
        .getBlobClient(key)
        .download(wanted?.start, count, { ...OWN_CHECKSUMS, ...cancelledBy(signal) })
      const chunks = blob.readableStreamBody as Readable
      if (isDirectory(blob.metadata)) {
        chunks.destroy()
        return undefined
      }
      const length = blob.contentLength ?? 0
      const size = blob.contentRange ? Number(blob.contentRange.split("/")[1]) : length
      // Of a range, Content-MD5 would be the range's own.
      const contentMD5 = blob.contentRange ? blob.blobContentMD5 : (blob.blobContentMD5 ?? blob.contentMD5)
      const info = infoOfBlob(settings, key, { ...propertiesOf(blob), contentMD5 }, size)
      return readStored({ info, length, chunks }, range)
    } catch (error) {
      if (statusOf(error) === 416) return emptyRange(await head(key, { signal }))
      if (azureErrorCode(error) === "not-found") return undefined
      throw error
    }
  }

  async function page({ prefix, recursive, cursor, signal }: PageOptions): Promise<ListPage> {
    // The metadata tells directories of a hierarchical namespace from empty files.
    const options = { prefix, includeMetadata: true, ...cancelledBy(signal) }
    const listing = recursive ? client().listBlobsFlat(options) : client().listBlobsByHierarchy("/", options)
    const settingsOfPage = {
      maxPageSize: PAGE_SIZE,
      ...(cursor === undefined ? {} : { continuationToken: cursor as string }),
    }
    const { value } = await listing.byPage(settingsOfPage).next()
    const { segment, continuationToken } = value as { segment: Segment; continuationToken?: string }
    return {
      files: segment.blobItems.filter(({ metadata }) => !isDirectory(metadata)).map(infoOfItem),
      prefixes: segment.blobPrefixes?.map(({ name }) => name) ?? [],
      cursor: continuationToken || undefined,
    }
  }

  function infoOfItem({ name, properties, metadata }: BlobItem): FileInfo {
    return infoOfBlob(settings, name, { ...propertiesOf(properties), metadata }, properties.contentLength ?? 0)
  }

  return {
    name: "azure",
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
      removeManyLimit: REMOVE_MANY_LIMIT,
    },
    limits: LIMITS,
    permissions: azurePermissions(container),
    put: (key, body, options) => putBlob(connection(), key, body, options),
    get,
    head,
    page,
    async remove(key, { signal }) {
      try {
        await client()
          .getBlobClient(key)
          .delete({ deleteSnapshots: "include", ...cancelledBy(signal) })
      } catch (error) {
        if (azureErrorCode(error) !== "not-found") throw error
      }
    },
    removeMany: (keys, options) => removeBatch(connection(), keys, options),
    copy: (from, to, options) => {
      const source = { blob: client().getBlobClient(from), url: (signal?: AbortSignal) => signed.source(from, signal) }
      return copyBlob(connection(), source, to, options)
    },
    place: (key) => ({
      ...placeOf(settings, containerUrl(), key),
      sourceUrl: (signal) => signed.source(key, signal),
    }),
    async copyFrom({ sourceUrl }, to, options) {
      return sourceUrl && copyBlob(connection(), await sourceAt(sourceUrl, options.signal), to, options)
    },
    publicUrl: (key) => joinUrl(containerUrl(), key),
    signedUrl: (key, options) => signed.url(key, options),
    signedUpload: (key, options) => signed.upload(key, options),
    multipart: partUploads(connection, signed, (key) => head(key, {})),
    errorCode: azureErrorCode,
    retryAfter: azureRetryAfter,
    // No `close`: the SDK's connections are shared by the whole process, and idle ones do not keep it alive.
  }
}

type Segment = Pick<BlobHierarchyListSegment, "blobItems"> & Partial<Pick<BlobHierarchyListSegment, "blobPrefixes">>
