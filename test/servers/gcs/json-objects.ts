/** Reading, listing, changing and deleting objects with the JSON API; also what a batch carries out. */
import { checkAccess, checkUserProject, readPredefinedAcl } from "./access.ts"
import type { Account } from "./accounts.ts"
import { invalid } from "./errors.ts"
import { selectFields } from "./fields.ts"
import { listOptionsOf, listPage } from "./list.ts"
import { changeMetadata, replaceMetadata, type Metadata } from "./metadata.ts"
import { checkObjectName } from "./object-names.ts"
import type { Bucket, ObjectStore, StoredObject } from "./object-store.ts"
import { checkConditions, conditionsOf, parseVersion } from "./preconditions.ts"
import { objectResource } from "./resources.ts"

export interface ObjectCall {
  store: ObjectStore
  caller: Account | undefined
  origin: string
  /** From the parameter or the header. */
  userProject: string | undefined
  bucket: string
  name: string
  query: URLSearchParams
  body: Record<string, unknown>
}

export interface JsonAnswer {
  status: number
  json?: unknown
}

export function getObject(call: ObjectCall): JsonAnswer {
  return shown(call, findReadable(call))
}

/** The object that the caller may read and whose preconditions hold. */
export function findReadable(call: Omit<ObjectCall, "body">): StoredObject {
  const object = allowedBucket(call, "storage.objects.get").get(call.name, generationOf(call.query))
  checkConditions(conditionsOf(call.query), object, "read")
  return object
}

export function patchObject(call: ObjectCall): JsonAnswer {
  return changeObject(call, changeMetadata)
}

export function updateObject(call: ObjectCall): JsonAnswer {
  return changeObject(call, replaceMetadata)
}

export function deleteObject(call: ObjectCall): JsonAnswer {
  const bucket = allowedBucket(call, "storage.objects.delete")
  bucket.remove(call.name, generationOf(call.query), conditionsOf(call.query))
  return { status: 204 }
}

export function listObjects(call: ObjectCall): JsonAnswer {
  const bucket = allowedBucket(call, "storage.objects.list")
  const { items, prefixes, nextPageToken } = listPage(bucket.names, listOptionsOf(call.query))
  const page = {
    kind: "storage#objects",
    ...(nextPageToken === undefined ? {} : { nextPageToken }),
    ...(prefixes.length > 0 ? { prefixes } : {}),
    ...(items.length > 0 ? { items: items.map((name) => objectResource(bucket.get(name), call.origin)) } : {}),
  }
  return { status: 200, json: selectFields(page, call.query.get("fields")) }
}

/** The bucket, when the caller may do this there, and pays for it if need be. */
export function allowedBucket(call: Omit<ObjectCall, "body">, permission: string): Bucket {
  const mayBePublic = permission === "storage.objects.get"
  if (!mayBePublic) checkAccess(call.caller, permission)
  // Who may not know whether a bucket exists sees only that access is denied.
  const bucket = call.caller?.hasAccess ? call.store.bucket(call.bucket) : call.store.find(call.bucket)
  checkAccess(call.caller, permission, mayBePublic && bucket?.find(call.name)?.isPublic)
  checkUserProject(bucket!, call.userProject)
  return bucket!
}

export function generationOf(query: URLSearchParams, parameter = "generation"): number | undefined {
  const generation = query.get(parameter)
  return generation === null ? undefined : parseVersion(generation, parameter)
}

export function shown({ origin, query }: Pick<ObjectCall, "origin" | "query">, object: StoredObject): JsonAnswer {
  return { status: 200, json: selectFields(objectResource(object, origin), query.get("fields")) }
}

function changeObject(
  call: ObjectCall,
  change: (old: Metadata, body: Record<string, unknown>) => Metadata,
): JsonAnswer {
  const { body, name, query } = call
  const bucket = allowedBucket(call, "storage.objects.update")
  checkObjectName(name)
  const isPublic = readPredefinedAcl(bucket, query.get("predefinedAcl"), body["acl"])
  const object = bucket.change(name, generationOf(query), conditionsOf(query), (old) => {
    const storageClass = body["storageClass"]
    if (storageClass !== undefined && storageClass !== old.metadata.storageClass) {
      throw invalid("The storage class of an object is changed by rewriting it.")
    }
    return { metadata: change(old.metadata, body), ...(isPublic === undefined ? {} : { isPublic }) }
  })
  return shown(call, object)
}
