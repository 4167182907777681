import { describe, expect, test } from "vitest"
import { type Duration, seconds } from "./duration.ts"
import { codeOf, failureOf } from "./testing/failure.ts"

describe("a duration", () => {
  test.each<[Duration, number]>([
    [0, 0],
    [90, 90],
    [0.5, 0.5],
    ["500ms", 0.5],
    ["30s", 30],
    ["10m", 600],
    ["1.5h", 5400],
    ["12h", 43_200],
    ["7d", 604_800],
    ["2w", 1_209_600],
    ["0s", 0],
  ])("%j is %d seconds", (duration, expected) => {
    expect(seconds(duration)).toBe(expected)
  })

  test.each([
    -1,
    NaN,
    Infinity,
    -Infinity,
    "",
    "10",
    "10 m",
    " 10m",
    "10M",
    "10min",
    "-5m",
    "1e3s",
    ".5s",
    "5.s",
    "10m\n",
    "PT10M",
    null,
    undefined,
    true,
    {},
    [10],
    10n,
    `${"9".repeat(400)}s`,
  ])("%o is refused", (duration) => {
    expect(codeOf(() => seconds(duration as Duration))).toBe("invalid-option")
  })

  test("that is refused is shown with the option that it was given for", async () => {
    expect((await failureOf(() => seconds("10min" as Duration, "expiresIn"))).message).toMatch(/^expiresIn: "10min"/)
    expect((await failureOf(() => seconds(NaN, "expiresIn"))).message).toMatch(/^expiresIn: NaN/)
  })
})
