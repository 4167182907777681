import { describe, expect, test } from "vitest"
import { checkTypes, isAllowed } from "./allowed-types.ts"

describe("allowed types", () => {
  test.each([
    ["image/png", ["image/*"], true],
    ["image/png", ["IMAGE/PNG"], true],
    ["image/png", ["application/pdf", "image/png"], true],
    ["image/png", ["image/pn"], false],
    ["imagex/png", ["image/*"], false],
    ["image/png", ["*/*"], true],
    ["image/png", [], false],
    ["application/pdf", ["image/*"], false],
  ])("%s by %j: %s", (type, allowed, expected) => {
    expect(isAllowed(type, allowed)).toBe(expected)
  })

  test("no list allows everything", () => {
    expect(isAllowed("text/html", undefined)).toBe(true)
  })

  test("a pattern never lets in what browsers run: it has to be named", () => {
    expect(isAllowed("image/svg+xml", ["image/*", "*/*"])).toBe(false)
    expect(isAllowed("text/html", ["text/*"])).toBe(false)
    expect(isAllowed("application/xml", ["application/*"])).toBe(false)
    expect(isAllowed("image/svg+xml", ["image/*", "image/svg+xml"])).toBe(true)
  })

  test.each(["image", "image/", "*", "image/p*", ".png", ""])("%j is refused", (type) => {
    expect(() => checkTypes("types", [type])).toThrow(`types: ${JSON.stringify(type)} is no media type.`)
  })

  test("something else than a list is refused", () => {
    expect(() => checkTypes("types", "image/*" as never)).toThrow("types must be a list of media types, not string.")
  })
})
