/** `objects.compose`: a new object of up to 32 others in the same bucket, one behind the other. */
import { readPredefinedAcl } from "./access.ts"
import type { ContentFolder } from "./content.ts"
import { invalid, required } from "./errors.ts"
import { allowedBucket, shown, type JsonAnswer, type ObjectCall } from "./json-objects.ts"
import { readMetadata } from "./metadata.ts"
import { checkObjectName } from "./object-names.ts"
import type { Bucket, StoredObject } from "./object-store.ts"
import { checkConditions, conditionsOf } from "./preconditions.ts"
import { checkChecksums, checksumsOfMetadata } from "./checksums.ts"
import { receive } from "./uploads.ts"

const MOST_SOURCES = 32

export async function composeObject(call: ObjectCall, folder: ContentFolder): Promise<JsonAnswer> {
  const { body, query, name } = call
  const bucket = allowedBucket(call, "storage.objects.create")
  checkObjectName(name)
  const sources = sourcesOf(bucket, body["sourceObjects"])
  const description = (body["destination"] ?? {}) as Record<string, unknown>
  const isPublic = readPredefinedAcl(bucket, query.get("destinationPredefinedAcl"), description["acl"]) ?? false
  const metadata = readMetadata(description)
  const contentType = sources[0]?.metadata.contentType
  if (contentType !== undefined) metadata.contentType ??= contentType
  const conditions = conditionsOf(query)
  checkConditions(conditions, bucket.find(name), "write")

  const content = await receive(bytesOf(sources), folder)
  try {
    checkChecksums(content, checksumsOfMetadata(description))
    const componentCount = sources.reduce((sum, source) => sum + (source.componentCount ?? 1), 0)
    return shown(call, bucket.put(name, { content, metadata, isPublic, componentCount }, conditions))
  } catch (error) {
    content.release()
    throw error
  }
}

function sourcesOf(bucket: Bucket, list: unknown): StoredObject[] {
  if (!Array.isArray(list) || list.length === 0) throw required("You must provide at least one source component.")
  if (list.length > MOST_SOURCES) {
    throw invalid(`The number of source components provided (${list.length}) exceeds the maximum (${MOST_SOURCES})`)
  }
  return list.map((each: SourceObject) => {
    const generation = each.generation === undefined ? undefined : Number(each.generation)
    const source = bucket.get(String(each.name), generation)
    const expected = each.objectPreconditions?.ifGenerationMatch
    if (expected !== undefined) checkConditions({ generationMatch: Number(expected) }, source, "write")
    return source
  })
}

interface SourceObject {
  name?: unknown
  generation?: string | number
  objectPreconditions?: { ifGenerationMatch?: string | number }
}

async function* bytesOf(sources: readonly StoredObject[]): AsyncGenerator<Buffer> {
  // All are opened before the first is read: they may be deleted meanwhile.
  for (const stream of sources.map(({ content }) => content.read())) yield* stream as AsyncIterable<Buffer>
}
