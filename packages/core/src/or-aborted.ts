/**
 * The result of the work, or a rejection as soon as the signal aborts; the work goes on. Each call listens for itself:
 * racing with one promise of an abort would keep every result alive for as long as the signal.
 */
export function orAborted<Result>(
  work: Promise<Result>,
  signal: AbortSignal | undefined,
  reason: (signal: AbortSignal) => unknown,
): Promise<Result> {
  if (!signal) return work
  return new Promise((resolve, reject) => {
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors
    const onAbort = () => reject(reason(signal))
    if (signal.aborted) onAbort()
    signal.addEventListener("abort", onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort))
  })
}
