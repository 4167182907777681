import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import type { DriverCallOptions } from "../driver.ts"
import { DriverStorage } from "../driver-storage.ts"
import { codeOf, failureOf } from "../testing/failure.ts"
import { MapDriver, MapError } from "../testing/map-driver.ts"
import { retry } from "./retry.ts"
import { timeout } from "./timeout.ts"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A driver whose head gives no answer until its signal aborts. */
function hanging() {
  const driver = new MapDriver()
  let calls = 0
  driver.head = (_key, { signal }: DriverCallOptions) => {
    calls++
    return new Promise((_, reject) => signal!.addEventListener("abort", () => reject(signal!.reason as Error)))
  }
  return { driver, calls: () => calls }
}

describe("timeout", () => {
  test("rejects with timeout when the time is over, and not before", async () => {
    const storage = new DriverStorage(hanging().driver).with(timeout("5s"))
    let settled = false
    const failure = failureOf(storage.stat("a")).finally(() => (settled = true))
    await vi.advanceTimersByTimeAsync(4999)
    expect(settled).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(await failure).toMatchObject({ code: "timeout", operation: "stat", storage: "map:test", key: "a" })
  })

  test("leaves no timer behind, whether the call succeeds or fails", async () => {
    const driver = new MapDriver()
    driver.seed("a", "x")
    const storage = new DriverStorage(driver).with(timeout("5s"))
    await storage.stat("a")
    driver.fail = () => new MapError("permission-denied")
    expect((await failureOf(storage.stat("a"))).code).toBe("permission-denied")
    expect(vi.getTimerCount()).toBe(0)
  })

  test("is not mistaken for the caller's abort, nor that for a timeout", async () => {
    const controller = new AbortController()
    const storage = new DriverStorage(hanging().driver).with(timeout("5s"))
    const failure = failureOf(storage.stat("a", { signal: controller.signal }))
    controller.abort()
    expect((await failure).code).toBe("aborted")
  })

  test("inside of retry limits each attempt, and is retried; the caller's own limit is not", async () => {
    const driver = new MapDriver()
    driver.seed("a", "x")
    const head = driver.head.bind(driver)
    const slow = hanging().driver
    let calls = 0
    driver.head = (key, options) => (++calls === 1 ? slow.head(key, options) : head(key, options))
    const storage = new DriverStorage(driver).with(retry({ delay: 0 }), timeout("5s"))
    const answer = storage.stat("a")
    await vi.runAllTimersAsync()
    expect([(await answer).name, calls]).toEqual(["a", 2])

    calls = 0
    const controller = new AbortController()
    const failure = failureOf(storage.stat("a", { signal: controller.signal }))
    controller.abort(new DOMException("The caller's own limit.", "TimeoutError"))
    await vi.runAllTimersAsync()
    expect([await failure, calls]).toMatchObject([{ code: "timeout", retryable: false }, 1])
  })

  test("outside of retry limits all attempts together", async () => {
    const outside = hanging()
    const all = failureOf(new DriverStorage(outside.driver).with(timeout("5s"), retry()).stat("a"))
    await vi.advanceTimersByTimeAsync(5000)
    expect([(await all).code, outside.calls()]).toEqual(["timeout", 1])

    const waiting = new MapDriver()
    waiting.fail = (member) => (member === "head" ? new MapError("unavailable") : undefined)
    const tired = failureOf(
      new DriverStorage(waiting).with(timeout("5s"), retry({ attempts: 1000, delay: "1s", maxDelay: "1s" })).stat("a"),
    )
    await vi.advanceTimersByTimeAsync(5000)
    expect((await tired).code).toBe("timeout")
    const attempts = waiting.count("head")
    expect(attempts).toBeGreaterThan(1)
    await vi.runAllTimersAsync()
    expect(waiting.count("head")).toBe(attempts)
  })

  test("ends when the answer begins: the body of a read may take longer", async () => {
    const driver = new MapDriver()
    driver.seed("a", "0123456789")
    const chunks = new DriverStorage(driver).with(timeout("5s")).open("a")[Symbol.asyncIterator]()
    await chunks.next()
    await vi.advanceTimersByTimeAsync(60_000)
    expect((await chunks.next()).done).toBe(false)
  })

  test("does not fire at once for a time beyond what a timer holds", async () => {
    const storage = new DriverStorage(hanging().driver).with(timeout("52w"))
    let settled = false
    void failureOf(storage.stat("a")).finally(() => (settled = true))
    await vi.advanceTimersByTimeAsync(60_000)
    expect(settled).toBe(false)
  })

  test("refuses what is no duration when it is made", () => {
    expect(codeOf(() => timeout("soon" as never))).toBe("invalid-option")
  })
})
