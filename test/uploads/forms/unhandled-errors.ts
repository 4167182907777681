import { afterEach, beforeEach, expect, vi } from "vitest"

/** Fails each test of a file that leaves a rejection or an exception behind which nobody heard. */
export function expectNoUnhandledErrors(): void {
  const unhandled: unknown[] = []
  const listener = (reason: unknown) => void unhandled.push(reason)
  beforeEach(() => void process.on("unhandledRejection", listener).on("uncaughtException", listener))
  afterEach(async () => {
    vi.useRealTimers()
    await new Promise((resolve) => setTimeout(resolve, 20))
    process.off("unhandledRejection", listener).off("uncaughtException", listener)
    expect(unhandled.splice(0)).toEqual([])
  })
}
