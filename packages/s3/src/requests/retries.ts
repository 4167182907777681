import type { S3Client } from "@aws-sdk/client-s3"
import { orAborted } from "@node-storages/core/adapter"

/*
 * The loop around an attempt, by the official client's own strategy: its tokens, its backoff, its number of attempts.
 * What is worth another attempt is told as the client tells it:
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */

type Strategy = Awaited<ReturnType<S3Client["config"]["retryStrategy"]>>
export type TokenStrategy = Extract<Strategy, { acquireInitialRetryToken: unknown }>
type ErrorInfo = Parameters<TokenStrategy["refreshRetryTokenForRetry"]>[1]

/** What the client's errors, and those of the network, have. */
interface Failure {
  readonly name?: string
  readonly code?: string
  readonly cause?: unknown
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> }
  $metadata?: { readonly httpStatusCode?: number; readonly clockSkewCorrected?: boolean; attempts?: number }
}

/** Undefined for a strategy of the old interface, which wraps the client's own middleware. */
export async function tokenStrategy({ config }: S3Client): Promise<TokenStrategy | undefined> {
  const strategy = await config.retryStrategy()
  return "acquireInitialRetryToken" in strategy ? strategy : undefined
}

/**
 * Attempts until one succeeds, or the strategy has enough. The error then tells in `$metadata` how many there were.
 * @param attempt is given its number, from 1
 */
export async function withRetries<Answer>(
  strategy: TokenStrategy,
  signal: AbortSignal | undefined,
  attempt: (number: number) => Promise<Answer>,
): Promise<Answer> {
  let token = await strategy.acquireInitialRetryToken("")
  for (let number = 1; ; number = token.getRetryCount() + 1) {
    try {
      const answer = await attempt(number)
      strategy.recordSuccess(token)
      return answer
    } catch (error) {
      const failure = (error instanceof Error ? error : new Error(String(error))) as Error & Failure
      const hint = retryAfter(failure.$response?.headers)
      const info = { error: failure, errorType: typeOf(failure), ...(hint && { retryAfterHint: hint }) } as ErrorInfo
      try {
        token = await orAborted(strategy.refreshRetryTokenForRetry(token, info), signal, cancelled)
        await pause(token.getRetryDelay(), signal)
      } catch (refused) {
        if (signal?.aborted) throw refused
        failure.$metadata = { ...failure.$metadata, attempts: number }
        throw failure
      }
    }
  }
}

function cancelled(): Error {
  return Object.assign(new Error("Request aborted"), { name: "AbortError" })
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  if (milliseconds <= 0) return
  let timer: ReturnType<typeof setTimeout> | undefined
  const over = new Promise<void>((resolve) => (timer = setTimeout(resolve, milliseconds)))
  await orAborted(over, signal, cancelled).finally(() => clearTimeout(timer))
}

const THROTTLING =
  /^(BandwidthLimitExceeded|EC2ThrottledException|LimitExceededException|PriorRequestNotComplete|ProvisionedThroughputExceededException|RequestLimitExceeded|RequestThrottled(Exception)?|SlowDown|ThrottledException|Throttling(Exception)?|TooManyRequestsException|TransactionInProgressException)$/
const TIMED_OUT = /^(TimeoutError|RequestTimeout|RequestTimeoutException)$/
const NETWORK = /^(ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/
const TRANSIENT_STATUS: ReadonlySet<number> = new Set([500, 502, 503, 504])

function typeOf(failure: Failure): ErrorInfo["errorType"] {
  const status = failure.$metadata?.httpStatusCode ?? 0
  if (status === 429 || THROTTLING.test(failure.name ?? "")) return "THROTTLING"
  if (isTransient(failure)) return "TRANSIENT"
  return status >= 500 && status <= 599 ? "SERVER_ERROR" : "CLIENT_ERROR"
}

function isTransient(failure: Failure, depth = 0): boolean {
  if (failure.name === "AbortError") return false
  const { httpStatusCode = 0, clockSkewCorrected = false } = failure.$metadata ?? {}
  if (clockSkewCorrected || TIMED_OUT.test(failure.name ?? "") || TRANSIENT_STATUS.has(httpStatusCode)) return true
  if (NETWORK.test(failure.code ?? "")) return true
  return failure.cause !== undefined && failure.cause !== null && depth < 10
    ? isTransient(failure.cause, depth + 1)
    : false
}

/** Retry-After, as seconds or as a date. */
function retryAfter(headers: Readonly<Record<string, string>> | undefined): Date | undefined {
  const milliseconds = Number(headers?.["x-amz-retry-after"] ?? Number.NaN)
  if (Number.isFinite(milliseconds)) return new Date(Date.now() + milliseconds)
  const text = headers?.["retry-after"]
  if (text === undefined) return undefined
  if (/^\d+(\.\d+)?$/.test(text)) return new Date(Date.now() + Number(text) * 1000)
  const date = new Date(text)
  return Number.isNaN(date.getTime()) ? undefined : date
}
