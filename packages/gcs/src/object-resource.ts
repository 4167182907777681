import type { FileHeaders, FileInfo, PutOptions } from "@node-storages/core"
import {
  decodeMetadata,
  decodes,
  defined,
  encodeHeaderText,
  headersOf,
  looksEncoded,
} from "@node-storages/core/adapter"
import type { GCSSettings } from "./gcs-options.ts"
import type { Query } from "./json-api.ts"

/** What of an object's resource is used here. https://cloud.google.com/storage/docs/json_api/v1/objects#resource */
export interface ObjectResource {
  readonly name: string
  /** In bytes, in decimal. */
  readonly size?: string
  readonly generation?: string
  readonly timeCreated?: string
  readonly contentType?: string
  readonly cacheControl?: string
  readonly contentDisposition?: string
  readonly contentEncoding?: string
  readonly contentLanguage?: string
  readonly metadata?: Readonly<Record<string, string>>
  /** In Base64. Composed objects have none. */
  readonly md5Hash?: string
  /** In Base64, most significant byte first. */
  readonly crc32c?: string
}

const LISTED = "name,size,generation,timeCreated,md5Hash,contentEncoding"
export const LISTED_FIELDS: string = `items(${LISTED}),prefixes,nextPageToken`
export const RESOURCE_FIELDS: string = `${LISTED},crc32c,contentType,cacheControl,contentDisposition,contentLanguage,metadata`

/** A resource as FileInfo. The entity tag is the generation, by which the service knows a version of the bytes. */
export function infoOf(settings: GCSSettings, resource: ObjectResource): FileInfo {
  const { metadata = {} } = resource
  const custom = decodeMetadata(
    Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key.toLowerCase(), value])),
  )
  return {
    name: resource.name,
    size: Number(resource.size ?? 0),
    modified: new Date(resource.timeCreated ?? 0),
    ...headersOf({ ...resource, metadata: Object.keys(custom).length > 0 ? custom : undefined }),
    ...defined({
      etag: resource.generation === undefined ? undefined : etagOf(resource.generation),
      checksum: resource.md5Hash === undefined ? undefined : { md5: hex(resource.md5Hash) },
      decoded: decodes(settings.compressedTypes, resource.contentEncoding),
    }),
  }
}

export function etagOf(generation: string): string {
  return `"${generation}"`
}

export function hex(base64: string): string {
  return Buffer.from(base64, "base64").toString("hex")
}

/** A new object's resource. The caller's own headers go before `objectParameters`. */
export function newResource(settings: GCSSettings, key: string, headers: FileHeaders): Omit<ObjectResource, "crc32c"> {
  const { kmsKeyName: _, metadata: given, ...parameters } = settings.objectParameters(key)
  const custom = { ...given, ...(headers.metadata && storedMetadata(headers.metadata)) }
  return {
    ...(parameters as Partial<ObjectResource>),
    ...headersOf({ ...headers, metadata: Object.keys(custom).length > 0 ? custom : undefined }),
    name: key,
  }
}

/** JSON carries any text as it is; only what would be taken for an encoded word (of a signed upload's headers) is one. */
function storedMetadata(metadata: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata).map(([key, value]) => [key, looksEncoded(value) ? encodeHeaderText(value) : value]),
  )
}

/** The parameters of a request that creates an object. */
export function creationQuery(settings: GCSSettings, key: string, conditions: Conditions): Query {
  return {
    name: key,
    ifGenerationMatch: conditions.ifAbsent ? "0" : generationOf(conditions.ifMatch),
    predefinedAcl: settings.predefinedAcl,
    kmsKeyName: settings.objectParameters(key).kmsKeyName,
    fields: RESOURCE_FIELDS,
  }
}

export type Conditions = Pick<PutOptions, "ifAbsent" | "ifMatch">

/** The generation of an entity tag of ours; for any other tag one that no object has. */
function generationOf(etag: string | undefined): string | undefined {
  if (etag === undefined) return undefined
  return /^"([1-9]\d*)"$/.exec(etag)?.[1] ?? "1"
}
