import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { Polling } from "./polling.ts"

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe("Polling", () => {
  it("looks after each wait, and never two at a time", async () => {
    let looks = 0
    let finish = (): void => {}
    const polling = new Polling(
      () => {
        looks += 1
        return new Promise<void>((resolve) => (finish = resolve))
      },
      2,
      () => {},
    )
    await vi.advanceTimersByTimeAsync(1999)
    expect(looks).toBe(0)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(looks).toBe(1)
    finish()
    await vi.advanceTimersByTimeAsync(2000)
    expect(looks).toBe(2)
    polling.stop()
  })

  it("tells a failure once, until it is another or there was a success", async () => {
    const results = ["down", "down", "broken", undefined, "broken"]
    const told: string[] = []
    const polling = new Polling(
      async () => {
        const message = results.shift()
        if (message !== undefined) throw new Error(message)
      },
      1,
      (error) => {
        told.push((error as Error).message)
        throw new Error("a listener that fails does not end the watch")
      },
    )
    const warnings = vi.spyOn(process, "emitWarning").mockImplementation(() => {})
    await vi.advanceTimersByTimeAsync(5000)
    expect(told).toEqual(["down", "broken", "broken"])
    expect(warnings).toHaveBeenCalledTimes(3)
    warnings.mockRestore()
    polling.stop()
  })

  it("cancels what is under way when it is stopped, and tells nothing of it", async () => {
    const told: unknown[] = []
    let signal: AbortSignal | undefined
    const polling = new Polling(
      (given) => {
        signal = given
        return new Promise((_, reject) => given.addEventListener("abort", () => reject(new Error("aborted"))))
      },
      1,
      (error) => told.push(error),
    )
    await vi.advanceTimersByTimeAsync(1000)
    polling.stop()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(signal?.aborted).toBe(true)
    expect(told).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  it("waits a month without a storm of looks, where timers overflow", async () => {
    let looks = 0
    const polling = new Polling(
      async () => (looks += 1),
      30 * 86_400,
      () => {},
    )
    await vi.advanceTimersByTimeAsync(60_000)
    expect(looks).toBe(0)
    polling.stop()
  })
})
