import fc from "fast-check"
import { expect, test } from "vitest"
import { positionOf } from "./lines.ts"

test.each([
  ["abc", 0, 1, 1],
  ["abc", 3, 1, 4],
  ["a\nb", 1, 1, 2],
  ["a\nb", 2, 2, 1],
  ["a\r\nb", 3, 2, 1],
  ["a\r\nb", 2, 1, 3],
  ["a\rb", 2, 2, 1],
  ["\n\r\n\r\r", 5, 5, 1],
  ["😀\n😀x", 5, 2, 3],
  ["", 0, 1, 1],
])("finds in %j the offset %i in line %i, column %i", (text, offset, line, column) => {
  expect(positionOf(text, offset)).toEqual({ line, column })
})

test("counts in any text as splitting it into lines does, in any order of questions", () => {
  const text = fc.array(fc.constantFrom("a", "\n", "\r", "\r\n", "é")).map((parts) => parts.join(""))
  fc.assert(
    fc.property(text, text, (one, other) => {
      for (let offset = one.length; offset >= 0; offset--) {
        positionOf(other, 0)
        // Between CR and LF a line has not ended.
        const before = one.slice(0, offset).replace(/\r$/, one[offset] === "\n" ? "x" : "\r")
        const lines = before.split(/\r\n|\r|\n/)
        expect(positionOf(one, offset)).toEqual({ line: lines.length, column: (lines.at(-1) ?? "").length + 1 })
      }
    }),
  )
})
