import { Readable } from "node:stream"
import { setTimeout } from "node:timers/promises"
import type { Storage as Client } from "@google-cloud/storage"
import { authOf } from "./client.ts"
import { ServiceError } from "./gcs-errors.ts"

export type Query = Readonly<Record<string, string | number | boolean | undefined>>

export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE"
  /** A path of the service, `"/storage/v1/b/bucket/o"`, or a whole URL. */
  readonly path: string
  readonly query?: Query | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** The body: bytes as they are, anything else as JSON. */
  readonly body?: Uint8Array | object | undefined
  readonly signal?: AbortSignal | undefined
  /** What to answer with: JSON, the text, or a stream of the bytes as they were sent, not decoded. Default: JSON. */
  readonly answer?: "json" | "text" | "stream" | undefined
  /** In milliseconds, without a streamed answer. Default: two minutes, and more for a large body. */
  readonly timeout?: number | undefined
  /** Statuses that are answers and not failures, beside 2xx. */
  readonly accept?: readonly number[] | undefined
  /** Whether a failure of the network or of the service is repeated. Default: true. */
  readonly retry?: boolean | undefined
}

export interface ApiAnswer<Data> {
  readonly status: number
  readonly headers: Headers
  readonly data: Data
}

/** How long a request without streamed bytes may take, in milliseconds; a body adds a second for each 64 KiB. */
const REQUEST_TIMEOUT = 120_000
const SLOWEST_RATE = 64 * 1024
/** In seconds. */
const FIRST_RETRY_DELAY = 0.2

/**
 * The service's APIs through the official client's own authenticated transport, which is what the client's resumable uploads
 * use as well. Its object methods take no signal, and hide how often a request was sent.
 */
export class JsonApi {
  /** The service's address, without a slash at its end. */
  readonly endpoint: string
  readonly #client: () => Client
  readonly #userProject: string | undefined

  constructor(endpoint: string, client: () => Client, userProject: string | undefined) {
    this.endpoint = endpoint
    this.#client = client
    this.#userProject = userProject
  }

  /** @throws ServiceError */
  async send<Data>(request: ApiRequest): Promise<ApiAnswer<Data>> {
    const client = this.#client()
    const { autoRetry = true, maxRetries = 3, maxRetryDelay = 64 } = client.retryOptions
    const most = autoRetry && (request.retry ?? true) ? 1 + maxRetries : 1
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#sendOnce<Data>(client, request)
      } catch (error) {
        const failure = ServiceError.of(error, attempt)
        const asked = failure.retryAfter ?? 0
        if (attempt >= most || !failure.passing || request.signal?.aborted || asked > maxRetryDelay) throw failure
        const backoff = Math.min(FIRST_RETRY_DELAY * 2 ** (attempt - 1) * (0.5 + Math.random()), maxRetryDelay)
        // Comes back early when the signal aborts: the request that follows then fails by it.
        await setTimeout(Math.max(asked, backoff) * 1000, undefined, { signal: request.signal }).catch(() => {})
      }
    }
  }

  async #sendOnce<Data>(client: Client, request: ApiRequest): Promise<ApiAnswer<Data>> {
    const { method, headers, body, signal, answer: kind = "json", timeout, accept = [] } = request
    const bytes = body instanceof Uint8Array ? body : body && Buffer.from(JSON.stringify(body))
    const source = bytes && sourceOf(bytes)
    const answer = await authOf(client)
      .request<Data>({
        method,
        url: this.#url(request),
        headers: {
          ...(bytes !== undefined && { "content-length": String(bytes.byteLength) }),
          ...(bytes !== undefined && bytes !== body && { "content-type": "application/json" }),
          ...headers,
        },
        ...(source && { data: source }),
        ...(signal && { signal }),
        responseType: kind,
        ...(kind === "stream" ? { compress: false } : { timeout: timeout ?? timeLimit(bytes?.byteLength ?? 0) }),
        validateStatus: (status) => (status >= 200 && status < 300) || accept.includes(status),
        retryConfig: { retry: 0 },
      })
      .finally(() => source?.destroy())
    return { status: answer.status, headers: answer.headers, data: answer.data }
  }

  #url({ path, query = {} }: ApiRequest): string {
    const url = new URL(path.startsWith("/") ? this.endpoint + path : path)
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value))
    }
    if (this.#userProject !== undefined) url.searchParams.set("userProject", this.#userProject)
    return url.href
  }
}

/** A stream that `send` answered with. */
export type AnswerStream = Readable

function timeLimit(size: number): number {
  return REQUEST_TIMEOUT + Math.ceil(size / SLOWEST_RATE) * 1000
}

/** The bytes as a stream that may fail unheard: the transport destroys it with an error when the signal aborts early. */
function sourceOf(bytes: Uint8Array): Readable {
  return Readable.from([bytes], { objectMode: false }).on("error", () => {})
}
