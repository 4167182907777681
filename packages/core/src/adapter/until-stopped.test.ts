import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { describe, expect, it } from "vitest"
import { PATIENCE } from "../testing/patience.ts"
import { untilStopped } from "./until-stopped.ts"

async function* streamOf(chunks: readonly Uint8Array[]) {
  yield* chunks
}

describe("what is taken until a signal stops it", () => {
  it("ends with the signal's reason, though the source is silent, and ends the source", async () => {
    const controller = new AbortController()
    let ended = false
    async function* source() {
      try {
        yield 1
        await new Promise<void>((resolve) => setImmediate(resolve))
        yield 2
      } finally {
        ended = true
      }
    }
    const items = untilStopped(source(), controller.signal)
    expect(await items.next()).toEqual({ done: false, value: 1 })
    const next = items.next()
    controller.abort(new Error("stop"))
    await expect(next).rejects.toThrow("stop")
    await expect.poll(() => ended, { timeout: PATIENCE }).toBe(true)
  })

  it("is not kept, however long the signal lives", async () => {
    setFlagsFromString("--expose-gc")
    const collectGarbage = runInNewContext("gc") as () => void
    async function* source() {
      for (let index = 0; index < 4; index++) yield { bytes: new Uint8Array(100) }
    }
    const { signal } = new AbortController()
    const items = untilStopped(source(), signal)
    const first = new WeakRef((await items.next()).value as object)
    await items.next()
    await new Promise((resolve) => setImmediate(resolve))
    collectGarbage()
    expect(first.deref()).toBeUndefined()
    expect(await items.next()).toMatchObject({ done: false })
    expect(signal.aborted).toBe(false)
  })

  it("of a signal that has aborted before is nothing", async () => {
    const items = untilStopped(streamOf([new Uint8Array(1)]), AbortSignal.abort(new Error("stop")))
    await expect(items.next()).rejects.toThrow("stop")
  })
})
