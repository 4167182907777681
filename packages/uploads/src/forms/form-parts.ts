import type { Readable } from "node:stream"
import { Dicer } from "@fastify/busboy"
import { UploadError } from "../upload-error.ts"
import { partHeader, type PartHeader, type RawHeader } from "./parameters.ts"

export interface PartLimits {
  readonly parts: number
  readonly headerPairs: number
  /** In bytes. */
  readonly headerSize: number
}

/** A part of a form, and what it holds, to be read before the next one is asked for. */
export interface FormPart extends PartHeader {
  readonly chunks: AsyncIterable<Uint8Array>
}

/**
 * The parts of a form, read from its body as fast as they are consumed. What is malformed is refused: a part that others
 * would skip in silence is a field that somebody has sent in vain.
 */
export class FormParts {
  readonly #boundary: string
  readonly #limits: PartLimits
  readonly #parser: Dicer
  readonly #waiting: (FormPart & { readonly stream: Readable })[] = []
  #consumed: Readable | undefined
  #latest: { stream: Readable; header: boolean } | undefined
  #count = 0
  #bytesOutsideParts = 0
  #sourceEnded = false
  #finished = false
  #failure: unknown
  #wake: (() => void) | undefined
  #written: (() => void) | undefined

  constructor(boundary: string, limits: PartLimits) {
    this.#boundary = boundary
    this.#limits = limits
    // More than the limits by one: what is beyond is dropped by the parser without a word.
    const config = { boundary, maxHeaderPairs: limits.headerPairs + 1, maxHeaderSize: limits.headerSize + 1 }
    this.#parser = new Dicer(config)
    this.#parser
      .on("part", (stream) => this.#begin(stream))
      .on("error", (error) => this.fail(this.#endedEarly(error)))
      .on("finish", () => {
        this.#finished = true
        this.#written?.()
        this.#wake?.()
      })
  }

  /** Reads the body to its end. Never rejects: what fails, fails the parts. */
  async readFrom(next: () => Promise<Uint8Array | undefined>): Promise<void> {
    try {
      while (this.#failure === undefined) {
        const chunk = await next()
        if (chunk === undefined) break
        if (chunk.byteLength > 0) await this.#write(chunk)
      }
      if (this.#failure !== undefined) return
      this.#sourceEnded = true
      this.#parser.end()
      this.#wake?.()
    } catch (error) {
      this.fail(error)
    }
  }

  /** The next part; undefined when the form has ended as it should. */
  async next(): Promise<FormPart | undefined> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure
      const part = this.#waiting.shift()
      if (part) {
        this.#consumed = part.stream
        return part
      }
      if (this.#finished && this.#sourceEnded) {
        if (this.#latest?.header === false) throw this.#headerless()
        return undefined
      }
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  /** Ends everything with this error: the part that is being read, and what waits for the next one. */
  fail(error: unknown): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    const streams = [this.#consumed, this.#latest?.stream, ...this.#waiting.map(({ stream }) => stream)]
    for (const stream of streams) stream?.destroy(error as Error)
    this.#wake?.()
  }

  async #write(chunk: Uint8Array): Promise<void> {
    const before = this.#count
    const outside = this.#latest?.header !== true
    // What comes behind the form's end is of no interest, and the parser does not answer any more.
    if (this.#finished) return
    await new Promise<void>((resolve) => {
      this.#written = resolve
      this.#parser.write(chunk, () => resolve())
    })
    // A part's headers, or what comes before the first one, that never end.
    const still = outside && this.#count === before && this.#latest?.header !== true
    this.#bytesOutsideParts = still ? this.#bytesOutsideParts + chunk.byteLength : 0
    if (this.#bytesOutsideParts <= this.#limits.headerSize) return
    throw this.#count === 0 ? this.#noBoundary() : this.#headersTooLarge()
  }

  #begin(stream: Readable): void {
    stream.on("error", () => {})
    if (this.#latest?.header === false) return this.fail(this.#headerless())
    const latest = { stream, header: false }
    this.#latest = latest
    this.#count++
    if (this.#count > this.#limits.parts) {
      const message = `The form has more than ${this.#limits.parts} parts. Send fewer, or raise "limits.parts".`
      return this.fail(new UploadError("too-many-parts", message))
    }
    stream.on("header", (raw: RawHeader) => {
      latest.header = true
      if (this.#failure !== undefined) return
      try {
        this.#checkSize(raw)
        this.#waiting.push({ ...partHeader(raw), chunks: this.#chunksOf(stream), stream })
        this.#wake?.()
      } catch (error) {
        this.fail(error)
      }
    })
  }

  /** What the stream gives. The parser has an error of its own for a part that breaks off, which tells less. */
  async *#chunksOf(stream: Readable): AsyncGenerator<Uint8Array> {
    try {
      yield* stream as AsyncIterable<Uint8Array>
    } catch (error) {
      throw this.#failure ?? error
    }
  }

  #checkSize(raw: RawHeader): void {
    let [pairs, size] = [0, 0]
    for (const [name, values] of Object.entries(raw)) {
      for (const value of values) {
        pairs++
        // With the colon, a space and the line's end.
        size += name.length + value.length + 4
      }
    }
    if (pairs > this.#limits.headerPairs || size > this.#limits.headerSize) throw this.#headersTooLarge()
  }

  #headersTooLarge(): UploadError {
    const { headerPairs, headerSize } = this.#limits
    return new UploadError(
      "headers-too-large",
      `A part of the form has more than ${headerPairs} headers, or more than ${headerSize} bytes of them. ` +
        `Send shorter names, or raise "limits.headerPairs" and "limits.headerSize".`,
    )
  }

  #headerless(): UploadError {
    return new UploadError(
      "malformed-form",
      "A part of the form has no headers that end with an empty line. Let a browser or a FormData make the body.",
    )
  }

  #noBoundary(): UploadError {
    return new UploadError(
      "malformed-form",
      `The body does not begin with the boundary ${JSON.stringify(`--${this.#boundary}`)} of its content type. ` +
        `Let a browser or a FormData make both.`,
    )
  }

  #endedEarly(cause: unknown): UploadError {
    if (this.#count === 0) return this.#noBoundary()
    const boundary = JSON.stringify(`--${this.#boundary}--`)
    const message = `The form ends without its closing boundary ${boundary}: something is missing. Send it again.`
    return new UploadError("truncated", message, { cause })
  }
}
