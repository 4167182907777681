import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { failureOf } from "../testing/failure.ts"
import { commit } from "./commit.ts"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A request whose answer comes when it is told to, and which notes when it is cut. */
function request() {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let cut: AbortSignal | undefined
  const send = (signal: AbortSignal | undefined) => {
    cut = signal
    signal?.addEventListener("abort", () => reject(signal.reason as Error))
    return promise
  }
  return { send, resolve, isCut: () => cut?.aborted }
}

describe("a request that commits", () => {
  test("is not begun after its signal has aborted", async () => {
    const send = vi.fn()
    expect((await failureOf(commit(AbortSignal.abort(), send))).code).toBe("aborted")
    expect(send).not.toHaveBeenCalled()
  })

  test("goes without a signal where there is none", async () => {
    const send = vi.fn(async () => "stored")
    expect(await commit(undefined, send)).toBe("stored")
    expect(send).toHaveBeenCalledWith(undefined)
  })

  test("is not cut off by an abort at once: an answer within two seconds is the result", async () => {
    const { send, resolve, isCut } = request()
    const controller = new AbortController()
    const answer = commit(controller.signal, send)
    controller.abort()
    await vi.advanceTimersByTimeAsync(1999)
    expect(isCut()).toBe(false)
    resolve("stored")
    expect(await answer).toBe("stored")
  })

  test("is cut off two seconds after the abort, with the caller's reason", async () => {
    const { send, isCut } = request()
    const controller = new AbortController()
    const answer = commit(controller.signal, send).catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(isCut()).toBe(false)
    const reason = new Error("changed my mind")
    controller.abort(reason)
    await vi.advanceTimersByTimeAsync(2000)
    expect(isCut()).toBe(true)
    expect(await answer).toBe(reason)
  })

  test("leaves no timer and no listener behind, whether it succeeds or fails", async () => {
    const controller = new AbortController()
    const remove = vi.spyOn(controller.signal, "removeEventListener")
    await commit(controller.signal, async () => controller.abort())
    expect(vi.getTimerCount()).toBe(0)
    const other = new AbortController()
    const removeOther = vi.spyOn(other.signal, "removeEventListener")
    await expect(commit(other.signal, () => Promise.reject(new Error("refused")))).rejects.toThrow("refused")
    expect([remove.mock.calls.length, removeOther.mock.calls.length, vi.getTimerCount()]).toEqual([1, 1, 0])
  })
})
