import { abortError } from "../call.ts"
import type { Layer } from "../driver.ts"
import { StorageError } from "../errors.ts"
import { intercept } from "./intercept.ts"

/**
 * At most this many calls to the driver at once; the others wait their turn, and give up when their signal aborts.
 * A read holds its place until its answer begins, not while its body is consumed.
 */
export function limit(concurrency: number): Layer {
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new StorageError(
      "invalid-option",
      `limit(): the concurrency must be a whole number from 1, not ${concurrency}.`,
    )
  }
  let running = 0
  const waiting: (() => void)[] = []

  const turn = (signal: AbortSignal | undefined) =>
    new Promise<void>((resolve, reject) => {
      if (running < concurrency) {
        running++
        return resolve()
      }
      if (signal?.aborted) return reject(abortError(signal, "wait"))
      const onTurn = () => {
        signal?.removeEventListener("abort", onAbort)
        resolve()
      }
      const onAbort = () => {
        waiting.splice(waiting.indexOf(onTurn), 1)
        reject(abortError(signal!, "wait"))
      }
      waiting.push(onTurn)
      signal?.addEventListener("abort", onAbort, { once: true })
    })

  return intercept(async (call) => {
    await turn(call.signal)
    try {
      return await call.run(call.signal)
    } finally {
      // The place goes to the one who waits longest; only without one it becomes free.
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  })
}
