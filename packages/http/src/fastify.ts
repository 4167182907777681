import type { IncomingMessage, ServerResponse } from "node:http"
import type { Storage } from "@node-storages/core"
import { FileServer } from "./file-server.ts"
import { nodeIncoming, sendReported } from "./node.ts"
import { splitUrl } from "./request-target.ts"
import type { ServeOptions } from "./serve-options.ts"

/** What is used of a request of Fastify. */
export interface FastifyStorageRequest {
  readonly raw: IncomingMessage
}

/** What is used of a reply of Fastify. */
export interface FastifyStorageReply {
  readonly raw: ServerResponse
  readonly sent: boolean
  hijack(): unknown
  callNotFound(): unknown
  getHeaders(): Readonly<Record<string, number | string | readonly string[] | undefined>>
}

/** What is used of an instance of Fastify. */
export interface FastifyStorageInstance<Request> {
  /** Of all plugins around this one, together. */
  readonly prefix: string
  removeAllContentTypeParsers(): unknown
  addContentTypeParser(
    type: string,
    parser: (request: Request, payload: unknown, done: (error: Error | null, body?: unknown) => void) => void,
  ): unknown
  route(route: {
    method: string[]
    url: string
    handler: (request: Request, reply: FastifyStorageReply) => Promise<unknown>
  }): unknown
}

/**
 * A plugin for Fastify, registered with the path below which the files are:
 * `app.register(fastifyStorage(storage), { prefix: "/media" })`. `authorize` and `onError` are given Fastify's request,
 * with what hooks have put on it. What is none of its files goes to the not-found handler.
 *
 * The plugin has content type parsers of its own, which leave bodies alone, so that uploads are streamed whatever their
 * type and `bodyLimit`. It writes to Node's response itself: headers that hooks have set on the reply are sent along,
 * `onSend` hooks are not run.
 * @throws StorageError `invalid-option`
 */
export function fastifyStorage<Request extends FastifyStorageRequest = FastifyStorageRequest>(
  storage: Storage,
  options: ServeOptions<Request> = {},
): (instance: FastifyStorageInstance<Request>, options: object, done: () => void) => void {
  const server = new FileServer(storage, options, "fastifyStorage()")
  return (instance, _, done) => {
    const mount = instance.prefix.replace(/\/$/, "")
    const depth = mount.split("/").length - 1
    const handler = async (request: Request, reply: FastifyStorageReply) => {
      const { raw } = request
      const own = { native: request, url: urlBelow(raw.url!, depth), originalUrl: raw.url }
      // Not spread: that would make the signal that few requests need.
      const incoming = Object.assign(nodeIncoming(raw, reply.raw), own)
      const answer = await server.respond(incoming, true)
      if (answer === undefined) {
        reply.callNotFound()
        return reply
      }
      if (!reply.sent) {
        for (const [name, value] of Object.entries(reply.getHeaders()))
          if (value !== undefined) reply.raw.setHeader(name, value)
        reply.hijack()
      }
      return sendReported(answer, raw, reply.raw, (error) => server.report(error, incoming))
    }
    instance.removeAllContentTypeParsers()
    instance.addContentTypeParser("*", (_request, _payload, parsed) => parsed(null))
    for (const url of mount === "" ? ["/*"] : ["/*", ""]) {
      instance.route({ method: ["GET", "HEAD", "OPTIONS", "PUT"], url, handler })
    }
    done()
  }
}

/** The URL without the first segments of its path: a prefix may have parameters, so that its text is not known. */
function urlBelow(url: string, depth: number): string {
  const { path, query } = splitUrl(url)
  const rest = path.split("/").slice(depth + 1)
  return `/${rest.join("/")}${query && `?${query}`}`
}
