import { describe, expect, test } from "vitest"
import { collect } from "../testing/map-driver.ts"
import { readAhead } from "./read-ahead.ts"

/** A source of chunks of one byte, which counts what was asked of it. */
function source(length: number) {
  const state = { given: 0, ended: false }
  async function* chunks() {
    try {
      for (; state.given < length;) yield Uint8Array.of(state.given++)
    } finally {
      state.ended = true
    }
  }
  return { state, chunks: chunks() }
}

const bytesTo = (length: number) => [...Array(length).keys()]

describe("readAhead", () => {
  test.each([0, 3, 4])("has the whole of a stream that is not longer than the limit: %i of 4 bytes", async (length) => {
    const ahead = await readAhead(source(length).chunks, 4)
    expect([...ahead.whole!]).toEqual(bytesTo(length))
    expect([...(await collect(ahead.replay()))]).toEqual(bytesTo(length))
  })

  test("reads no more than a chunk beyond the limit of a longer one, and gives all of it again", async () => {
    const { state, chunks } = source(20)
    const ahead = await readAhead(chunks, 4)
    expect([ahead.whole, state.given]).toEqual([undefined, 5])
    expect([...(await collect(ahead.replay()))]).toEqual(bytesTo(20))
    expect(state.ended).toBe(true)
  })

  test("ends the source when it is not wanted, or left in the middle, before or behind what was read ahead", async () => {
    const unwanted = source(20)
    await (await readAhead(unwanted.chunks, 4)).cancel()
    expect(unwanted.state).toEqual({ given: 5, ended: true })
    for (const leftAt of [2, 9]) {
      const { state, chunks } = source(20)
      let seen = 0
      for await (const _ of (await readAhead(chunks, 4)).replay()) if (++seen === leftAt) break
      expect(state).toEqual({ given: Math.max(5, leftAt), ended: true })
    }
  })

  test("passes on the error of the source, while it reads ahead and behind", async () => {
    const failing = async function* (after: number) {
      yield* source(after).chunks
      throw new Error("boom")
    }
    await expect(readAhead(failing(2), 4)).rejects.toThrow("boom")
    const ahead = await readAhead(failing(8), 4)
    await expect(collect(ahead.replay())).rejects.toThrow("boom")
  })
})
