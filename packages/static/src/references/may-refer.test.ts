import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { cssReader } from "./css.ts"
import { javaScriptReader } from "./javascript.ts"
import type { ReferenceReader } from "./reference.ts"
import { svgReader } from "./svg.ts"

const CSS = [
  "a{b:url(x.png)}",
  "a{b:src('x.png')}",
  "a{b:image-set('x.png' 1x)}",
  "@import 'x.css';",
  "a{}/*# sourceMappingURL=x.map */",
]
const JAVASCRIPT = [
  "import './x.js'",
  "export * from './x.js'",
  "import('./x.js')",
  "new URL('x.png', import.meta.url)",
  "with (a) { importScripts('x.js') }",
  "a()\n//# sourceMappingURL=x.map",
]
const SVG = [
  "<?xml-stylesheet href='x.css'?><svg/>",
  "<svg><image xlink:href='x.png'/></svg>",
  "<svg><rect fill='url(x.svg#a)'/></svg>",
  "<svg><style>a{b:src('x.png')}</style></svg>",
  "<svg><style>@import 'x.css';</style></svg>",
  "<svg:svg><svg:style><![CDATA[a{b:url(x.png)}]]></svg:style></svg:svg>",
]
const READERS: readonly (readonly [string, ReferenceReader, readonly string[]])[] = [
  ["CSS", cssReader, CSS],
  ["JavaScript", javaScriptReader, JAVASCRIPT],
  ["SVG", svgReader, SVG],
]

/** Ways to write a letter or to take a word apart, in some language. */
const PIECES = [
  "\\",
  "\\75 ",
  "\\u0069",
  "\\u{72}",
  "&#117;",
  "&#x72;",
  "\0",
  "/**/",
  "<!---->",
  "]]><![CDATA[",
  "\n",
  " ",
]

/** A sample with pieces before, in the place of, or amid its characters, and its letters in any case. */
const changed = (samples: readonly string[]) =>
  fc
    .tuple(
      fc.constantFrom(...samples),
      fc.array(fc.tuple(fc.nat(60), fc.nat(2), fc.constantFrom(...PIECES)), { maxLength: 3 }),
      fc.boolean(),
    )
    .map(([sample, changes, upper]) => {
      let text = upper ? sample.toUpperCase() : sample
      for (const [at, length, piece] of changes) text = text.slice(0, at) + piece + text.slice(at + length)
      return text
    })

describe.each(READERS)("the glance at %s", (_, { mayRefer, read }, samples) => {
  test("misses nothing that the parser finds, however it is written", () => {
    let found = 0
    const property = fc.property(changed(samples), (text) => {
      const references = read(text)
      if (references.length === 0) return
      found++
      expect(mayRefer!(text)).toBe(true)
    })
    fc.assert(property, { numRuns: 1000 })
    // It was asked of texts that refer, not only of what the changes have broken.
    expect(found).toBeGreaterThan(150)
  })

  test("spares the parser where nothing is referred to", () => {
    const plain = ["a { color: red }", "const a = () => { return 1 }", "<!-- made --><svg><path d='M0 0h1'/></svg>"]
    for (const text of plain) expect(mayRefer!(text)).toBe(false)
  })
})
