import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { PartBuffers } from "./parts.ts"

async function* streamOf(chunks: readonly Uint8Array[]) {
  yield* chunks
}

describe("parts", () => {
  it("are numbered, have the size asked for, but for the last, and together the bytes of the stream", async () => {
    const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(chunks, fc.integer({ min: 1, max: 15 }), async (given, size) => {
        const parts = await Array.fromAsync(new PartBuffers(size).cut(streamOf(given)))
        expect(Buffer.concat(parts.map(({ bytes }) => bytes)).equals(Buffer.concat(given))).toBe(true)
        expect(parts.map(({ number }) => number)).toEqual(parts.map((_, index) => index + 1))
        for (const { bytes } of parts.slice(0, -1)) expect(bytes.byteLength).toBe(size)
        expect(parts.at(-1)?.bytes.byteLength ?? size).toBeLessThanOrEqual(size)
      }),
    )
  })

  it("share no memory until one is given back, whose memory is then used again", async () => {
    const buffers = new PartBuffers(2)
    const parts = buffers.cut(streamOf([Uint8Array.of(1, 2, 3, 4, 5, 6)]))
    const first = (await parts.next()).value!
    const second = (await parts.next()).value!
    expect(second.bytes.buffer).not.toBe(first.bytes.buffer)
    expect([...first.bytes]).toEqual([1, 2])
    buffers.giveBack(first)
    const third = (await parts.next()).value!
    expect(third.bytes.buffer).toBe(first.bytes.buffer)
    expect([...second.bytes, ...third.bytes]).toEqual([3, 4, 5, 6])
  })

  it("may use the stream's own memory only until the next chunk is asked for", async () => {
    const lent = new Uint8Array(3)
    async function* lending() {
      for (let value = 1; value <= 4; value++) yield lent.fill(value)
    }
    const parts = await Array.fromAsync(new PartBuffers(5).cut(lending()))
    expect(parts.map(({ bytes }) => [...bytes])).toEqual([
      [1, 1, 1, 2, 2],
      [2, 3, 3, 3, 4],
      [4, 4],
    ])
  })
})
