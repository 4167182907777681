/** The addresses of the JSON API. */
import { checkAccess } from "./access.ts"
import { answerBatch } from "./batch.ts"
import { composeObject } from "./compose.ts"
import type { GcsContext } from "./context.ts"
import { sendContent } from "./download.ts"
import { notCovered } from "./errors.ts"
import type { Exchange } from "./exchange.ts"
import { getBucket, insertBucket, patchBucket, type BucketCall } from "./json-buckets.ts"
import { callOf, sendAnswer } from "./json-calls.ts"
import * as objects from "./json-objects.ts"
import * as uploads from "./json-uploads.ts"
import { decodePart } from "./object-names.ts"
import { etagOf } from "./resources.ts"
import { rewriteObject } from "./rewrite.ts"
import { moveObject } from "./move.ts"
import type { Route } from "./router.ts"

/** What the service would honour and this server would not. */
const UNCOVERED_PARAMETERS = ["versions", "softDeleted", "matchGlob", "filter", "kmsKeyName", "restoreToken"]
const UNCOVERED_HEADERS = ["x-goog-encryption-algorithm", "x-goog-copy-source-encryption-algorithm"]

type Handler = (exchange: Exchange, context: GcsContext, parts: string[]) => Promise<void>

interface Pattern {
  method: string
  path: RegExp
  operation: string
  handler: Handler
  /** What the request must be besides. */
  when?: (exchange: Exchange) => boolean
}

const PATTERNS = makePatterns()

export function jsonRoute(exchange: Exchange, context: GcsContext): Route | undefined {
  for (const { method, path, operation, handler, when } of PATTERNS) {
    const parts = method === exchange.method ? path.exec(exchange.path)?.slice(1) : undefined
    if (!parts || when?.(exchange) === false) continue
    const carryOut = async (): Promise<void> => {
      refuseUncovered(exchange)
      await handler(exchange, context, parts.map(decodePart))
    }
    return { operation, api: "json", carryOut }
  }
  return undefined
}

function makePatterns(): Pattern[] {
  const bucket = "/b/([^/]+)"
  const object = `${bucket}/o/([^/]+)`
  const at = (path: string, base = "/storage/v1"): RegExp => new RegExp(`^${base}${path}$`)
  const upload = at(`${bucket}/o`, "/upload/storage/v1")
  const anyObject = at(object, "(?:/download)?/storage/v1")
  return [
    { method: "POST", path: at("/b"), operation: "buckets.insert", handler: onBucket(insertBucket, "create") },
    { method: "GET", path: at(bucket), operation: "buckets.get", handler: onBucket(getBucket, "get") },
    { method: "PATCH", path: at(bucket), operation: "buckets.patch", handler: onBucket(patchBucket, "update") },
    { method: "POST", path: upload, operation: "resumable.start", handler: uploads.startSession, when: isResumable },
    { method: "POST", path: upload, operation: "objects.insert", handler: uploads.insert },
    { method: "PUT", path: upload, operation: "resumable.status", handler: uploads.putSession, when: isStatus },
    { method: "PUT", path: upload, operation: "resumable.chunk", handler: uploads.putSession },
    { method: "DELETE", path: upload, operation: "resumable.cancel", handler: uploads.cancelSession },
    { method: "GET", path: at(`${bucket}/o`), operation: "objects.list", handler: onObject(objects.listObjects) },
    { method: "GET", path: anyObject, operation: "objects.download", handler: download, when: isMedia },
    { method: "GET", path: anyObject, operation: "objects.get", handler: onObject(objects.getObject) },
    { method: "PATCH", path: at(object), operation: "objects.patch", handler: onObject(objects.patchObject) },
    { method: "PUT", path: at(object), operation: "objects.update", handler: onObject(objects.updateObject) },
    { method: "DELETE", path: at(object), operation: "objects.delete", handler: onObject(objects.deleteObject) },
    { method: "POST", path: at(`${object}/rewriteTo${object}`), operation: "objects.rewrite", handler: rewrite },
    { method: "POST", path: at(`${object}/moveTo/o/([^/]+)`), operation: "objects.move", handler: move },
    { method: "POST", path: at(`${object}/compose`), operation: "objects.compose", handler: compose },
    { method: "POST", path: /^\/batch\/storage\/v1$/, operation: "batch", handler: answerBatch },
  ]
}

function isResumable({ query }: Exchange): boolean {
  return query.get("uploadType") === "resumable"
}

export function isStatus(exchange: Exchange): boolean {
  return exchange.header("content-range")?.startsWith("bytes */") === true
}

function isMedia({ query }: Exchange): boolean {
  return query.get("alt") === "media"
}

function refuseUncovered({ query, request }: Exchange): void {
  const parameter = UNCOVERED_PARAMETERS.find((name) => !["", "false", null].includes(query.get(name)))
  const header = UNCOVERED_HEADERS.find((name) => request.headers[name] !== undefined)
  if (parameter ?? header) throw notCovered(parameter ?? header ?? "")
}

function onBucket(answer: (call: BucketCall, name: string) => objects.JsonAnswer, verb: string): Handler {
  return async (exchange, { store, accounts }, [name = ""]) => {
    checkAccess(accounts.callerOf(exchange.header("authorization")), `storage.buckets.${verb}`)
    const { origin, query } = exchange
    await sendAnswer(exchange, answer({ store, origin, query, body: await exchange.json() }, name))
  }
}

function onObject(answer: (call: objects.ObjectCall) => objects.JsonAnswer): Handler {
  return async (exchange, context, [bucket = "", name = ""]) => {
    const call = callOf(exchange, context, bucket, name)
    await sendAnswer(exchange, answer({ ...call, body: await exchange.json() }))
  }
}

async function download(exchange: Exchange, context: GcsContext, [bucket = "", name = ""]: string[]): Promise<void> {
  const object = objects.findReadable(callOf(exchange, context, bucket, name))
  await sendContent(exchange, object, { etag: etagOf(object) })
}

async function rewrite(exchange: Exchange, context: GcsContext, parts: string[]): Promise<void> {
  const [bucket = "", name = "", toBucket = "", toName = ""] = parts
  const call = { ...callOf(exchange, context, toBucket, toName), body: await exchange.json() }
  await sendAnswer(exchange, rewriteObject(call, { bucket, name }, context.rewrites))
}

async function move(exchange: Exchange, context: GcsContext, parts: string[]): Promise<void> {
  const [bucket = "", name = "", destination = ""] = parts
  const call = { ...callOf(exchange, context, bucket, name), body: await exchange.json() }
  await sendAnswer(exchange, moveObject(call, destination))
}

async function compose(exchange: Exchange, context: GcsContext, [bucket = "", name = ""]: string[]): Promise<void> {
  const call = { ...callOf(exchange, context, bucket, name), body: await exchange.json() }
  await sendAnswer(exchange, await composeObject(call, context.folder))
}
