import { LONGEST_TIMER } from "../call.ts"
import type { Layer } from "../driver.ts"
import { type Duration, seconds } from "../duration.ts"
import { StorageError } from "../errors.ts"
import { intercept } from "./intercept.ts"

/**
 * A time limit for each call to the driver, after which it rejects with `timeout`: for a put until the last byte is
 * stored, for a read until the answer begins (its body may take longer). The error is retryable: inside `retry()`
 * this limits each attempt, outside it all of them together.
 */
export function timeout(limit: Duration): Layer {
  const milliseconds = Math.min(seconds(limit, "timeout()") * 1000, LONGEST_TIMER)
  return intercept(async (call) => {
    const controller = new AbortController()
    const timer = setTimeout(
      () => controller.abort(new DOMException(`No answer within ${milliseconds} ms.`, "TimeoutError")),
      milliseconds,
    )
    try {
      return await call.run(call.signal ? AbortSignal.any([call.signal, controller.signal]) : controller.signal)
    } catch (error) {
      // Not the caller's limit: an answer that does not come is a failure of the network, which a retry may mend.
      const isOurs = controller.signal.aborted && !call.signal?.aborted && StorageError.is(error, "timeout")
      if (!isOurs) throw error
      const { operation, storage, key, cause } = error
      throw new StorageError("timeout", error.message, { operation, storage, key, cause, retryable: true })
    } finally {
      clearTimeout(timer)
    }
  })
}
