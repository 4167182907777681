import { Readable } from "node:stream"
import type { ContentInput } from "@node-storages/core"

/** Bytes without a pattern that a shift or a lost piece would leave intact; another seed gives other bytes. */
export function noise(size: number, seed: number = 1): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(size / 4))
  let state = (seed * 2_654_435_761) >>> 0 || 1
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[index] = state
  }
  return new Uint8Array(words.buffer, 0, size)
}

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}

const CHUNK = 64 * 1024

/** The bytes as an async generator, which can be read once and does not tell its length. */
export async function* generated(bytes: Uint8Array, chunk: number = CHUNK): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.byteLength; start += chunk) {
    yield bytes.subarray(start, start + chunk)
  }
}

export function nodeStream(bytes: Uint8Array, chunk: number = CHUNK): Readable {
  return Readable.from(generated(bytes, chunk), { objectMode: false })
}

export function webStream(bytes: Uint8Array, chunk: number = CHUNK): ReadableStream<Uint8Array> {
  const chunks = generated(bytes, chunk)
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await chunks.next()
      if (next.done) controller.close()
      else controller.enqueue(next.value)
    },
  })
}

/** Every kind of stream that can be read only once. */
export const ONE_SHOT: readonly { readonly kind: string; readonly make: (bytes: Uint8Array) => ContentInput }[] = [
  { kind: "generator", make: (bytes) => generated(bytes) },
  { kind: "Node stream", make: (bytes) => nodeStream(bytes) },
  { kind: "web stream", make: (bytes) => webStream(bytes) },
]

/** A source that can be watched: what happened to it when the call that it was given to is over. */
interface Source {
  readonly content: ContentInput
  /** Whether it was read to its end, or destroyed, or cancelled: nothing stays open behind it. */
  released(): boolean
}

export interface SourceKind {
  readonly kind: string
  /** @param step gives the chunks; undefined ends the source, a throw fails it */
  readonly make: (step: (index: number) => Promise<Uint8Array | undefined> | Uint8Array | undefined) => Source
}

export const SOURCES: readonly SourceKind[] = [
  { kind: "generator", make: generatorSource },
  { kind: "Node stream", make: nodeSource },
  { kind: "web stream", make: webSource },
]

type Step = Parameters<SourceKind["make"]>[0]

function generatorSource(step: Step): Source {
  let state: "new" | "started" | "released" = "new"
  async function* chunks(): AsyncGenerator<Uint8Array> {
    state = "started"
    try {
      for (let index = 0; ; index++) {
        const chunk = await step(index)
        if (chunk === undefined) return
        yield chunk
      }
    } finally {
      state = "released"
    }
  }
  const generator = chunks()
  const end = generator.return.bind(generator)
  generator.return = (value) => {
    // One that never ran has no `finally` to run: to be told is all that can happen to it.
    if (state === "new") state = "released"
    return end(value)
  }
  return { content: generator, released: () => state === "released" }
}

function nodeSource(step: Step): Source {
  let index = 0
  const stream = new Readable({
    highWaterMark: 1,
    read() {
      void (async () => {
        try {
          this.push((await step(index++)) ?? null)
        } catch (error) {
          this.destroy(error as Error)
        }
      })()
    },
  })
  return { content: stream, released: () => stream.destroyed || stream.readableEnded }
}

function webSource(step: Step): Source {
  let index = 0
  let released = false
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const chunk = await step(index++)
          if (chunk !== undefined) return controller.enqueue(chunk)
          released = true
          controller.close()
        } catch (error) {
          released = true
          throw error
        }
      },
      cancel() {
        released = true
      },
    },
    { highWaterMark: 0 },
  )
  return { content: stream, released: () => released }
}

/** Never settles: a peer that has gone silent. */
export function never(): Promise<never> {
  return new Promise(() => {})
}
