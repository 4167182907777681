const WHOLE: unique symbol = Symbol.for("node-storages.wholeChunks") as never

/**
 * Bytes that are all in memory, as chunks. Who needs them all at once gets them by `wholeBytes`, without an iteration,
 * which costs more than a small file does.
 *
 * Chunks that something has changed, counted or checked on their way are others, and tell nothing.
 */
export function wholeChunks(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  return {
    [WHOLE]: bytes,
    async *[Symbol.asyncIterator]() {
      if (bytes.byteLength > 0) yield bytes
    },
  } as AsyncIterable<Uint8Array>
}

/** All bytes of the chunks, where they are in memory already. */
export function wholeBytes(chunks: AsyncIterable<Uint8Array>): Uint8Array | undefined {
  return (chunks as { readonly [WHOLE]?: Uint8Array })[WHOLE]
}
