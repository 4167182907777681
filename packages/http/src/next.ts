import { Readable, pipeline } from "node:stream"
import zlib from "node:zlib"
import { type Storage, StorageError } from "@node-storages/core"
import { type Answer, type Incoming, plainAnswer } from "./answer.ts"
import { release } from "./file-reader.ts"
import { FileServer } from "./file-server.ts"
import type { ServeOptions } from "./serve-options.ts"
import { webIncoming, webResponse } from "./web.ts"

/** Options of `nextRoute`: Next.js compresses what it sends by itself, and lets no route do it. */
export interface NextRouteOptions<Native = Request> extends Omit<ServeOptions<Native>, "precompressed"> {
  readonly precompressed?: false | undefined
}

const LENGTH_REQUIRED = plainAnswer(411, {}, "Length Required: an upload must tell its Content-Length here.")

type RouteHandler<Native> = (request: Native) => Promise<Response>

/** What a `route.ts` exports. */
export interface NextRoute<Native> {
  readonly GET: RouteHandler<Native>
  readonly HEAD: RouteHandler<Native>
  readonly OPTIONS: RouteHandler<Native>
  readonly PUT: RouteHandler<Native>
}

/**
 * Route handlers for Next.js, for `app/media/[[...name]]/route.ts`:
 * `export const { GET, HEAD, OPTIONS, PUT } = nextRoute(storage, { prefix: "/media/" })`.
 *
 * Next.js takes `Content-Encoding` off the answers of routes. Files that are stored encoded are therefore decoded, and
 * sent whole. Behind a `proxy.ts` it cuts bodies of requests off at 10 MB and does not tell the route: uploads have to
 * tell their length, and one that comes short is refused.
 * @throws StorageError `invalid-option`
 */
export function nextRoute<Native extends Request = Request>(
  storage: Storage,
  options: NextRouteOptions<Native> = {},
): NextRoute<Native> {
  if ((options as ServeOptions).precompressed) {
    const reason = "Next.js takes Content-Encoding off the answers of routes, and compresses by itself"
    throw new StorageError("invalid-option", `nextRoute(): precompressed must be false: ${reason}.`)
  }
  const server = new FileServer(storage, options, "nextRoute()")
  const handler = async (request: Native) => {
    if (request.method === "PUT" && !request.headers.has("content-length"))
      return webResponse(LENGTH_REQUIRED, () => {})
    const incoming = webIncoming(request)
    const report = (error: unknown) => server.report(error, incoming)
    const answer = await withoutEncoding(server, incoming, report)
    return webResponse(answer.status === 206 ? untransformed(answer) : answer, report)
  }
  return { GET: handler, HEAD: handler, OPTIONS: handler, PUT: handler }
}

async function withoutEncoding<Native>(
  server: FileServer<Native>,
  incoming: Incoming<Native>,
  report: (error: unknown) => void,
): Promise<Answer> {
  const answer = (await server.respond(incoming, false))!
  if (answer.headers["content-encoding"] === undefined) return answer
  // A range of encoded bytes can't be decoded.
  if (answer.status !== 206) return decoded(answer, report)
  await release(answer.body!)
  const { range: _, ...headers } = incoming.headers
  return withoutEncoding(server, { ...incoming, headers }, report)
}

function decoded({ status, headers, body }: Answer, report: (error: unknown) => void): Answer {
  const { "content-encoding": coding, "content-length": _, "accept-ranges": __, etag, ...others } = headers
  const decoder = decoderOf(coding!)
  if (decoder === undefined) {
    if (body) void release(body)
    report(new Error(`nextRoute() can't decode ${JSON.stringify(coding)}, and Next.js does not send Content-Encoding.`))
    return plainAnswer(500)
  }
  const weak = etag?.replace(/^(?!W\/)/, "W/")
  const decodedHeaders = weak === undefined ? others : { ...others, etag: weak }
  if (body === undefined) return { status, headers: decodedHeaders }
  const source = Readable.from(body instanceof Uint8Array ? [body] : body)
  // Its error is that of the decoder, and found by who reads that.
  return { status, headers: decodedHeaders, body: pipeline(source, decoder, () => {}) }
}

function decoderOf(coding: string): zlib.Gunzip | undefined {
  switch (coding.trim().toLowerCase()) {
    case "gzip":
    case "x-gzip":
      return zlib.createGunzip()
    case "deflate":
      return zlib.createInflate()
    case "br":
      return zlib.createBrotliDecompress()
    default:
      return undefined
  }
}

/** Next.js compresses what it takes for text, and would do so with a range. RFC 9111, 5.2.2.6 */
function untransformed({ status, headers, body }: Answer): Answer {
  return { status, headers: { ...headers, "cache-control": `${headers["cache-control"]}, no-transform` }, body }
}
