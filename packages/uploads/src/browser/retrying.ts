import { UploadFailure } from "./failure.ts"

/** In milliseconds. */
const FIRST_PAUSE = 500
const LONGEST_PAUSE = 30_000

/**
 * Tries again after failures that may pass: the network, 408, 429 and 5xx, with growing pauses. A 400 or 403 of the
 * storage is tried once more, because signatures expire. While the browser is offline no attempt counts, and it goes on
 * as soon as it is back.
 */
export async function retrying<T>(
  retries: number,
  signal: AbortSignal,
  attempt: (isFirst: boolean) => Promise<T>,
): Promise<T> {
  let failures = 0
  let isFirst = true
  let isRenewed = false
  for (;;) {
    signal.throwIfAborted()
    try {
      return await attempt(isFirst)
    } catch (error) {
      if (!(error instanceof UploadFailure)) throw error
      const { code, retryAfter, status } = error
      const isStale = code === "refused" && (status === 400 || status === 403) && !isRenewed
      const mayPass = status === 0 || status === 408 || status === 429 || status >= 500
      if ((!isStale && !mayPass) || failures >= retries) throw error
      if (isStale) isRenewed = true
      else await pause(retryAfter * 1000 || Math.min(FIRST_PAUSE * 2 ** failures, LONGEST_PAUSE), signal)
      if (navigator.onLine) failures++
      isFirst = false
    }
  }
}

/** Between half of it and all of it, so that pages that failed together don't come back together. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      removeEventListener("online", done)
      signal.removeEventListener("abort", done)
      resolve()
    }
    const timer = setTimeout(done, navigator.onLine ? milliseconds * (0.5 + Math.random() / 2) : LONGEST_PAUSE)
    addEventListener("online", done)
    signal.addEventListener("abort", done)
  })
}
