/** A piece of a stream that is sent by itself. */
export interface Part {
  /** From 1. */
  readonly number: number
  readonly bytes: Buffer<ArrayBuffer>
}

/** Cuts streams into parts, in memory that is used again: new memory for each would cost as much as copying into it. */
export class PartBuffers {
  readonly #size: number
  readonly #spare: Buffer<ArrayBuffer>[] = []

  /** @param size of a part, in bytes */
  constructor(size: number) {
    this.#size = size
  }

  /** The stream in parts; the last one may be shorter. A part's memory is its own until it is given back. */
  async *cut(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Part> {
    let number = 0
    let buffer: Buffer<ArrayBuffer> | undefined
    let filled = 0
    for await (const chunk of stream) {
      for (let taken = 0; taken < chunk.byteLength;) {
        buffer ??= this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.#size)
        const piece = chunk.subarray(taken, taken + this.#size - filled)
        buffer.set(piece, filled)
        filled += piece.byteLength
        taken += piece.byteLength
        if (filled < this.#size) continue
        yield { number: ++number, bytes: buffer }
        buffer = undefined
        filled = 0
      }
    }
    if (buffer) yield { number: ++number, bytes: buffer.subarray(0, filled) }
  }

  /** Lets a part's memory be used again, when nobody reads it any more. */
  giveBack({ bytes }: Part): void {
    if (bytes.byteLength === this.#size) this.#spare.push(bytes)
  }
}
