/** A stream's first bytes, and the whole stream again. */
export interface ReadAhead {
  /** All bytes, where the stream ended within the limit. */
  readonly whole: Uint8Array | undefined
  /** The bytes already read, then the rest. One-shot. */
  replay(): AsyncIterable<Uint8Array>
  /** Ends the source when `replay` is not wanted. */
  cancel(): Promise<void>
}

/** Reads until the stream ends or gives more than `limit` bytes. */
export async function readAhead(stream: AsyncIterable<Uint8Array>, limit: number): Promise<ReadAhead> {
  const iterator = stream[Symbol.asyncIterator]()
  const chunks: Uint8Array[] = []
  let length = 0
  while (length <= limit) {
    const next = await iterator.next()
    if (next.done) return { whole: Buffer.concat(chunks), replay: () => replayed(chunks), async cancel() {} }
    chunks.push(next.value)
    length += next.value.byteLength
  }
  return {
    whole: undefined,
    replay: () => replayed(chunks, iterator),
    async cancel() {
      await iterator.return?.()
    },
  }
}

async function* replayed(chunks: Uint8Array[], rest?: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  let finished = rest === undefined
  try {
    // Shifted, so that what has been sent can be forgotten.
    for (let chunk = chunks.shift(); chunk; chunk = chunks.shift()) yield chunk
    while (rest) {
      const next = await rest.next()
      if (next.done) {
        finished = true
        return
      }
      yield next.value
    }
  } finally {
    if (!finished) await rest?.return?.()
  }
}
