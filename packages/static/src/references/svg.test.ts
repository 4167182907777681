import { describe, expect, test } from "vitest"
import fc from "fast-check"
import { svgReader } from "./svg.ts"
import { replaceAll, urlsIn } from "./testing/replace.ts"
import { nastyUrl } from "./testing/urls.ts"

/** As Adobe Illustrator writes them: a DTD with entities, an instruction, CDATA. */
const ILLUSTRATED = `<?xml version="1.0" encoding="utf-8"?>
<?xml-stylesheet type="text/css" href="a&amp;b.css"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd" [
  <!ENTITY ns_svg "http://www.w3.org/2000/svg">
]>
<svg xmlns="&ns_svg;" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 1 1">
  <title>no.png</title>
  <style type="text/css"><![CDATA[ .a > .b { fill: url("c&d.svg#x") } ]]></style>
  <defs><linearGradient id="g" xlink:href="#h"/><filter id="f"><feImage href="e.png"/></filter></defs>
  <image xlink:href="../f.png" width="1"/>
  <use href="g.svg#i"></use>
  <a href="no.html"><rect fill="url(#g)" style="mask: url('h.svg#j')"/></a>
  <script href="i.js"/>
</svg>
`

describe("svgReader", () => {
  test("reads a file with instructions, a DTD, CDATA and all that elements load", () => {
    const urls = ["a&b.css", "c&d.svg#x", "e.png", "../f.png", "g.svg#i", "h.svg#j", "i.js"]
    expect(urlsIn(svgReader, ILLUSTRATED)).toEqual(urls)
  })

  test.each([
    ["<svg><image href='a.png'/></svg>", ["a.png"]],
    ["\uFEFF<svg><image href='a.png'/></svg>", ["a.png"]],
    ["<svg:svg><svg:use xlink:href='a.svg#b'/></svg:svg>", ["a.svg#b"]],
    ["<svg><style>a{b:url(&quot;a.png&quot;)}<!-- c{d:url(no)} -->e{f:url(g)}</style></svg>", ["a.png", "g"]],
    ["<svg><image href='data:image/png;base64,AA'/><use href='#a'/></svg>", []],
    ["<?xml-stylesheet href='a.css'?><svg/>", ["a.css"]],
    ["<?xml-stylesheet type='text/css'?><svg/>", []],
    ["<!-- <image href='no'/> --><svg/>", []],
    ["<svg><metadata><p>x</p></metadata><image xlink:href='a.png'/></svg>", ["a.png"]],
  ])("reads in %j the references %j", (svg, urls) => {
    expect(urlsIn(svgReader, svg)).toEqual(urls)
  })

  test("reads each new URL back as it was written, and changes nothing else", () => {
    fc.assert(
      fc.property(nastyUrl, (url) => {
        const references = svgReader.read(ILLUSTRATED)
        const replaced = replaceAll(ILLUSTRATED, references, () => url)
        expect(urlsIn(svgReader, replaced)).toEqual(references.map(() => url))
        const originals = references.map((reference) => reference.url)
        const restored = replaceAll(replaced, svgReader.read(replaced), () => originals.shift() ?? "")
        expect(restored).toBe(ILLUSTRATED)
      }),
    )
  })

  test("survives tags that are nested as deep as the file is long", () => {
    expect(urlsIn(svgReader, `${"<svg:g>".repeat(20_000)}<image href='a.png'/>`)).toEqual(["a.png"])
  })
})
