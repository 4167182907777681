/** How the JSON API shows buckets and objects. */
import { TEXT_FIELDS } from "./metadata.ts"
import type { Bucket, StoredObject } from "./object-store.ts"

export function objectResource(object: StoredObject, origin: string): Record<string, unknown> {
  const { bucket, name, content, metadata, componentCount } = object
  const generation = String(object.generation)
  const path = `storage/v1/b/${bucket}/o/${encodeURIComponent(name)}`
  const timeCreated = object.timeCreated.toISOString()
  const resource: Record<string, unknown> = {
    kind: "storage#object",
    id: `${bucket}/${name}/${generation}`,
    selfLink: `${origin}/${path}`,
    mediaLink: `${origin}/download/${path}?generation=${generation}&alt=media`,
    name,
    bucket,
    generation,
    metageneration: String(object.metageneration),
    storageClass: metadata.storageClass,
    size: String(content.size),
    crc32c: content.crc32c,
    etag: etagOf(object),
    timeCreated,
    updated: object.updated.toISOString(),
    timeStorageClassUpdated: timeCreated,
    timeFinalized: timeCreated,
  }
  for (const field of TEXT_FIELDS) if (metadata[field] !== undefined) resource[field] = metadata[field]
  if (metadata.customTime !== undefined) resource["customTime"] = metadata.customTime
  if (Object.keys(metadata.metadata).length > 0) resource["metadata"] = metadata.metadata
  if (hasMd5(object)) resource["md5Hash"] = content.md5
  if (componentCount !== undefined) resource["componentCount"] = componentCount
  return resource
}

/** Neither objects that were composed of others have one, nor those that were uploaded in parts. */
export function hasMd5(object: Pick<StoredObject, "componentCount" | "hasMd5">): boolean {
  return object.componentCount === undefined && object.hasMd5 !== false
}

export function etagOf({ generation, metageneration }: StoredObject): string {
  return Buffer.from(`${generation}/${metageneration}`).toString("base64")
}

export function bucketResource(bucket: Bucket, origin: string): Record<string, unknown> {
  const { name, options } = bucket
  const time = bucket.timeCreated.toISOString()
  return {
    kind: "storage#bucket",
    id: name,
    name,
    selfLink: `${origin}/storage/v1/b/${name}`,
    projectNumber: "100000000000",
    metageneration: String(bucket.metageneration),
    location: "EU",
    locationType: "multi-region",
    storageClass: "STANDARD",
    etag: Buffer.from(String(bucket.metageneration)).toString("base64"),
    timeCreated: time,
    updated: time,
    iamConfiguration: { uniformBucketLevelAccess: { enabled: options.uniformBucketLevelAccess === true } },
    ...(options.requesterPays ? { billing: { requesterPays: true } } : {}),
    ...(options.cors ? { cors: options.cors } : {}),
  }
}
