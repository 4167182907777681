import { randomUUID } from "node:crypto"
import { PutBucketCorsCommand } from "@aws-sdk/client-s3"
import { BlobServiceClient, StorageSharedKeyCredential } from "@azure/storage-blob"
import { S3Storage } from "@node-storages/s3"
import { onTestFinished } from "vitest"
import { accountThrough, TestContainer } from "../../azure/support.ts"
import { storageOn } from "../../gcs/support.ts"
import { connectionOptions, TestBucket } from "../../s3/support.ts"
import { connectionThrough } from "../../servers/s3-server.ts"
import { type BackendKind, SMALLEST_PART } from "./backend.ts"
import { provided } from "../../servers/provided.ts"

/** Set as `docs/uploads.md` tells it. In seconds. */
const MAX_AGE = 3600

/** Where a service is missing its tests are skipped. */
export type ServiceKind = BackendKind & { readonly missing: boolean }

const s3 = provided("s3")
const r2 = provided("r2")
const azure = provided("azure")
const gcs = provided("gcs")

export const S3: ServiceKind = {
  title: "S3",
  missing: "reason" in s3,
  partSize: SMALLEST_PART,
  holdsToSize: true,
  async create({ allowOrigins, through } = {}) {
    if ("reason" in s3) throw new Error(s3.reason)
    const bucket = new TestBucket(s3)
    await bucket.create()
    onTestFinished(() => bucket.remove())
    if (allowOrigins) {
      const rule = {
        AllowedOrigins: [...allowOrigins],
        AllowedMethods: ["PUT", "POST", "GET"],
        AllowedHeaders: ["content-type", "content-disposition", "cache-control", "x-amz-meta-*"],
        MaxAgeSeconds: MAX_AGE,
      }
      await bucket.client.send(
        new PutBucketCorsCommand({ Bucket: bucket.name, CORSConfiguration: { CORSRules: [rule] } }),
      )
    }
    const connection = through ? connectionThrough(await through(s3.endpoint), s3) : s3
    return { storage: bucket.storage({ location: "media" }, connection), openUploads: () => bucket.openUploads() }
  },
}

/** Where the tests on S3 run. @throws Error where they don't */
export function s3Endpoint(): string {
  if ("reason" in s3) throw new Error(s3.reason)
  return s3.endpoint
}

/** Miniflare lists no parts, which R2 itself does. */
export const R2: ServiceKind = {
  title: "R2",
  missing: "reason" in r2,
  partSize: undefined,
  holdsToSize: true,
  async create() {
    if ("reason" in r2) throw new Error(r2.reason)
    const storage = new S3Storage(r2.buckets[6]!, {
      ...connectionOptions(r2),
      forcePathStyle: true,
      conditionalCreate: "put",
      postUploads: false,
      location: randomUUID(),
    })
    onTestFinished(() => storage.close())
    return { storage }
  },
}

export const AZURITE: ServiceKind = {
  title: "Azure",
  missing: "reason" in azure,
  partSize: SMALLEST_PART,
  holdsToSize: false,
  async create({ allowOrigins, through } = {}) {
    if ("reason" in azure) throw new Error(azure.reason)
    const container = new TestContainer(azure)
    await container.create()
    onTestFinished(() => container.remove())
    const { accountKey, accountName, endpoint } = azure
    const service = new BlobServiceClient(endpoint, new StorageSharedKeyCredential(accountName, accountKey))
    const rule = {
      allowedOrigins: (allowOrigins ?? []).join(","),
      allowedMethods: "PUT,GET",
      allowedHeaders: "content-type,x-ms-*",
      exposedHeaders: "",
      maxAgeInSeconds: MAX_AGE,
    }
    // The account's rules, for all containers: no other test sets any.
    await service.setProperties({ cors: allowOrigins ? [rule] : [] })
    // The service drops the parts of an aborted upload by itself, after a week.
    const connection = through ? accountThrough(await through(azure.endpoint), azure) : azure
    return { storage: container.storage({ location: "media" }, connection) }
  },
}

export const GCS: ServiceKind = {
  title: "Google Cloud Storage",
  missing: false,
  partSize: SMALLEST_PART,
  holdsToSize: true,
  async create({ allowOrigins, through } = {}) {
    // No other test file sets the rules of this one.
    const bucket = gcs.buckets[7]!
    const { endpoint } = (await through?.(gcs.endpoint)) ?? gcs
    const storage = storageOn({ ...gcs, endpoint }, bucket, { location: randomUUID() })
    const rule = {
      origin: [...(allowOrigins ?? [])],
      method: ["PUT", "POST", "GET"],
      responseHeader: ["Content-Type", "Content-Disposition", "Cache-Control", "x-goog-content-length-range"],
      maxAgeSeconds: MAX_AGE,
    }
    await storage.client.bucket(bucket).setMetadata({ cors: allowOrigins ? [rule] : [] })
    onTestFinished(() => storage.close())
    return { storage }
  },
}
