import { describe, expect, it } from "vitest"
import { cacheControlOf } from "./cache-control.ts"

describe("cacheControlOf()", () => {
  it("keeps hashed names for ever, and plain names for a minute", () => {
    expect(cacheControlOf("a.css", { hashed: true })).toBe("public, max-age=31536000, immutable")
    expect(cacheControlOf("a.css", { hashed: false })).toBe("public, max-age=60")
    expect(cacheControlOf("a.css", { hashed: false, overrides: {} })).toBe("public, max-age=60")
  })

  it.each([
    ["*.map", "js/app.js.map", true],
    ["*.map", "app.js", false],
    ["fonts/**", "fonts/a/b.woff2", true],
    ["fonts/*", "fonts/a/b.woff2", false],
    ["fonts/**", "other/fonts/b.woff2", false],
    ["**/*.{png,jpg}", "img/a.jpg", true],
    [".well-known/**", ".well-known/security.txt", true],
    ["**", ".well-known/security.txt", true],
  ])("the pattern %s and the name %s: %s", (pattern, name, matches) => {
    const value = cacheControlOf(name, { hashed: true, overrides: { [pattern]: "no-cache" } })
    expect(value === "no-cache").toBe(matches)
  })

  it("takes the first pattern that matches", () => {
    const overrides = { "a.css": "one", "*.css": "two" }
    expect(cacheControlOf("a.css", { hashed: true, overrides })).toBe("one")
    expect(cacheControlOf("b.css", { hashed: false, overrides })).toBe("two")
  })

  it.each([
    { "": "no-cache" },
    { "!*.css": "no-cache" },
    { "a\\b": "no-cache" },
    { "*": "" },
    { "*": "a\r\nSet-Cookie: b" },
    { "*": "é" },
    { "*": 1 as never },
  ])("refuses %j", (overrides) => {
    expect(() => cacheControlOf("a", { hashed: true, overrides })).toThrow(
      expect.objectContaining({ code: "invalid-option" }),
    )
  })
})
