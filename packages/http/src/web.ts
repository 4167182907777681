import type { Storage } from "@node-storages/core"
import { type Answer, type Incoming, MOST_DRAINED } from "./answer.ts"
import { release } from "./file-reader.ts"
import { FileServer } from "./file-server.ts"
import type { ServeOptions } from "./serve-options.ts"

/**
 * Serves the files of a storage to requests of the Fetch standard: Hono, Next.js route handlers, Deno, Bun, Workers.
 * GET, HEAD and OPTIONS; PUT to signed URLs where the storage has signing keys.
 *
 * The handler never rejects: what goes wrong is an answer with a status, and told to `onError`.
 * @throws StorageError `invalid-option`
 */
export function serveStorage<Native extends Request = Request>(
  storage: Storage,
  options: ServeOptions<Native> = {},
): (request: Native) => Promise<Response> {
  const server = new FileServer(storage, options, "serveStorage()")
  return async (request) => {
    const incoming = webIncoming(request)
    return webResponse((await server.respond(incoming, false))!, (error) => server.report(error, incoming))
  }
}

/** A request of the Fetch standard as the handlers of all frameworks give it. */
export function webIncoming<Native extends Request>(request: Native): Incoming<Native> {
  return {
    native: request,
    method: request.method,
    url: request.url,
    headers: Object.fromEntries(request.headers),
    signal: request.signal,
    body: () => {
      if (!request.bodyUsed) return chunksOf(request.body)
      throw new Error("The body of the upload has been read by someone else: call this handler before body parsers.")
    },
  }
}

/** The body; where it is not wanted to its end, a little more of it is let in. */
async function* chunksOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  if (body === null) return
  const reader = body.getReader()
  let isWhole = false
  try {
    for (;;) {
      const { done, value } = await reader.read()
      isWhole = done
      if (done) return
      yield value
    }
  } finally {
    if (!isWhole) void drain(reader)
  }
}

/** The next request of a connection is read only when the one before has been read to its end. */
async function drain(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  try {
    for (let left = MOST_DRAINED; left >= 0;) {
      const { done, value } = await reader.read()
      if (done) return
      left -= value.byteLength
    }
    await reader.cancel()
  } catch {
    // The client has gone.
  }
}

/**
 * An answer as a response of the Fetch standard.
 * @param report told of an error of a body that was read in part
 */
export function webResponse({ status, headers, body }: Answer, report: (error: unknown) => void): Response {
  return new Response(webBody(body, report), { status, headers })
}

/** @param report told of an error of a body that was read in part */
export function webBody(
  body: Answer["body"],
  report: (error: unknown) => void,
): Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>> | null {
  if (body === undefined) return null
  return (body instanceof Uint8Array ? body : streamOf(body, report)) as ReturnType<typeof webBody>
}

/** Read as fast as it is sent; a client that goes away ends the iteration. */
function streamOf(chunks: AsyncIterable<Uint8Array>, report: (error: unknown) => void): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]()
  let begun = false
  let cancelled = false
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        begun = true
        try {
          const next = await iterator.next()
          // The client may have gone meanwhile: nothing takes bytes then.
          if (cancelled) return
          if (next.done) controller.close()
          else controller.enqueue(next.value)
        } catch (error) {
          if (!cancelled) report(error)
          throw error
        }
      },
      async cancel() {
        cancelled = true
        if (begun) await iterator.return?.()
        else await release(chunks)
      },
    },
    { highWaterMark: 0 },
  )
}
