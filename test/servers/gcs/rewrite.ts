/** `objects.rewrite`: copies within the service, in as many calls as its size takes. */
import { randomBytes } from "node:crypto"
import { readPredefinedAcl } from "./access.ts"
import { invalid } from "./errors.ts"
import { selectFields } from "./fields.ts"
import { allowedBucket, generationOf, type JsonAnswer, type ObjectCall } from "./json-objects.ts"
import { readMetadata, writableFields, type Metadata } from "./metadata.ts"
import { checkObjectName } from "./object-names.ts"
import type { NewObject, StoredObject } from "./object-store.ts"
import { checkConditions, conditionsOf } from "./preconditions.ts"
import { objectResource } from "./resources.ts"

/** The service asks for a multiple of it. */
const SMALLEST_STEP = 1024 * 1024

interface Rewrite {
  /** Source with its generation, and destination: a token goes on with nothing else. */
  identity: string
  /** Of the first call. Later ones repeat it or leave it out. */
  body: Record<string, unknown>
  copied: number
}

export class Rewrites {
  readonly #open = new Map<string, Rewrite>()
  readonly #bytesPerCall: number

  constructor(bytesPerCall: number) {
    this.#bytesPerCall = bytesPerCall
  }

  /** What a call goes on with. */
  find(token: string | null, identity: string, body: Rewrite["body"]): Rewrite {
    if (token === null) return { identity, body, copied: 0 }
    const found = this.#open.get(token)
    const isSame = Object.keys(body).length === 0 || JSON.stringify(body) === JSON.stringify(found?.body)
    if (!found || found.identity !== identity || !isSame) throw invalid("Invalid rewrite token")
    return found
  }

  /** How much is copied after this call, and the token for the next call if that is not all. */
  advance(rewrite: Rewrite, size: number, most: number): { copied: number; token?: string } {
    const copied = Math.min(size, rewrite.copied + Math.min(this.#bytesPerCall, most))
    if (copied === size) return { copied }
    const token = randomBytes(24).toString("base64url")
    this.#open.set(token, { ...rewrite, copied })
    return { copied, token }
  }
}

/** `call` is about the destination, which appears with the last call. */
export function rewriteObject(
  call: ObjectCall,
  source: { bucket: string; name: string },
  rewrites: Rewrites,
): JsonAnswer {
  const { query, name, origin } = call
  const bucket = allowedBucket(call, "storage.objects.create")
  const from = allowedBucket({ ...call, ...source }, "storage.objects.get")
  checkObjectName(name)
  const old = from.get(source.name, generationOf(query, "sourceGeneration"))
  checkConditions(conditionsOf(query, "ifSource"), old, "write")
  // Each call has its own preconditions: those of the first do not hold for the last.
  const conditions = conditionsOf(query)
  checkConditions(conditions, bucket.find(name), "write")
  const identity = JSON.stringify([old.bucket, old.name, old.generation, bucket.name, name])
  const rewrite = rewrites.find(query.get("rewriteToken"), identity, writableFields(call.body))
  const { body } = rewrite
  const isPublic = readPredefinedAcl(bucket, query.get("destinationPredefinedAcl"), body["acl"]) ?? false
  const fresh: NewObject = { ...copyOf(old), metadata: metadataOf(old, body), isPublic }

  const { size } = old.content
  const { copied, token } = rewrites.advance(rewrite, size, stepOf(query))
  const progress = { kind: "storage#rewriteResponse", totalBytesRewritten: String(copied), objectSize: String(size) }
  const answer =
    token === undefined
      ? { ...progress, done: true, resource: objectResource(bucket.put(name, fresh, conditions), origin) }
      : { ...progress, done: false, rewriteToken: token }
  return { status: 200, json: selectFields(answer, query.get("fields")) }
}

function copyOf({ content, componentCount, hasMd5 }: StoredObject): Omit<NewObject, "metadata" | "isPublic"> {
  return { content, ...(componentCount !== undefined && { componentCount }), ...(hasMd5 === false && { hasMd5 }) }
}

/** A body replaces all of the source's metadata; its storage class is that of the bucket unless the body names one. */
function metadataOf(source: StoredObject, body: Record<string, unknown>): Metadata {
  return Object.keys(body).length === 0 ? { ...source.metadata, storageClass: "STANDARD" } : readMetadata(body)
}

function stepOf(query: URLSearchParams): number {
  const most = query.get("maxBytesRewrittenPerCall")
  if (most === null) return Infinity
  if (!/^[1-9]\d*$/.test(most) || Number(most) % SMALLEST_STEP !== 0) {
    throw invalid(`maxBytesRewrittenPerCall must be a multiple of ${SMALLEST_STEP}, not ${most}`)
  }
  return Number(most)
}
