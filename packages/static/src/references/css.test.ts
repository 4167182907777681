import { readFileSync } from "node:fs"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { cssReader } from "./css.ts"
import { replaceAll, urlsIn } from "./testing/replace.ts"
import { nastyUrl } from "./testing/urls.ts"

const bootstrap = (name: string) =>
  readFileSync(
    new URL(`../../../../docs/examples/demo/node_modules/bootstrap/dist/css/${name}`, import.meta.url),
    "utf8",
  )

const FOUND: readonly (readonly [css: string, urls: readonly string[]])[] = [
  ["a{b:url(x.png)}", ["x.png"]],
  ["a{b:url(  'x.png'  )}", ["x.png"]],
  ['a{b:url("x.png")}', ["x.png"]],
  ["a{b:url(\n\tx.png\r\n)}", ["x.png"]],
  ["a{b:URL(x.png)}", ["x.png"]],
  ["a{b:u\\72l(x.png)}", ["x.png"]],
  ["a{b:u\\72l('x.png')}", ["x.png"]],
  ["a{b:url(a\\ b\\).png)}", ["a b).png"]],
  ["a{b:url(a\\20 b.png)}", ["a b.png"]],
  ["a{b:url(a\\ )}", ["a "]],
  ["a{b:url('it\\'s\\\n.png')}", ["it's.png"]],
  ["a{b:url(/*x*/a.png)}", ["/*x*/a.png"]],
  ["a{b:url(/*x*/ 'a.png')}", []],
  ["a{b:url(x.eot?#iefix),url(x.svg#id)}", ["x.eot?#iefix", "x.svg#id"]],
  ["a{b:url(/img/a.png)}", ["/img/a.png"]],
  ["a{b:url(x.png", ["x.png"]],
  ["a{b:url(x.png\\)", ["x.png)"]],
  ["a{b:url('x.png", ["x.png"]],
  ["a{b:src('x.png')}", ["x.png"]],
  ["a{b:src(var(--x))}", []],
  ["a{b:url('x.png' modifier('y.png'))}", ["x.png"]],
  ["@import 'a.css';", ["a.css"]],
  ['@import"a.css";', ["a.css"]],
  ["@IMPORT/**/'a.css';", ["a.css"]],
  ["@import url(a.css);", ["a.css"]],
  ["@import url('a.css') layer(base) supports(display: grid) screen and (min-width: 1px);", ["a.css"]],
  ["@import 'a.css' layer supports(background: url(no.png)) print;a{b:url(c)}", ["a.css", "c"]],
  ["@import 'a.css'", ["a.css"]],
  ["@layer a;@import src('a.css');", ["a.css"]],
  ["@media print{@import 'a.css'}a{b:url(c)}", ["a.css", "c"]],
  ["@media print{a{b:url(c)}}", ["c"]],
  ["@import print 'a.css';", []],
  ["a{b:image-set('a.png' 1x, 'b.png' type('image/png') 2x, url(c.png) 3x)}", ["a.png", "b.png", "c.png"]],
  ["a{b:-webkit-image-set(url('a.png') 1x, url(b.png) 2x)}", ["a.png", "b.png"]],
  ["a{b:image-set(linear-gradient(red, blue) 1x)}", []],
  ["@font-face{font-family:'x';src:local('y'),url(z.woff2)format('woff2'),url('z.woff')}", ["z.woff2", "z.woff"]],
  ["a{--x:url(a.png)}", ["a.png"]],
  ["a{--x:'a.png'}", []],
  ["\uFEFF@charset 'utf-8';@import 'a.css';", ["a.css"]],
  ["/* url(a.png) @import 'b.css'; */", []],
  ["a::before{content:'url(a.png)'}", []],
  ["a[href='a.png']{}", []],
  ["a{b:url(data:image/png;base64,AA)}", []],
  ["a{b:url(DATA:x)}", []],
  ["a{b:url(HTTPS://h/x)}", []],
  ["a{b:url(//h/x)}", []],
  ["a{b:url(#id)}", []],
  ["a{b:url()}a{b:url('')}", []],
  ["a{b:url(a'b.png)}", []],
  ["@namespace url(http.html);@namespace svg 'x';a{b:url(c)}", ["c"]],
  ["@-moz-document url(page.html){a{b:url(c)}}", ["c"]],
  ["@supports (background:url(no.png)){a{b:url(c)}}", ["c"]],
  ["a{}/*# sourceMappingURL=a.css.map */", ["a.css.map"]],
  ["a{}/*@ sourceMappingURL=a.css.map*/\n/* end */\n", ["a.css.map"]],
  ["/*# sourceMappingURL=a.css.map */a{}", []],
  ["a{}/*# sourceMappingURL=data:application/json,x */", []],
]

