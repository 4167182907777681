import { throwIfAborted } from "../call.ts"

/** How long the answer to a request that commits is waited for after its signal has aborted. In milliseconds. */
const GRACE = 2000

/**
 * Sends a request that commits. Once it is on its way nobody can tell whether the service will carry it out, so a
 * signal that aborts then does not cut it off at once: the service's answer, which mostly is there in a moment, decides
 * whether this was a success or was cancelled. After the grace the connection is cut.
 *
 * @param send is given the signal that cuts, or undefined where there is none
 */
export async function commit<Answer>(
  signal: AbortSignal | undefined,
  send: (cut: AbortSignal | undefined) => Promise<Answer>,
): Promise<Answer> {
  throwIfAborted(signal, "write")
  if (!signal) return send(undefined)
  const cut = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const onAbort = () => {
    timer = setTimeout(() => cut.abort(signal.reason), GRACE)
  }
  signal.addEventListener("abort", onAbort, { once: true })
  try {
    return await send(cut.signal)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener("abort", onAbort)
  }
}
