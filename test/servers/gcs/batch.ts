/** `POST /batch/storage/v1`: up to 100 calls in one request. https://cloud.google.com/storage/docs/batch */
import { randomBytes } from "node:crypto"
import { STATUS_CODES } from "node:http"
import type { GcsContext } from "./context.ts"
import { GcsError, invalid, notServed } from "./errors.ts"
import { parseJsonObject, type Exchange } from "./exchange.ts"
import * as objects from "./json-objects.ts"
import { boundaryOf, readParts, textOf } from "./multipart.ts"
import { decodePart } from "./object-names.ts"

const MOST_CALLS = 100

const OPERATIONS: Record<string, { operation: string; answer: (call: objects.ObjectCall) => objects.JsonAnswer }> = {
  GET: { operation: "objects.get", answer: objects.getObject },
  PATCH: { operation: "objects.patch", answer: objects.patchObject },
  DELETE: { operation: "objects.delete", answer: objects.deleteObject },
}

interface Call {
  id: string | undefined
  text: string
}

export async function answerBatch(exchange: Exchange, context: GcsContext): Promise<void> {
  const calls: Call[] = []
  const boundary = boundaryOf(exchange.header("content-type"), "multipart/mixed")
  for await (const part of readParts(exchange.body(), boundary)) {
    if (part.headers.get("content-type") !== "application/http") {
      throw invalid("Each part of a batch needs Content-Type: application/http")
    }
    calls.push({ id: part.headers.get("content-id"), text: await textOf(part) })
    if (calls.length > MOST_CALLS) throw invalid(`The batch request could not be processed: over ${MOST_CALLS} calls.`)
  }
  if (calls.length === 0) throw invalid("The batch request has no calls.")
  const mark = `batch_${randomBytes(16).toString("hex")}`
  const answers = calls.map((call) => `--${mark}\r\n${answerOf(call, exchange, context)}\r\n`)
  await exchange.send(
    200,
    { "content-type": `multipart/mixed; boundary=${mark}` },
    `${answers.join("")}--${mark}--\r\n`,
  )
}

function answerOf({ id, text }: Call, exchange: Exchange, context: GcsContext): string {
  const { status, json } = carryOut(text, exchange, context)
  const body = json === undefined ? "" : JSON.stringify(json)
  const type = json === undefined ? "" : "Content-Type: application/json; charset=UTF-8\r\n"
  const reply = id === undefined ? "" : `Content-ID: ${id.replace(/^<?/, "<response-").replace(/>?$/, ">")}\r\n`
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${type}Content-Length: ${Buffer.byteLength(body)}\r\n`
  return `Content-Type: application/http\r\n${reply}\r\n${head}\r\n${body}\r\n`
}

function carryOut(text: string, exchange: Exchange, context: GcsContext): objects.JsonAnswer {
  try {
    const { method, url, headers, body } = parseCall(text)
    const known = OPERATIONS[method]
    const [, bucket, name] = /^\/storage\/v1\/b\/([^/]+)\/o\/([^/]+)$/.exec(url.pathname) ?? []
    if (!known || bucket === undefined || name === undefined) throw notServed(`${method} ${url.pathname}`)
    const { operation, answer } = known
    context.requests.add({ method, path: url.pathname + url.search, operation, batched: true })
    const { status } = context.faults.take(operation)
    if (status !== undefined) {
      throw new GcsError(status, { reason: "backendError", message: "A fault on request", code: "ServiceUnavailable" })
    }
    return answer({
      store: context.store,
      origin: exchange.origin,
      // That of the batch holds for calls without one of their own.
      caller: context.accounts.callerOf(headers.get("authorization") ?? exchange.header("authorization")),
      userProject: url.searchParams.get("userProject") ?? exchange.header("x-goog-user-project"),
      bucket: decodePart(bucket),
      name: decodePart(name),
      query: url.searchParams,
      body: parseJsonObject(body),
    })
  } catch (error) {
    if (!(error instanceof GcsError)) throw error
    return error.status === 304 ? { status: 304 } : { status: error.status, json: error.toJson() }
  }
}

function parseCall(text: string): { method: string; url: URL; headers: Map<string, string>; body: string } {
  const [head = "", ...rest] = text.trimStart().split(/\r?\n\r?\n/)
  const [requestLine = "", ...lines] = head.split(/\r?\n/)
  const [, method, target] = /^(\w+) (\S+)(?: HTTP\/1\.[01])?$/.exec(requestLine) ?? []
  if (method === undefined || target === undefined) throw invalid(`Not a request line: ${requestLine}`)
  const headers = new Map(lines.map((line) => [line.split(":", 1)[0]!.toLowerCase(), line.replace(/^[^:]*:\s*/, "")]))
  return { method, url: new URL(target, "http://batch.invalid"), headers, body: rest.join("\r\n\r\n") }
}
