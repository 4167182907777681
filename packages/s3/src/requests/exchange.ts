import { hash, randomUUID } from "node:crypto"
import type { S3Client } from "@aws-sdk/client-s3"
import type { BucketAccess } from "../bucket-access.ts"
import type { BucketEndpoint } from "../endpoint.ts"
import { encodePath } from "../signature.ts"
import { collected } from "./answer-body.ts"
import { ClockReading } from "./clock.ts"
import { canonicalQuery } from "./parameters.ts"
import { type TokenStrategy, tokenStrategy, withRetries } from "./retries.ts"
import { serviceError } from "./service-error.ts"
import { EMPTY_PAYLOAD, type SignedParts, signHeaders } from "./signed-headers.ts"

/** One request for the bucket, before it is signed. */
export interface PlainRequest {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE"
  /** Undefined for the bucket itself. */
  readonly key?: string | undefined
  readonly query: Readonly<Record<string, string>>
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string | undefined
}

/** What the client's request handler answers. */
export interface HttpAnswer {
  readonly statusCode: number
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** A request with all that does not change from one attempt to the next. */
interface Prepared extends PlainRequest, SignedParts {
  readonly method: PlainRequest["method"]
}

/**
 * Sends requests with what the official client has: its credentials, its request handler (and so its agents, time
 * limits and proxies), its retry strategy, its idea of the service's clock. What it leaves out is the client's
 * middleware, which is resolved anew for each request and costs several times what is done here.
 */
export class Exchange {
  readonly #client: S3Client
  readonly #access: BucketAccess
  readonly #endpoint: BucketEndpoint
  readonly #server: { readonly protocol: string; readonly hostname: string; readonly port?: number }
  readonly #terms: Terms

  private constructor(client: S3Client, access: BucketAccess, endpoint: BucketEndpoint, terms: Terms) {
    this.#client = client
    this.#access = access
    this.#endpoint = endpoint
    const { protocol, hostname, port } = new URL(endpoint.url)
    this.#server = { protocol, hostname, ...(port !== "" && { port: Number(port) }) }
    this.#terms = terms
  }

  /** Undefined where the client has a retry strategy of the old interface, which works on its middleware. */
  static async of(client: S3Client, access: BucketAccess): Promise<Exchange | undefined> {
    const { config } = client
    const strategy = await tokenStrategy(client)
    if (!strategy) return undefined
    const agents = await config.defaultUserAgentProvider()
    return new Exchange(client, access, await access.endpointAnew(), {
      strategy,
      attempts: await config.maxAttempts(),
      userAgent: agents.map((pair) => pair.filter(Boolean).join("/")).join(" "),
      correctsClock: !(await config.disableClockSkewCorrection?.()),
    })
  }

  /**
   * @param read makes the result of an answer below 300; what it throws is a failure of the attempt
   * @throws S3ServiceException for any other answer, and whatever the request handler throws
   */
  async send<Result>(
    request: PlainRequest,
    signal: AbortSignal | undefined,
    read: (answer: HttpAnswer) => Promise<Result>,
  ): Promise<Result> {
    const { strategy, attempts, userAgent } = this.#terms
    const { key, query, headers, body } = request
    const prepared: Prepared = {
      ...request,
      path: `${this.#endpoint.path}/${key === undefined ? "" : encodePath(key)}`,
      canonicalQuery: canonicalQuery(query),
      headers: {
        ...headers,
        host: this.#endpoint.host,
        "user-agent": userAgent,
        "amz-sdk-invocation-id": randomUUID(),
        ...traced(),
      },
      payload: body === undefined ? EMPTY_PAYLOAD : hash("sha256", body),
    }
    return withRetries(strategy, signal, (number) =>
      this.#attempt(prepared, `attempt=${number}; max=${attempts}`, signal, read),
    )
  }

  async #attempt<Result>(
    request: Prepared,
    attempt: string,
    signal: AbortSignal | undefined,
    read: (answer: HttpAnswer) => Promise<Result>,
  ): Promise<Result> {
    const signer = this.#access.knownSigner ?? (await this.#access.signer())
    const clock = new ClockReading(this.#client.config, this.#terms.correctsClock)
    const numbered = { ...request, headers: { ...request.headers, "amz-sdk-request": attempt } }
    const headers = signHeaders(signer, this.#endpoint.region, clock.signedAt, numbered)
    const { method, path, query, body } = request
    const answer = await this.#handle({ ...this.#server, method, path, query, headers, body }, signal)
    if (answer.statusCode < 300) {
      clock.learn(answer.headers)
      return read(answer)
    }
    const error = serviceError(answer, (await collected(answer.body, this.#client)).toString())
    if (clock.learn(answer.headers, error.ServerTime)) {
      Object.assign(error.$metadata, { clockSkewCorrected: true })
    }
    throw error
  }

  /** The client's request handler takes any object of this shape; its types ask for the SDK's own class. */
  async #handle(request: object, abortSignal: AbortSignal | undefined): Promise<HttpAnswer> {
    const { requestHandler } = this.#client.config
    type Request = Parameters<typeof requestHandler.handle>[0]
    const { response } = await requestHandler.handle(request as Request, abortSignal ? { abortSignal } : {})
    return response
  }
}

/** What the client's configuration says once. */
interface Terms {
  readonly strategy: TokenStrategy
  readonly attempts: number
  readonly userAgent: string
  /** Whether this machine's clock is corrected by what the service tells. */
  readonly correctsClock: boolean
}

/** In a function of AWS Lambda the official client says on whose behalf it asks, so that circles are noticed. */
function traced(): Record<string, string> {
  if (IN_LAMBDA === undefined) return {}
  const id = process.env["_X_AMZN_TRACE_ID"]
  return id ? { "x-amzn-trace-id": id } : {}
}

const IN_LAMBDA = process.env["AWS_LAMBDA_FUNCTION_NAME"]
