import type { IncomingMessage, ServerResponse } from "node:http"
import type { Storage } from "@node-storages/core"
import { FileServer } from "./file-server.ts"
import { nodeIncoming, sendReported } from "./node.ts"
import type { ServeOptions } from "./serve-options.ts"

/** What is used of a context of Koa. */
export interface KoaContext {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  /** As the client sent it; `koa-mount` takes its path off `req.url`. */
  readonly originalUrl: string
  respond?: boolean | undefined
}

/**
 * A middleware for Koa. `authorize` and `onError` are given the context, with what other middleware has put into
 * `context.state`. What is none of its files is passed on.
 *
 * It writes to Node's response itself: headers that are set before `next()` was called are sent along, later ones not.
 * @throws StorageError `invalid-option`
 */
export function koaStorage<Context extends KoaContext>(
  storage: Storage,
  options: ServeOptions<Context> = {},
): (context: Context, next: () => Promise<unknown>) => Promise<void> {
  const server = new FileServer(storage, options, "koaStorage()")
  return async (context, next) => {
    const { req, res, originalUrl } = context
    // Not spread: that would make the signal that few requests need.
    const incoming = Object.assign(nodeIncoming(req, res), { native: context, originalUrl })
    const answer = await server.respond(incoming, true)
    if (answer === undefined) return void (await next())
    context.respond = false
    await sendReported(answer, req, res, (error) => server.report(error, incoming))
  }
}
