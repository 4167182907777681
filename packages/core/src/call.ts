import { type Duration, seconds } from "./duration.ts"
import { StorageError, type StorageErrorOptions } from "./errors.ts"
import type { CallOptions } from "./storage.ts"

/** The longest delay that a JavaScript timer can hold, in milliseconds. */
export const LONGEST_TIMER = 2_147_483_647

/** The caller's signal and the time limit as one signal, or undefined where neither is given. */
export function callSignal({ signal, timeout }: CallOptions): AbortSignal | undefined {
  const limit = timeout === undefined ? undefined : timeoutSignal(timeout)
  if (signal && limit) return AbortSignal.any([signal, limit])
  return signal ?? limit
}

function timeoutSignal(timeout: Duration): AbortSignal {
  return AbortSignal.timeout(Math.min(Math.ceil(seconds(timeout, "timeout") * 1000), LONGEST_TIMER))
}

/** The error of a call whose signal has aborted: `timeout` where a time limit was the reason, else `aborted`. */
export function abortError(signal: AbortSignal, operation: string, options: StorageErrorOptions = {}): StorageError {
  const reason: unknown = signal.reason
  if (StorageError.is(reason)) return reason
  const timedOut = reason instanceof Error && reason.name === "TimeoutError"
  return new StorageError(
    timedOut ? "timeout" : "aborted",
    timedOut
      ? `${operation} took longer than its time limit and was cancelled. Raise "timeout" or look at the backend's health.`
      : `${operation} was cancelled by its signal.`,
    { ...options, operation, cause: reason },
  )
}

/** Throws `aborted` or `timeout` when the signal has aborted: what drivers call right before they commit. */
export function throwIfAborted(signal: AbortSignal | undefined, operation: string): void {
  if (signal?.aborted) throw abortError(signal, operation)
}

/** Waits, or rejects as soon as the signal aborts. */
export function delay(milliseconds: number, signal: AbortSignal | undefined, operation: string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortError(signal, operation))
    const onAbort = () => {
      clearTimeout(timer)
      reject(abortError(signal!, operation))
    }
    const timer = setTimeout(
      () => {
        signal?.removeEventListener("abort", onAbort)
        resolve()
      },
      Math.min(milliseconds, LONGEST_TIMER),
    )
    signal?.addEventListener("abort", onAbort, { once: true })
  })
}
