import { describe, expect, it, test } from "vitest"
import { compare } from "./comparison.ts"

const NAMES = new Map(
  ["a.css", "b.css", "img/a b.png", "a.js", "b.js", "a.html", "a.svg", "a.webmanifest", "a.js.map"].map((name) => [
    name,
    name.replace(/(?=\.[a-z]+$)/, ".123456789abc"),
  ]),
)

const compared = (file: string, source: string, output: string) =>
  compare(file, Buffer.from(source), Buffer.from(output), NAMES)

const CSS = '@import "b.css";\na { b: url( img/a%20b.png?x#y ) url(data:,x) }\n/* url(b.css) */'
const GOOD =
  '@import "b.123456789abc.css";\na { b: url( img/a%20b.123456789abc.png?x#y ) url(data:,x) }\n/* url(b.css) */'

describe("an output is as it should be", () => {
  test.each([
    ["a.css", CSS, GOOD],
    [
      "a.css",
      "a { b: image-set('b.css' 1x, url(b.css) 2x) }",
      `a { b: image-set('${NAMES.get("b.css")}' 1x, url(${NAMES.get("b.css")}) 2x) }`,
    ],
    ["a.js", 'import x from "./b.js"; export * from "x"', 'import x from "./b.123456789abc.js"; export * from "x"'],
    ["a.js", "import('./b.js'); f('./b.js')", "import('./b.123456789abc.js'); f('./b.js')"],
    ["a.js", "new URL('b.js', import.meta.url)", "new URL('b.123456789abc.js', import.meta.url)"],
    ["a.js", "importScripts('b.js', `a.js`)", "importScripts('b.123456789abc.js', `a.123456789abc.js`)"],
    ["a.js", "f()\n//# sourceMappingURL=a.js.map", "f()\n//# sourceMappingURL=a.js.123456789abc.map"],
    [
      "a.html",
      "<img src=b.js srcset='b.js 1x, b.js 2x'>",
      "<img src=b.123456789abc.js srcset='b.123456789abc.js 1x, b.123456789abc.js 2x'>",
    ],
    [
      "a.html",
      '<style>@import "b.css"</style><a href="b.css">',
      '<style>@import "b.123456789abc.css"</style><a href="b.css">',
    ],
    [
      "a.svg",
      '<?xml-stylesheet href="b.css"?><use xlink:href="a.svg#x"/>',
      '<?xml-stylesheet href="b.123456789abc.css"?><use xlink:href="a.123456789abc.svg#x"/>',
    ],
    ["a.webmanifest", '{ "icons": [{ "src": "b.js" }] }', '{ "icons": [{ "src": "b.123456789abc.js" }] }'],
    ["a.txt", "url(b.css)", "url(b.css)"],
  ])("%s: %s", (file, source, output) => {
    const names = new Map([...NAMES, ["a.txt", "a.txt"]])
    expect(compare(file, Buffer.from(source), Buffer.from(output), names).faults).toEqual([])
  })
})

describe("a fault is noticed", () => {
  test.each([
    ["a reference that is left as it was", CSS],
    ["one of two that is left", GOOD.replace("b.123456789abc", "b")],
    ["another file", GOOD.replace("b.123456789abc.css", "a.123456789abc.css")],
    ["a file that is not there", GOOD.replace("b.123456789abc.css", "b.000000000000.css")],
    ["a query that is lost", GOOD.replace("?x", "")],
    ["white space that is lost", GOOD.replace("( ", "(")],
    ["a comment that is rewritten", GOOD.replace("/* url(b.css)", "/* url(b.123456789abc.css)")],
    ["data that is rewritten", GOOD.replace("data:,x", "b.123456789abc.css")],
    ["a reference too few", GOOD.replace(' "b.123456789abc.css"', "")],
    ["a byte too many", `${GOOD} `],
  ])("%s", (_, output) => {
    expect(compared("a.css", CSS, GOOD).faults).toEqual([])
    expect(compared("a.css", CSS, output).faults).not.toEqual([])
  })

  it("in a file without references too", () => {
    expect(compared("img/a b.png", "x", "y").faults).toHaveLength(1)
  })

  it("where a reference that leads nowhere is changed", () => {
    const source = "a {\n  b: url(gone.png) url(/b.css) }"
    expect(compared("a.css", source, source)).toMatchObject({
      unresolved: [{ file: "a.css", line: 2, column: 10, reference: "gone.png" }],
      faults: [],
    })
    expect(compared("a.css", source, source.replace("gone", "gone.123456789abc")).faults).toHaveLength(1)
    expect(compared("a.css", source, source.replace("/b", "b.123456789abc")).faults).toHaveLength(1)
  })
})
