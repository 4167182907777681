import type { Storage } from "@node-storages/core"
import { FileServer } from "./file-server.ts"
import type { ServeOptions } from "./serve-options.ts"
import { webBody, webIncoming } from "./web.ts"

/** What is used of a context of Hono. */
export interface HonoContext {
  readonly req: { readonly raw: Request }
  body(
    data: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>> | null,
    status: number,
    headers: Record<string, string>,
  ): Response
}

/**
 * A handler for Hono, of `app.use`, `app.get` or `app.all`, with the path under which it is mounted as its `prefix`:
 * `app.use("/media/*", honoStorage(storage, { prefix: "/media/" }))`. `authorize` and `onError` are given the context,
 * with what other middleware has set. What is none of its files is passed on.
 * @throws StorageError `invalid-option`
 */
export function honoStorage<Context extends HonoContext>(
  storage: Storage,
  options: ServeOptions<Context> = {},
): (context: Context, next: () => Promise<void>) => Promise<Response | void> {
  const server = new FileServer(storage, options, "honoStorage()")
  return async (context, next) => {
    const incoming = { ...webIncoming(context.req.raw), native: context }
    const answer = await server.respond(incoming, true)
    if (answer === undefined) return next()
    const body = webBody(answer.body, (error) => server.report(error, incoming))
    return context.body(body, answer.status, answer.headers)
  }
}
