import type { IncomingMessage } from "node:http"
import type { NodeHandler } from "@node-storages/http"
import { nodeIncoming, sendReported, webIncoming, webResponse } from "@node-storages/http/adapter"
import type { DirectUploads } from "./direct-uploads.ts"
import { type DirectUploadHandlerOptions, UploadServer } from "./upload-server.ts"

/**
 * Answers the browser's half of direct uploads, at one URL, to requests of the Fetch standard: Hono, Next.js route
 * handlers, Deno, Bun, Workers. It takes POST with JSON, and OPTIONS for pages of `allowOrigins`.
 *
 * The handler never rejects: what goes wrong is an answer with a status.
 * @throws StorageError `invalid-option`
 */
export function directUploadHandler(
  uploads: DirectUploads,
  options: DirectUploadHandlerOptions,
): (request: Request) => Promise<Response> {
  const server = new UploadServer(uploads, options, "directUploadHandler()")
  return async (request) =>
    webResponse(await server.respond(webIncoming(request)), (error) => server.report(error, request))
}

/**
 * The same for `node:http`, Express, Connect, and Fastify with `@fastify/middie`. A body that `express.json()` has read
 * already is fine.
 * @throws StorageError `invalid-option`
 */
export function directUploadNodeHandler<Native extends IncomingMessage = IncomingMessage>(
  uploads: DirectUploads,
  options: DirectUploadHandlerOptions<Native>,
): NodeHandler<Native> {
  const server = new UploadServer(uploads, options, "directUploadNodeHandler()")
  return async (request, response) => {
    const answer = await server.respond(nodeIncoming(request))
    await sendReported(answer, request, response, (error) => server.report(error, request))
  }
}
