import type { ByteRange } from "./range.ts"

/** Fits no bytes that matter: a boundary is looked for at the beginning of a line only, and this one is random. */
function randomBoundary(): string {
  return `node-storages-${crypto.randomUUID()}`
}

const encoder = new TextEncoder()

/** A body of several ranges. RFC 9110, 14.6 */
export interface Byteranges {
  readonly contentType: string
  /** In bytes. */
  readonly length: number
  readonly chunks: AsyncIterable<Uint8Array>
}

/**
 * @param read gives the bytes of one range; called when its turn comes
 */
export function byteranges(
  ranges: readonly ByteRange[],
  size: number,
  partType: string,
  read: (range: ByteRange) => AsyncIterable<Uint8Array>,
  boundary: string = randomBoundary(),
): Byteranges {
  const heads = ranges.map(({ start, end }, index) =>
    encoder.encode(
      `${index === 0 ? "" : "\r\n"}--${boundary}\r\ncontent-type: ${partType}\r\n` +
        `content-range: bytes ${start}-${end - 1}/${size}\r\n\r\n`,
    ),
  )
  const end = encoder.encode(`\r\n--${boundary}--\r\n`)
  const lengths = ranges.map((range, index) => heads[index]!.byteLength + range.end - range.start)
  return {
    contentType: `multipart/byteranges; boundary=${boundary}`,
    length: lengths.reduce((sum, each) => sum + each, end.byteLength),
    chunks: (async function* () {
      for (const [index, range] of ranges.entries()) {
        yield heads[index]!
        yield* read(range)
      }
      yield end
    })(),
  }
}
