import type { Storage } from "@node-storages/core"
import type { Answer, Incoming } from "./answer.ts"
import { FileServer } from "./file-server.ts"
import type { ServeOptions } from "./serve-options.ts"

/**
 * Serves the files of a storage to requests of the Fetch standard: Hono, Next.js route handlers, Deno, Bun, Workers.
 * GET, HEAD and OPTIONS; PUT to signed URLs where the storage has signing keys.
 *
 * The handler never rejects: what goes wrong is an answer with a status, and told to `onError`.
 * @throws StorageError `invalid-option`
 */
export function serveStorage(
  storage: Storage,
  options: ServeOptions = {},
): (request: Request) => Promise<Response> {
  const server = new FileServer(storage, options, "serveStorage()")
  return async (request) => {
    const incoming = webIncoming(request)
    return webResponse((await server.respond(incoming, false))!, (error) => server.report(error, incoming))
  }
}

/** A request of the Fetch standard as the handlers of all frameworks give it. */
export function webIncoming(request: Request): Incoming<Request> {
  return {
    native: request,
    method: request.method,
    url: request.url,
    headers: Object.fromEntries(request.headers),
    signal: request.signal,
    body: () => request.body ?? emptyBody(),
  }
}

async function* emptyBody(): AsyncGenerator<Uint8Array> {}

/** @param report told of an error of a body that was read in part */
export function webResponse({ status, headers, body }: Answer, report: (error: unknown) => void): Response {
  if (body === undefined || body instanceof Uint8Array) {
    return new Response((body as Uint8Array<ArrayBuffer> | undefined) ?? null, { status, headers })
  }
  return new Response(streamOf(body, report), { status, headers })
}

/** Read as fast as it is sent; a client that goes away ends the iteration. */
function streamOf(chunks: AsyncIterable<Uint8Array>, report: (error: unknown) => void): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const next = await iterator.next()
          if (next.done) controller.close()
          else controller.enqueue(next.value)
        } catch (error) {
          report(error)
          throw error
        }
      },
      async cancel() {
        await iterator.return?.()
      },
    },
    { highWaterMark: 0 },
  )
}
