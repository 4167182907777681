import { orAborted } from "../or-aborted.ts"

/** The items, until the signal aborts: then it throws its reason at once, even while the source does not answer. */
export async function* untilStopped<Item>(items: AsyncGenerator<Item>, signal: AbortSignal): AsyncGenerator<Item> {
  let finished = false
  try {
    for (;;) {
      const next = await orAborted(items.next(), signal, ({ reason }) => reason as unknown)
      if (next.done) {
        finished = true
        return
      }
      yield next.value
    }
  } finally {
    // Not awaited: a source that hangs does not come back from `return` either.
    if (!finished) items.return(undefined).catch(() => {})
  }
}
