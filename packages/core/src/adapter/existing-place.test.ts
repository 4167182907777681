import { describe, expect, test, vi } from "vitest"
import { ExistingPlace } from "./existing-place.ts"

describe("ExistingPlace", () => {
  test("asks once whether the bucket is there, and passes the signal on", async () => {
    const ask = vi.fn(async () => {})
    const place = new ExistingPlace(ask)
    const { signal } = new AbortController()
    await place.check(signal)
    await place.check(undefined)
    expect(ask.mock.calls).toEqual([[signal]])
  })

  test("asks again as long as it is not there", async () => {
    const ask = vi.fn(() => Promise.reject(new Error("there is no such bucket")))
    const place = new ExistingPlace(ask)
    for (let attempt = 0; attempt < 2; attempt++) await expect(place.check(undefined)).rejects.toThrow("no such bucket")
    expect(ask).toHaveBeenCalledTimes(2)
  })

  test("does not ask where something in it was answered for", async () => {
    const ask = vi.fn(async () => {})
    const place = new ExistingPlace(ask)
    place.seen()
    await place.check(undefined)
    expect(ask).not.toHaveBeenCalled()
  })
})
