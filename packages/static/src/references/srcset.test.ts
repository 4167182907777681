import { expect, test } from "vitest"
import { candidatesOf, writeCandidate } from "./srcset.ts"

test.each([
  ["a.png", ["a.png"]],
  ["a.png 1x, b.png 2x", ["a.png", "b.png"]],
  [" ,\n a.png 100w,b.png 2x , ", ["a.png", "b.png"]],
  ["a.png, b.png", ["a.png", "b.png"]],
  ["a.png,b.png 2x", ["a.png,b.png"]],
  ["data:image/png;base64,AA== 1x, b.png 2x", ["data:image/png;base64,AA==", "b.png"]],
  ["a,b.png 1x, ,c.png", ["a,b.png", "c.png"]],
  ["a.png x(1, 2), b.png", ["a.png", "b.png"]],
  ["a.png,,, b.png", ["a.png", "b.png"]],
  ["", []],
  [",,", []],
])("finds in %j the candidates %j", (text, urls) => {
  expect(candidatesOf(text).map(({ url }) => url)).toEqual(urls)
  expect(candidatesOf(text).map(({ start, end }) => text.slice(start, end))).toEqual(urls)
})

test("encodes what would end a URL, since a source set has no escapes", () => {
  expect(writeCandidate(",a b,c,,")).toBe("%2Ca%20b,c%2C%2C")
})