describe("cssReader", () => {
  test.each(FOUND)("reads in %j the references %j", (css, urls) => {
    expect(urlsIn(cssReader, css)).toEqual(urls)
  })

  test.each([
    ["a{b:url( x.png )}", "a{b:url( new.png )}", "new.png"],
    ["a{b:url(x.png)}", 'a{b:url("a b.png")}', "a b.png"],
    ["a{b:url('x.png')}", "a{b:url('it\\'s\".png')}", "it's\".png"],
    ['@import "x.css" print;', '@import "\\\\\\a .css" print;', "\\\n.css"],
    ["@import url(x.css)print;", "@import url(y.css)print;", "y.css"],
    ["a{b:u\\72l( x.png)}", "a{b:u\\72l( y.png)}", "y.png"],
    ["a{}/*# sourceMappingURL=a.css.map */\n", "a{}/*# sourceMappingURL=b%20c.map */\n", "b c.map"],
  ])("turns %j into %j", (before, after, url) => {
    expect(replaceAll(before, cssReader.read(before), () => url)).toBe(after)
  })

  test("tells imports, other URLs and source maps apart, and only the last may lead nowhere", () => {
    const css = "@import 'a.css';a{b:url(c)}/*# sourceMappingURL=a.map */"
    expect(cssReader.read(css).map(({ kind, unresolved }) => [kind, unresolved])).toEqual([
      ["css-import", "error"],
      ["css-url", "error"],
      ["source-map", "warning"],
    ])
  })

  test.each([
    ["bootstrap.css", ["bootstrap.css.map"]],
    ["bootstrap.min.css", ["bootstrap.min.css.map"]],
  ])("finds in %s no file but the source map, since its pictures are inside", (name, urls) => {
    expect(urlsIn(cssReader, bootstrap(name))).toEqual(urls)
  })

  const around = fc.constantFrom(
    "/* url(no) */",
    "a{content:'url(no)'}",
    "\r\n",
    "p{color:red}",
    "@media print{q{}}",
    "é{}😀{}",
  )
  const reference = fc.tuple(
    fc.constantFrom(
      (url: string) => `a{b:url(${url})}`,
      (url: string) => `a{b:url( "${url}")}`,
      (url: string) => `@import '${url}' screen;`,
      (url: string) => `a{b:image-set("${url}" 1x)}`,
      (url: string) => `a{--b:src('${url}' )}`,
    ),
    fc.constantFrom("a.png", "../b.css", "c.svg?v=1#d"),
  )
  const sheet = fc.array(fc.tuple(around, reference), { maxLength: 6 })

  test("finds exactly the references of any sheet, and each new URL is read back as it was written", () => {
    fc.assert(
      fc.property(sheet, nastyUrl, (parts, url) => {
        const css = parts.map(([before, [write, target]]) => before + write(target)).join("")
        expect(urlsIn(cssReader, css)).toEqual(parts.map(([, [, target]]) => target))
        const replaced = replaceAll(css, cssReader.read(css), () => url)
        expect(urlsIn(cssReader, replaced)).toEqual(parts.map(() => url))
        const again = replaceAll(replaced, cssReader.read(replaced), () => "q")
        expect(again.replaceAll('"', "")).toBe(replaceAll(css, cssReader.read(css), () => "q").replaceAll('"', ""))
      }),
    )
  })

  test("never throws, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const css = `a{b:url(${text})`
        expect(() => replaceAll(css, cssReader.read(css), () => "x")).not.toThrow()
      }),
    )
  })
})
