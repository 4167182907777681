import { describe, expect, test } from "vitest"
import { DEFAULT_IGNORE, ignoring } from "./ignore.ts"

describe("a pattern", () => {
  test.each([
    ["*.psd", "a.psd", true],
    ["*.psd", "img/deep/a.psd", true],
    ["*.psd", "img/.a.psd", true],
    ["*.psd", "a.psd.png", false],
    ["img/*.psd", "img/a.psd", true],
    ["img/*.psd", "a.psd", false],
    ["img/*.psd", "x/img/a.psd", false],
    ["img/*.psd", "img/deep/a.psd", false],
    ["**/*.psd", "img/deep/a.psd", true],
    ["src/**", "src/a/b.ts", true],
    ["src/**", "src", false],
    ["src/**", "lib/src/a.ts", false],
    ["**/src/**", "src/a.ts", true],
    ["**/src/**", "lib/src/a.ts", true],
    ["src/", "src/a.ts", true],
    ["src/", "lib/src/a.ts", true],
    ["src/", "src", false],
    ["/src", "src/a.ts", true],
    ["/src", "lib/src/a.ts", false],
    ["./src", "lib/src/a.ts", false],
    ["CVS", "a/CVS/b/c.css", true],
    ["CVS", "a/CVSS/c.css", false],
    ["{a,b}.css", "x/b.css", true],
    ["*.PSD", "a.psd", false],
    ["**", "a", true],
    ["[!o]*", "a", true],
    ["[!o]*", "oa", false],
    ["[^o]*", "a\nb", true],
    ["[[]id].js", "[id].js", true],
    ["[[]id].js", "i.js", false],
    ["!(a).css", "b.css", true],
    ["!(a).css", "a.css", false],
    ["a+(b).css", "abb.css", true],
  ])("%s on %s: %s", (pattern, name, matches) => {
    expect(ignoring([pattern]).file(name)).toBe(matches ? pattern : undefined)
  })

  test("that matches a directory saves the look into it", () => {
    expect(ignoring(["src/**"]).directory("src")).toBe("src/**")
    expect(ignoring(["*.css"]).directory("src")).toBeUndefined()
  })

  test("that matches first is told", () => {
    expect(ignoring(["*.js", "a.*", "a.css"]).file("a.css")).toBe("a.*")
  })

  test.each([[""], ["!*.css"], ["a\\b"], ["/"], [7]])("like %s is refused", (pattern) => {
    expect(() => ignoring([pattern as string])).toThrow(expect.objectContaining({ code: "invalid-option" }))
  })

  test("must be in a list", () => {
    expect(() => ignoring("*.css" as never)).toThrow("an array of patterns")
  })
})

describe("by default", () => {
  const ignore = ignoring(DEFAULT_IGNORE)

  test.each([
    ".DS_Store",
    "a/.DS_Store",
    "Thumbs.db",
    "a.css~",
    ".app.css.swp",
    "#a.css#",
    ".#a.css",
    ".git/config",
    "sub/.git/HEAD",
    ".svn/entries",
    "CVS/Root",
    ".hg/store",
  ])("%s is ignored", (name) => {
    expect(ignore.file(name)).toBeDefined()
  })

  test.each([
    ".well-known/security.txt",
    ".htaccess",
    ".nojekyll",
    "a/.hidden/b.css",
    ".gitignore",
    "node_modules/a.js",
    "~a.css",
    "a#.css",
    "thumbs.css",
    "swp",
    "cvs.css",
  ])("%s is not", (name) => {
    expect(ignore.file(name)).toBeUndefined()
  })
})
