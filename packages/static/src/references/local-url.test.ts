import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { isLocal, relativeUrl, resolveFrom, splitUrl } from "./local-url.ts"

describe("isLocal", () => {
  test.each(["a.png", "./a", "../a", "/a", "a?b", "a#b", "a/b:c", "1:a", " a.png\n", "..", "%3A"])(
    "takes %j for a file of the tree",
    (url) => expect(isLocal(url)).toBe(true),
  )

  test.each([
    "",
    " \n",
    "#a",
    " #a",
    "?a",
    "data:x",
    "DATA:x",
    "HTTP://h/a",
    "https:a",
    "blob:x",
    "a+b-1.c:x",
    "C:\\a",
    "//h/a",
    "\\\\h\\a",
    "/\\h",
    " //h",
    "\tjava\nscript:x",
    "about:blank",
    "/\n/h",
  ])("leaves %j alone", (url) => expect(isLocal(url)).toBe(false))
})

describe("splitUrl", () => {
  test.each([
    ["a.png", "a.png", ""],
    ["a.eot?#iefix", "a.eot", "?#iefix"],
    ["a.svg#b?c", "a.svg", "#b?c"],
    ["a.png?v=1&w=%20", "a.png", "?v=1&w=%20"],
    ["a%20b%C3%A9.png", "a bé.png", ""],
    ["100%.png", "100%.png", ""],
    ["%zz%20%E9.png", "%zz %E9.png", ""],
    ["a%23b%3Fc#d", "a#b?c", "#d"],
    [" a\n.png ", "a.png", ""],
    ["..\\a\\b.png", "../a/b.png", ""],
  ])("splits %j into the path %j and %j", (url, path, suffix) => {
    expect(splitUrl(url)).toEqual({ path, suffix })
  })
})

describe("resolveFrom", () => {
  test.each([
    ["css/app.css", "../img/a.png", "img/a.png"],
    ["css/app.css", "a.png", "css/a.png"],
    ["css/app.css", "./b/./c.png", "css/b/c.png"],
    ["app.css", "a.png", "a.png"],
    ["a/b/c.css", "../../d", "d"],
    ["app.css", "../a.png", undefined],
    ["a/b.css", "../../c/../../d", undefined],
    ["a/b.css", "..", ""],
    ["a/b/c.css", "..", "a/"],
    ["a/b.css", "./", "a/"],
    ["a/b.css", ".", "a/"],
  ])("says that in %j the path %j means %j", (name, path, expected) => {
    expect(resolveFrom(name, path)).toBe(expected)
  })

  test("leaves a path from the root to the caller", () => {
    expect(resolveFrom("css/app.css", "/img/../a.png")).toEqual({ absolute: true, path: "/img/../a.png" })
  })
})

describe("relativeUrl", () => {
  test.each([
    ["css/app.css", "img/a.png", "../img/a.png"],
    ["css/app.css", "css/a.png", "a.png"],
    ["app.css", "a/b.png", "a/b.png"],
    ["a/b/c.css", "a/d/e.png", "../d/e.png"],
    ["a/b/c.css", "d", "../../d"],
    ["app.css", "a b%#?é:,'.png", "a%20b%25%23%3F%C3%A9%3A%2C'.png"],
    ["app.css", "@2x/a+b=$.png", "@2x/a+b=$.png"],
    ["app.css", "\uD800.png", "%EF%BF%BD.png"],
    ["a/b", "a/b/c", "b/c"],
  ])("names from %j the file %j by %j", (from, to, url) => {
    expect(relativeUrl(from, to)).toBe(url)
  })

  test("begins with a dot when a module specifier is asked for", () => {
    expect(relativeUrl("a/b.js", "a/c.js", { dotted: true })).toBe("./c.js")
    expect(relativeUrl("a/b.js", "c.js", { dotted: true })).toBe("../c.js")
    expect(relativeUrl("b.js", "..c.js", { dotted: true })).toBe("./..c.js")
  })

  const name = fc
    .array(
      fc
        .array(fc.constantFrom("a", "b", " ", "%", "%20", "#", "?", ":", "é", "😀", "'", "(", "\\", "&", ".x"), {
          minLength: 1,
          maxLength: 4,
        })
        .map((parts) => parts.join("")),
      { minLength: 1, maxLength: 4 },
    )
    .map((segments) => segments.join("/"))

  test("leads back to the file, for all names, and is always local", () => {
    fc.assert(
      fc.property(name, name, fc.boolean(), (from, to, dotted) => {
        const url = relativeUrl(from, to, { dotted })
        expect(isLocal(url)).toBe(true)
        expect(splitUrl(url).suffix).toBe("")
        expect(resolveFrom(from, splitUrl(url).path)).toBe(to)
      }),
    )
  })
})
