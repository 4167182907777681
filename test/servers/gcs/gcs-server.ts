/**
 * Google Cloud Storage on loopback, for tests: the JSON API, what signed URLs, forms and uploads in parts need of the XML
 * API, OAuth 2.0 tokens and `signBlob`. Strict where the service is strict. What it leaves out it refuses with 501.
 *
 * What its clients must know:
 * - Address it as `apiEndpoint`, in path style. One process has one set of buckets, in memory and a temporary folder.
 * - The official client asks Google's own address for tokens whatever `token_uri` says: let it sign its tokens itself
 *   (`useJWTAccessWithScope`), or give it an auth client that asks here.
 */
import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { Accounts, makeAccount, serviceAccountKey, type ServiceAccountKey } from "./accounts.ts"
import { openContentFolder } from "./content.ts"
import type { GcsContext } from "./context.ts"
import { ConnectionLost, GcsError } from "./errors.ts"
import { Exchange } from "./exchange.ts"
import { Faults, type GcsFaults } from "./faults.ts"
import { MultipartUploads } from "./multipart-uploads.ts"
import { ObjectStore, type BucketOptions } from "./object-store.ts"
import { RequestLog } from "./request-log.ts"
import { Sessions } from "./resumable.ts"
import { Rewrites } from "./rewrite.ts"
import { findRoute, type Route } from "./router.ts"

const PROJECT_ID = "node-storages-test"

/** Can be sent to another process. */
export interface GcsConnection {
  /** `http://127.0.0.1:<port>` */
  endpoint: string
  projectId: string
  credentials: ServiceAccountKey
  /** Valid, but everything is forbidden to it. */
  accountWithoutAccess: ServiceAccountKey
}

export interface GcsServer extends GcsConnection {
  readonly faults: GcsFaults
  readonly requests: RequestLog
  createBucket(name: string, options?: BucketOptions): void
  /** An access token of the account with access, valid for an hour. */
  accessToken(): string
  stop(): Promise<void>
}

export interface GcsServerOptions {
  /** Buckets to begin with. */
  buckets?: readonly string[]
  /** Bytes that one call of `objects.rewrite` copies. Default: all. */
  rewriteChunk?: number
  /** The server's clock. Default: the real one. */
  now?: () => Date
}

export async function startGcsServer(options: GcsServerOptions = {}): Promise<GcsServer> {
  const { buckets = [], rewriteChunk = Infinity, now = () => new Date() } = options
  const store = new ObjectStore(now)
  // Before anything is there that a wrong name would leave behind.
  for (const bucket of buckets) store.createBucket(bucket)
  const [account, stranger, folder] = await Promise.all([
    makeAccount("tests", PROJECT_ID, true),
    makeAccount("stranger", PROJECT_ID, false),
    openContentFolder(),
  ])
  const context: GcsContext = {
    store,
    accounts: new Accounts([account, stranger], now),
    folder,
    sessions: new Sessions(folder, now),
    multipart: new MultipartUploads(folder, now),
    rewrites: new Rewrites(rewriteChunk),
    requests: new RequestLog(),
    faults: new Faults(),
    now,
  }

  // It closes no connection that is idle: a client may send its next request at that moment.
  const limits = { requestTimeout: 0, keepAliveTimeout: 0 }
  const server = createServer(limits, (request, response) => void answer(request, response, context))
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const end = async (): Promise<void> => {
    const closed = server.listening ? once(server, "close") : undefined
    server.close()
    server.closeAllConnections()
    await closed
    await folder.remove()
  }
  let stopped: Promise<void> | undefined
  return {
    endpoint,
    projectId: PROJECT_ID,
    credentials: serviceAccountKey(account, PROJECT_ID, endpoint),
    accountWithoutAccess: serviceAccountKey(stranger, PROJECT_ID, endpoint),
    faults: context.faults,
    requests: context.requests,
    createBucket: (name, bucketOptions) => void context.store.createBucket(name, bucketOptions),
    accessToken: () => context.accounts.giveToken(account).access_token,
    stop: () => (stopped ??= end()),
  }
}

/** What may be told to another process. */
export function connectionOf(server: GcsServer): GcsConnection {
  const { endpoint, projectId, credentials, accountWithoutAccess } = server
  return { endpoint, projectId, credentials, accountWithoutAccess }
}

async function answer(request: IncomingMessage, response: ServerResponse, context: GcsContext): Promise<void> {
  const exchange = new Exchange(request, response)
  const route = findRoute(exchange, context)
  try {
    context.requests.add({
      method: exchange.method,
      path: request.url ?? "/",
      operation: route.operation,
      batched: false,
    })
    exchange.fault = context.faults.take(route.operation)
    const { delay, status } = exchange.fault
    if (delay !== undefined) await new Promise((resolve) => setTimeout(resolve, delay))
    await (status === undefined ? route.carryOut() : answerFault(exchange, status))
  } catch (error) {
    await answerError(exchange, route, error).catch(() => request.socket.destroy())
  } finally {
    // What was refused early is read all the same: otherwise this request and the connection's next would wait for ever.
    // Who has stopped within the body still listens, and nothing would flow.
    request.removeAllListeners("readable").resume()
  }
}

async function answerFault(exchange: Exchange, status: number): Promise<void> {
  for await (const _ of exchange.body());
  const { retryAfter } = exchange.fault
  const headers = retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }
  throw new GcsError(status, {
    reason: "backendError",
    message: "A fault on request",
    code: "ServiceUnavailable",
    headers,
  })
}

async function answerError(exchange: Exchange, { api }: Route, error: unknown): Promise<void> {
  if (error instanceof ConnectionLost) return
  if (!(error instanceof GcsError)) console.error("The GCS test server failed:", error)
  const message = "An internal error occurred."
  const internal = new GcsError(500, { reason: "internalError", message, code: "InternalError" })
  const shown = error instanceof GcsError ? error : internal
  if (shown.status === 304) return exchange.send(304, shown.headers)
  if (api === "json") return exchange.sendJson(shown.status, shown.toJson(), shown.headers)
  const headers = { "content-type": "application/xml; charset=UTF-8", ...shown.headers }
  // The XML API says 403 also to those who did not say who they are.
  return exchange.send(shown.code === "AccessDenied" ? 403 : shown.status, headers, shown.toXml())
}
