import { delay } from "../call.ts"
import { checkOptions } from "../check-options.ts"
import type { Layer } from "../driver.ts"
import { type Duration, seconds } from "../duration.ts"
import { StorageError } from "../errors.ts"
import { intercept } from "./intercept.ts"

/** How often `retry` tries, and how long it waits in between. */
export interface RetryOptions {
  /** How many times a call is made at the most, the first one included. Default: 4. */
  readonly attempts?: number | undefined
  /** The longest wait before the second attempt; doubled for each further one. Default: 200 ms. */
  readonly delay?: Duration | undefined
  /** No wait is longer, whatever the service asks for: beyond it the error is thrown. Default: 20 s. */
  readonly maxDelay?: Duration | undefined
}

/**
 * Repeats calls that failed by the network, 429 or 5xx, and no others, with exponential backoff, full jitter and the
 * service's Retry-After. A put is repeated only while its content can be read again, never with a consumed stream;
 * errors in the middle of a body that is being read are not repeated. Cloud SDKs retry by themselves: with them this
 * layer adds attempts around theirs.
 *
 * Place it inside `timeout()` to limit all attempts together, outside to limit each.
 */
export function retry(options: RetryOptions = {}): Layer {
  checkOptions("retry()", options, { attempts: true, delay: true, maxDelay: true })
  const { attempts = 4 } = options
  if (!Number.isInteger(attempts) || attempts < 1) {
    throw new StorageError("invalid-option", `retry(): attempts must be a whole number from 1, not ${attempts}.`)
  }
  const first = seconds(options.delay ?? 0.2, "delay")
  const longest = seconds(options.maxDelay ?? 20, "maxDelay")

  return intercept(async (call) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await call.run(call.signal)
      } catch (error) {
        const retryable = StorageError.is(error) && error.retryable && (call.body?.replayable ?? true)
        const asked = (retryable && error.retryAfter) || 0
        if (!retryable || attempt >= attempts || asked > longest || call.signal?.aborted) throw error
        const backoff = Math.random() * Math.min(longest, first * 2 ** (attempt - 1))
        await delay(Math.max(asked, backoff) * 1000, call.signal, "retry")
      }
    }
  })
}
