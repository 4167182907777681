/** `objects.move`: renames within a bucket, in one step. */
import { selectFields } from "./fields.ts"
import { allowedBucket, type JsonAnswer, type ObjectCall } from "./json-objects.ts"
import { invalid } from "./errors.ts"
import { checkObjectName } from "./object-names.ts"
import { checkConditions, conditionsOf } from "./preconditions.ts"
import { objectResource } from "./resources.ts"

/** `call` is about the source. */
export function moveObject(call: ObjectCall, destination: string): JsonAnswer {
  const { query, name, origin } = call
  allowedBucket(call, "storage.objects.delete")
  const bucket = allowedBucket(call, "storage.objects.create")
  checkObjectName(destination)
  if (destination === name) throw invalid("The source and destination object names must be different.")
  const source = bucket.get(name)
  const ofSource = conditionsOf(query, "ifSource")
  checkConditions(ofSource, source, "write")
  const { content, metadata, isPublic, componentCount, hasMd5 } = source
  const moved = bucket.put(
    destination,
    {
      content,
      metadata,
      isPublic,
      ...(componentCount !== undefined && { componentCount }),
      ...(hasMd5 === false && { hasMd5 }),
    },
    conditionsOf(query),
  )
  bucket.remove(name, source.generation, {})
  return { status: 200, json: selectFields(objectResource(moved, origin), query.get("fields")) }
}
