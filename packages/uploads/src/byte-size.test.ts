import { describe, expect, test } from "vitest"
import { bytes } from "./byte-size.ts"

describe("a size", () => {
  test.each([
    [0, 0],
    [1234, 1234],
    ["12 B", 12],
    ["5 MB", 5_000_000],
    ["5MiB", 5_242_880],
    ["1.5 KB", 1500],
    ["1.0001 KiB", 1024],
    ["2 GiB", 2_147_483_648],
  ] as const)("%j is %d bytes", (given, expected) => {
    expect(bytes("maxSize", given)).toBe(expected)
  })

  test.each([-1, 1.5, Number.NaN, Infinity, "5", "5 mb", "MB", "-1 MB", "1e400 GB", true, undefined, null, {}])(
    "%j is refused",
    (given) => {
      expect(() => bytes("maxSize", given as never)).toThrow(/^maxSize: .* is no size\. Give a whole number of bytes/)
    },
  )
})
