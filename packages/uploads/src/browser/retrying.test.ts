import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { UploadFailure } from "./failure.ts"
import { retrying } from "./retrying.ts"

const page = new EventTarget()
const navigator = { onLine: true }
const never = new AbortController().signal

beforeEach(() => {
  vi.useFakeTimers()
  navigator.onLine = true
  vi.stubGlobal("navigator", navigator)
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page))
  vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page))
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const network = () => new UploadFailure("network", "gone")
const refused = (status: number, retryAfter = 0) => new UploadFailure("refused", "no", status, retryAfter)

/** Fails with these one after another, and then succeeds. @returns when each attempt was made, in milliseconds */
async function run(failures: Error[], retries = 5, signal = never) {
  const times: number[] = []
  const start = Date.now()
  const left = [...failures]
  const outcome = retrying(retries, signal, async (isFirst) => {
    expect(isFirst).toBe(times.length === 0)
    times.push(Date.now() - start)
    const error = left.shift()
    if (error) throw error
    return "done"
  }).catch((error: unknown) => error)
  await vi.runAllTimersAsync()
  return { outcome: await outcome, times }
}

describe("a request that fails", () => {
  test("is tried again after growing pauses", async () => {
    const { outcome, times } = await run([network(), refused(500), refused(503), refused(429), refused(408)])
    expect(outcome).toBe("done")
    const pauses = times.slice(1).map((time, index) => time - times[index]!)
    for (const [index, pause] of pauses.entries()) {
      expect(pause).toBeGreaterThanOrEqual(250 * 2 ** index)
      expect(pause).toBeLessThanOrEqual(500 * 2 ** index)
    }
  })

  test("is given up after so many retries, with the last error", async () => {
    const last = network()
    const { outcome, times } = await run([network(), network(), last], 2)
    expect(outcome).toBe(last)
    expect(times).toHaveLength(3)
  })

  test("waits as long as the server asked", async () => {
    const { times } = await run([refused(503, 20)])
    expect(times[1]).toBeGreaterThanOrEqual(10_000)
  })

  test.each([400, 403])("with %d, as an expired signature is, is tried once more and at once", async (status) => {
    expect(await run([refused(status)])).toEqual({ outcome: "done", times: [0, 0] })
    const twice = await run([refused(status), refused(status)])
    expect([twice.outcome, twice.times.length]).toEqual([expect.any(UploadFailure), 2])
  })

  test("is not tried again where that would not help", async () => {
    for (const error of [
      refused(404),
      refused(413),
      new UploadFailure("type-not-allowed", "no", 415),
      new Error("bug"),
    ]) {
      expect(await run([error])).toEqual({ outcome: error, times: [0] })
    }
  })

  test("waits while the browser is offline, which does not count, and goes on at once when it is back", async () => {
    navigator.onLine = false
    const failures = Array.from({ length: 4 }, network)
    let attempts = 0
    const outcome = retrying(2, never, async () => {
      attempts++
      const error = failures.shift()
      if (error) throw error
      return "done"
    })
    await vi.advanceTimersByTimeAsync(100_000)
    expect(attempts).toBe(4)
    navigator.onLine = true
    page.dispatchEvent(new Event("online"))
    expect(await outcome).toBe("done")
  })

  test("is not tried again when it is cancelled meanwhile", async () => {
    const controller = new AbortController()
    let attempts = 0
    const outcome = retrying(5, controller.signal, async () => {
      attempts++
      throw network()
    })
    outcome.catch(() => {})
    await vi.advanceTimersByTimeAsync(10)
    controller.abort(new Error("cancelled"))
    await expect(outcome).rejects.toThrow("cancelled")
    expect(attempts).toBe(1)
  })
})
