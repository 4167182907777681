const LENT: unique symbol = Symbol.for("node-storages.lentChunks") as never

/**
 * The same bytes in chunks that are only lent: each is good until the next one is asked for, or the iteration ends, and
 * is then overwritten by what follows. Memory that is used again is several times faster than memory that is new.
 *
 * For who passes bytes on and keeps none of them. Chunks that were changed, counted or copied on their way lend nothing
 * unless their maker says so: undefined then. Either these or the chunks themselves can be read, once.
 */
export function lentChunks(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> | undefined {
  return (chunks as { readonly [LENT]?: () => AsyncIterable<Uint8Array> })[LENT]?.()
}

/** Chunks that can be lent, too. @param lend called at most once */
export function lendingChunks<Own extends AsyncIterable<Uint8Array>>(
  chunks: Own,
  lend: () => AsyncIterable<Uint8Array>,
): Own {
  return Object.defineProperty(chunks, LENT, { value: lend })
}

/** What `wrap` makes of chunks: of those that are lent as well, so that it must keep none. */
export function wrappedChunks(
  chunks: AsyncIterable<Uint8Array>,
  wrap: (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  const wrapped = wrap(chunks)
  return LENT in chunks ? lendingChunks(wrapped, () => wrap(lentChunks(chunks)!)) : wrapped
}
