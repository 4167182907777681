import { orAborted } from "@node-storages/core/adapter"

/** The stream in blocks of this size; the last one may be shorter. A chunk that is long enough is not copied. */
export async function* blocksOf(stream: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Buffer> {
  let chunks: Uint8Array[] = []
  let length = 0
  const join = () => {
    const block = chunks.length === 1 ? asBuffer(chunks[0]!) : Buffer.concat(chunks, length)
    chunks = []
    length = 0
    return block
  }
  for await (const chunk of stream) {
    for (let start = 0; start < chunk.byteLength;) {
      const part = chunk.subarray(start, start + size - length)
      chunks.push(part)
      length += part.byteLength
      start += part.byteLength
      if (length === size) yield join()
    }
  }
  if (length > 0) yield join()
}

/** The SDK sends Buffers, and no other arrays. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

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
