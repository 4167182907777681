/** The addresses of the XML API, in path style: `/bucket/object`. */
import type { Account } from "./accounts.ts"
import type { GcsContext } from "./context.ts"
import { answerPreflight, corsHeaders } from "./cors.ts"
import { GcsError, notCovered } from "./errors.ts"
import type { Exchange } from "./exchange.ts"
import { answerForm } from "./form-upload.ts"
import { isStatus } from "./json-routes.ts"
import { decodePart } from "./object-names.ts"
import type { Route } from "./router.ts"
import { verifySignedUrl } from "./signed-url.ts"
import { multipartHandler } from "./xml-multipart.ts"
import * as xml from "./xml-objects.ts"

type Handler = (exchange: Exchange, call: xml.XmlCall, context: GcsContext) => Promise<void>

const OBJECT_HANDLERS: Record<string, { operation: string; handler: Handler }> = {
  GET: { operation: "xml.get", handler: xml.getXmlObject },
  HEAD: { operation: "xml.head", handler: xml.getXmlObject },
  PUT: { operation: "xml.put", handler: xml.putXmlObject },
  POST: { operation: "resumable.start", handler: xml.startXmlSession },
  DELETE: { operation: "xml.delete", handler: xml.deleteXmlObject },
}

export function xmlRoute(exchange: Exchange, context: GcsContext): Route {
  const [, bucketPart = "", objectPart] = /^\/([^/]*)(?:\/(.*))?$/s.exec(exchange.path) ?? []
  const route = (operation: string, handler: () => Promise<void>): Route => ({
    operation,
    api: "xml",
    carryOut: async () => {
      Object.assign(exchange.always, corsHeaders(context.store.find(bucketPart), exchange))
      await handler()
    },
  })
  if (exchange.method === "OPTIONS") {
    const carryOut = (): Promise<void> => answerPreflight(context.store.find(bucketPart), exchange)
    return { operation: "preflight", api: "xml", carryOut }
  }
  if (!objectPart) {
    if (exchange.method === "POST") return route("form.post", () => answerForm(exchange, context, bucketPart))
    return route("unknown", () => Promise.reject(notCovered(`${exchange.method} ${exchange.path}`)))
  }
  const uploadId = exchange.query.get("upload_id")
  if (uploadId !== null && exchange.method === "PUT") {
    const operation = isStatus(exchange) ? "resumable.status" : "resumable.chunk"
    return route(operation, async () => context.sessions.find(uploadId).put(exchange))
  }
  if (uploadId !== null && exchange.method === "DELETE") {
    return route("resumable.cancel", async () => context.sessions.find(uploadId).cancel(exchange))
  }
  const known = multipartHandler(exchange) ?? OBJECT_HANDLERS[exchange.method]
  if (!known) return route("unknown", () => Promise.reject(methodNotAllowed()))
  return route(known.operation, async () => {
    const { caller, payloadSha256 } = authenticate(exchange, context)
    const bucket = context.store.bucket(decodePart(bucketPart))
    await known.handler(exchange, { bucket, name: decodePart(objectPart), caller, payloadSha256 }, context)
  })
}

function authenticate(
  exchange: Exchange,
  { accounts, now }: GcsContext,
): { caller: Account | undefined; payloadSha256: string | undefined } {
  const { method, url, query, request } = exchange
  const isSigned = [...query.keys()].some((name) => name.toLowerCase().startsWith("x-goog-"))
  if (!isSigned) return { caller: accounts.callerOf(exchange.header("authorization")), payloadSha256: undefined }
  const headers = Object.fromEntries(Object.keys(request.headers).map((name) => [name, exchange.header(name)]))
  const publicKeyOf = (email: string): Account["publicKey"] | undefined => accounts.find(email)?.publicKey
  const { account, payloadSha256 } = verifySignedUrl({ method, url, headers, now: now(), publicKeyOf })
  return { caller: accounts.find(account), payloadSha256 }
}

function methodNotAllowed(): GcsError {
  const message = "The specified method is not allowed against this resource."
  return new GcsError(405, { reason: "methodNotAllowed", message, code: "MethodNotAllowed" })
}
