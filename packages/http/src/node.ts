import type { IncomingMessage, ServerResponse } from "node:http"
import { lentChunks, type Storage } from "@node-storages/core"
import { type Answer, type Incoming, MOST_DRAINED } from "./answer.ts"
import { release } from "./file-reader.ts"
import { FileServer } from "./file-server.ts"
import type { ServeOptions } from "./serve-options.ts"

const DONE = Promise.resolve()

/** How much of a body in chunks that are only lent is kept back, until it has been seen to be whole. In bytes. */
const KEPT_BACK = 4096

/**
 * A handler for `node:http`, and for what calls its handlers alike: Express, Connect, NestJS on Express, Fastify with
 * `@fastify/middie`. With `next` it passes on what is none of its files; without it answers 404 and 405 itself.
 */
export type NodeHandler<Request extends IncomingMessage = IncomingMessage> = (
  request: Request,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => Promise<void>

/**
 * Serves the files of a storage by Node's own requests and responses, without a detour over web streams.
 * GET, HEAD and OPTIONS; PUT to signed URLs where the storage has signing keys.
 *
 * The handler never rejects: what goes wrong is an answer with a status, and told to `onError`. A body that breaks off
 * ends the connection, so that no client takes it for the whole.
 * @throws StorageError `invalid-option`
 */
export function nodeHandler<Request extends IncomingMessage = IncomingMessage>(
  storage: Storage,
  options: ServeOptions<Request> = {},
): NodeHandler<Request> {
  const server = new FileServer(storage, options, "nodeHandler()")
  const handle: NodeHandler<Request> = async (request, response, next) => {
    const incoming = nodeIncoming(request, response)
    // A response that others have answered, or whose client is gone, takes nothing more.
    if (response.headersSent || response.destroyed) return
    const answer = await server.respond(incoming, next !== undefined)
    if (answer === undefined) return next!()
    await sendReported(answer, request, response, (error) => server.report(error, incoming))
  }
  return (request, response, next) => {
    const { method, url, headers } = request
    const ready = server.ready(method, url, headers)
    if (ready === undefined || response.headersSent || response.destroyed || hasBody(request)) {
      return handle(request, response, next)
    }
    response.writeHead(200, ready.headers as string[]).end(ready.body)
    return DONE
  }
}

/** Sends the answer. Never rejects: what breaks off ends the connection, and is told unless it was the client who went. */
export async function sendReported(
  answer: Answer,
  request: IncomingMessage,
  response: ServerResponse,
  report: (error: unknown) => void,
): Promise<void> {
  try {
    // Meanwhile others may have answered: a limit of time, for one.
    if (!response.headersSent && !response.destroyed) return await sendAnswer(answer, request, response)
  } catch (error) {
    if (!response.destroyed && !request.destroyed) report(error)
    response.destroy()
  }
  if (answer.body) await release(answer.body)
}

/**
 * A request of Node's as the handlers of all frameworks give it.
 * @param response its end, before all is sent, aborts what is being done for the request
 */
export function nodeIncoming<Request extends IncomingMessage>(
  request: Request,
  response?: ServerResponse,
): Incoming<Request> {
  let signal: AbortSignal | undefined
  return {
    native: request,
    method: request.method ?? "GET",
    url: request.url ?? "/",
    // Express, Connect, and others that mount handlers.
    originalUrl: (request as { originalUrl?: string }).originalUrl,
    // Only `set-cookie` is a list, and no request has it.
    headers: request.headers as Incoming<Request>["headers"],
    body: () => {
      if (!request.readableDidRead) return request
      throw new Error("The body of the upload has been read by someone else: mount this handler before body parsers.")
    },
    // Made only where somebody asks: what is in memory needs none.
    get signal() {
      return (signal ??= response && closeSignal(response))
    },
  }
}

/** Aborts when the client has gone before it had all. */
function closeSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController()
  const onClose = () => {
    if (!response.writableFinished) controller.abort()
  }
  if (response.destroyed) onClose()
  else response.once("close", onClose)
  return controller.signal
}

/**
 * Sends the answer, as fast as the client takes it. A body of the request that nobody has read is let in for a little, so
 * that the client reads the answer, and then the connection ends.
 */
async function sendAnswer(
  { status, headers, body }: Answer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const isUnread = !request.complete && !request.readableEnded && hasBody(request)
  response.writeHead(status, isUnread ? { ...headers, connection: "close" } : headers)
  if (body === undefined || body instanceof Uint8Array) response.end(body)
  else await sendChunks(body, response, Number(headers["content-length"] ?? Number.NaN))
  if (isUnread) drain(request)
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0
}

/** As fast as the client takes it; the iteration ends when it goes away. */
async function sendChunks(chunks: AsyncIterable<Uint8Array>, response: ServerResponse, length: number): Promise<void> {
  let sent = 0
  let last: Uint8Array | undefined
  // A middleware that has its own `write` may keep chunks, and need not tell when it is done with them.
  const lent = Object.hasOwn(response, "write") ? undefined : lentChunks(chunks)
  for await (const chunk of lent ?? chunks) {
    if (response.destroyed) return
    sent += chunk.byteLength
    if (sent >= length) {
      // The last bytes go out with the end, when the body has been seen to be whole.
      last = lent ? await lastBytes(chunk, response) : chunk
      continue
    }
    if (lent) {
      await written(chunk, response)
      continue
    }
    if (!response.write(chunk)) await drained(response)
  }
  response.end(last)
}

/** Sends a lent chunk but for its last bytes. @returns a copy of those: a copy of all would cost as much as reading it */
async function lastBytes(chunk: Uint8Array, response: ServerResponse): Promise<Uint8Array> {
  const before = Math.max(0, chunk.byteLength - KEPT_BACK)
  if (before > 0) await written(chunk.subarray(0, before), response)
  return new Uint8Array(chunk.subarray(before))
}

/** Resolves when the bytes are out, or never will be. */
function written(chunk: Uint8Array, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off("close", done)
      resolve()
    }
    response.once("close", done)
    response.write(chunk, done)
  })
}

/** Resolves when more can be written, or never will be. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off("drain", done)
      response.off("close", done)
      resolve()
    }
    response.on("drain", done)
    response.on("close", done)
    if (response.destroyed) done()
  })
}

/** Reads on for a little, so that the answer is not lost in a reset, and then ends it. */
function drain(request: IncomingMessage): void {
  let left = MOST_DRAINED
  request.on("error", () => {})
  request.on("data", (chunk: Uint8Array) => {
    left -= chunk.byteLength
    if (left < 0) request.destroy()
  })
}
