import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { abortError, callSignal, delay, LONGEST_TIMER, throwIfAborted } from "./call.ts"
import { StorageError } from "./errors.ts"
import { codeOf, failureOf } from "./testing/failure.ts"
import { PATIENCE } from "./testing/patience.ts"

describe("the signal of a call", () => {
  test("is the caller's, or none", () => {
    const { signal } = new AbortController()
    expect(callSignal({ signal })).toBe(signal)
    expect(callSignal({})).toBeUndefined()
  })

  test("aborts with the caller's when there is a time limit too", () => {
    const controller = new AbortController()
    const signal = callSignal({ signal: controller.signal, timeout: "1h" })!
    expect(signal.aborted).toBe(false)
    controller.abort()
    expect(abortError(signal, "write").code).toBe("aborted")
  })

  test("tells a time limit by the code timeout", async () => {
    const signal = callSignal({ signal: new AbortController().signal, timeout: 0 })!
    await vi.waitFor(() => expect(signal.aborted).toBe(true), PATIENCE)
    expect(abortError(signal, "write")).toMatchObject({ code: "timeout", operation: "write" })
  })

  test("can be given any duration, also one beyond what a timer holds", () => {
    expect(callSignal({ timeout: "9999w" })!.aborted).toBe(false)
    expect(codeOf(() => callSignal({ timeout: "soon" as never }))).toBe("invalid-option")
  })
})

describe("an abort", () => {
  test("keeps the caller's reason as its cause", () => {
    const reason = new Error("the user left")
    const error = abortError(AbortSignal.abort(reason), "write", { key: "a.txt" })
    expect(error).toMatchObject({ code: "aborted", operation: "write", key: "a.txt", cause: reason, retryable: false })
  })

  test("with a StorageError as reason is that error", () => {
    const reason = new StorageError("conflict", "")
    expect(abortError(AbortSignal.abort(reason), "write")).toBe(reason)
  })

  test("throws only when it has happened", () => {
    expect(codeOf(() => throwIfAborted(undefined, "write"))).toBeUndefined()
    expect(codeOf(() => throwIfAborted(new AbortController().signal, "write"))).toBeUndefined()
    expect(codeOf(() => throwIfAborted(AbortSignal.abort(), "write"))).toBe("aborted")
  })
})

describe("delay", () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => {
    // First: what was spied on is a fake, which would be put back.
    vi.restoreAllMocks()
    vi.useRealTimers()
  })

  test("resolves when the time is over and lets go of the signal", async () => {
    const controller = new AbortController()
    const remove = vi.spyOn(controller.signal, "removeEventListener")
    let done = false
    const waiting = delay(1000, controller.signal, "retry").then(() => (done = true))
    await vi.advanceTimersByTimeAsync(999)
    expect(done).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    await waiting
    expect(remove).toHaveBeenCalledOnce()
  })

  test("rejects at once when the signal aborts, and leaves no timer", async () => {
    const controller = new AbortController()
    const waiting = failureOf(delay(1000, controller.signal, "retry"))
    controller.abort()
    expect((await waiting).code).toBe("aborted")
    expect(vi.getTimerCount()).toBe(0)
  })

  test("rejects when the signal has aborted already", async () => {
    expect((await failureOf(delay(1000, AbortSignal.abort(), "retry"))).code).toBe("aborted")
  })

  test("never becomes a timer that overflows and fires at once", () => {
    const set = vi.spyOn(globalThis, "setTimeout")
    void delay(LONGEST_TIMER * 2, undefined, "retry")
    expect(set).toHaveBeenCalledWith(expect.any(Function), LONGEST_TIMER)
  })
})
