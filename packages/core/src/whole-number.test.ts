import { expect, test } from "vitest"
import { failureOf } from "./testing/failure.ts"
import { wholeNumber } from "./whole-number.ts"

test("a whole number within the limits, they included, is taken", () => {
  for (const value of [1, 2, 10]) expect(wholeNumber("FtpStorage: port", value, 1, 10)).toBe(value)
})

test.each([0, 11, -1, 1.5, Number.NaN, Infinity, "2" as never, null as never])(
  "%o is refused with the option, the value and the limits",
  async (value) => {
    const failure = await failureOf(() => wholeNumber("FtpStorage: port", value, 1, 10))
    expect(failure.code).toBe("invalid-option")
    expect(failure.message).toBe(`FtpStorage: port must be a whole number from 1 to 10, not ${value}.`)
  },
)
