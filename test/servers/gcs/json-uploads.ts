/** The upload addresses of the JSON API: whole objects in one request, and resumable sessions. */
import type { GcsContext } from "./context.ts"
import { invalid } from "./errors.ts"
import type { Exchange } from "./exchange.ts"
import { selectFields } from "./fields.ts"
import { allowedBucket } from "./json-objects.ts"
import { callOf } from "./json-calls.ts"
import { objectResource } from "./resources.ts"
import { answerInsert, startInsert } from "./uploads.ts"

export async function insert(exchange: Exchange, context: GcsContext, [bucketName = ""]: string[]): Promise<void> {
  const uploadType = exchange.query.get("uploadType")
  const bucket = allowedBucket(callOf(exchange, context, bucketName, ""), "storage.objects.create")
  if (uploadType !== "media" && uploadType !== "multipart") throw invalid(`Invalid uploadType: ${uploadType}`)
  await answerInsert(exchange, bucket, context.folder)
}

export async function startSession(
  exchange: Exchange,
  context: GcsContext,
  [bucketName = ""]: string[],
): Promise<void> {
  const { query, origin } = exchange
  const bucket = allowedBucket(callOf(exchange, context, bucketName, ""), "storage.objects.create")
  const body = await exchange.json()
  const start = startInsert(bucket, query, body)
  const contentType = exchange.header("x-upload-content-type")
  if (contentType !== undefined) start.metadata.contentType ??= contentType
  const fields = query.get("fields")
  const id = context.sessions.start({
    insert: start,
    size: announcedSize(exchange),
    answer: (last, object) => last.sendJson(200, selectFields(objectResource(object, last.origin), fields)),
  })
  const parameters = new URLSearchParams({ uploadType: "resumable", name: start.name, upload_id: id })
  const location = `${origin}/upload/storage/v1/b/${bucket.name}/o?${parameters.toString()}`
  await exchange.send(200, { location, "x-guploader-uploadid": id })
}

/** The session's name is all that it needs: no token. */
export async function putSession(exchange: Exchange, { sessions }: GcsContext): Promise<void> {
  await sessions.find(exchange.query.get("upload_id") ?? "").put(exchange)
}

export async function cancelSession(exchange: Exchange, { sessions }: GcsContext): Promise<void> {
  await sessions.find(exchange.query.get("upload_id") ?? "").cancel(exchange)
}

function announcedSize(exchange: Exchange): number | undefined {
  const size = exchange.header("x-upload-content-length")
  if (size === undefined) return undefined
  if (!/^\d+$/.test(size)) throw invalid(`Invalid X-Upload-Content-Length: ${size}`)
  return Number(size)
}
