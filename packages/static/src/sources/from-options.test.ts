import { join } from "node:path"
import { expect, test } from "vitest"
import { bundle } from "./bundle.ts"
import { source } from "./custom.ts"
import { sourcesOf } from "./from-options.ts"
import { packages } from "./packages.ts"
import { namesOf, tree } from "./testing/tree.ts"

test("strings and objects are folders, and sources pass as they are", async () => {
  const root = await tree(["a.css", "b.map"])
  const made = [source("x", () => []), packages(), bundle({ folder: root })]
  const sources = sourcesOf([root, { folder: root, prefix: "p", ignore: ["*.map"] }, ...made])
  expect(await namesOf(sources[0]!)).toEqual(["a.css", "b.map"])
  expect(await namesOf(sources[1]!)).toEqual(["p/a.css"])
  expect(sources.slice(2)).toEqual(made)
  expect(sources[2]).toBe(made[0])
  expect(sources[0]!.description).toBe(`folder ${join(root, "/")}`)
})

test.each([
  [[], "nothing to gather"],
  ["assets", "must be an array"],
  [undefined, "must be an array"],
  [["a", 7], "sources[1] is 7"],
  [[null], "sources[0] is null"],
  [[{}], "sources[0] is an object, which is no source"],
  [[{ folder: "a", prefx: "b" }], 'Did you mean "prefix"?'],
  [[{ folder: 7 }], "7 is no path"],
  [[""], '"" is no path'],
])("%j is refused", (given, message) => {
  expect(() => sourcesOf(given as never)).toThrow(
    expect.objectContaining({ code: "invalid-option", message: expect.stringContaining(message) }),
  )
})
