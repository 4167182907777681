/** Buckets in the JSON API: making, showing and changing them. */
import { invalid, notCovered, required } from "./errors.ts"
import { selectFields } from "./fields.ts"
import type { BucketOptions, CorsRule, ObjectStore } from "./object-store.ts"
import type { JsonAnswer } from "./json-objects.ts"
import { bucketResource } from "./resources.ts"

export interface BucketCall {
  store: ObjectStore
  origin: string
  query: URLSearchParams
  body: Record<string, unknown>
}

export function insertBucket({ store, origin, query, body }: BucketCall): JsonAnswer {
  if (!query.get("project")) throw required("Required parameter: project")
  if (typeof body["name"] !== "string") throw required("Required parameter: name")
  const bucket = store.createBucket(body["name"], optionsOf(body))
  return { status: 200, json: bucketResource(bucket, origin) }
}

export function getBucket({ store, origin, query }: BucketCall, name: string): JsonAnswer {
  return { status: 200, json: selectFields(bucketResource(store.bucket(name), origin), query.get("fields")) }
}

export function patchBucket({ store, origin, body }: BucketCall, name: string): JsonAnswer {
  const bucket = store.bucket(name)
  bucket.options = { ...bucket.options, ...optionsOf(body) }
  bucket.metageneration += 1
  return { status: 200, json: bucketResource(bucket, origin) }
}

function optionsOf(body: Record<string, unknown>): BucketOptions {
  const options: BucketOptions = {}
  const { cors, billing, iamConfiguration, versioning } = body as {
    cors?: unknown
    billing?: { requesterPays?: boolean } | null
    iamConfiguration?: { uniformBucketLevelAccess?: { enabled?: boolean } }
    versioning?: { enabled?: boolean } | null
  }
  if (versioning?.enabled) throw notCovered("versioning")
  const uniform = iamConfiguration?.uniformBucketLevelAccess?.enabled
  if (uniform !== undefined) options.uniformBucketLevelAccess = uniform
  if (billing !== undefined) options.requesterPays = billing?.requesterPays === true
  if (cors !== undefined && cors !== null && !Array.isArray(cors)) throw invalid("Invalid value for cors")
  if (cors !== undefined) options.cors = (cors ?? []) as CorsRule[]
  return options
}
