import { cssReader } from "./css.ts"
import {
  attributeOf,
  attributeText,
  type Decoded,
  type Element,
  embed,
  inOrder,
  isElement,
  markupOf,
  nodesOf,
  readUrl,
  xmlContentOf,
} from "./markup.ts"
import { LARGEST_TREE, type Reference, type ReferenceReader } from "./reference.ts"

/**
 * Elements of SVG whose `href` or `xlink:href` is loaded. `<a>` leads to a page. https://www.w3.org/TR/SVG2/linking.html
 * `img`: what the HTML parser makes of an `<image>` that it sees outside of SVG.
 */
const LOADING: ReadonlySet<string> = new Set([
  "cursor",
  "feimage",
  "filter",
  "font-face-uri",
  "image",
  "img",
  "link",
  "lineargradient",
  "mpath",
  "pattern",
  "radialgradient",
  "script",
  "textpath",
  "use",
])

/** Attributes of SVG that are CSS properties with URLs. https://www.w3.org/TR/SVG2/styling.html#PresentationAttributes */
const PRESENTATION = [
  "clip-path",
  "cursor",
  "fill",
  "filter",
  "marker-end",
  "marker-mid",
  "marker-start",
  "mask",
  "stroke",
] as const

/**
 * Attributes that load, what CSS refers with, and what can write both otherwise: entities and escapes. In `<style>` the
 * pieces of a word may be apart, in several sections of CDATA.
 */
const MAY_REFER = /href|url\(|src\(|image-set\(|@import|sourceMappingURL=|[<:]style|[&\\]/i

/** `href` of `<?xml-stylesheet href="a.css"?>`. https://www.w3.org/TR/xml-stylesheet/ */
const STYLESHEET_INSTRUCTION = /^<\?xml-stylesheet\s(?:.*\s)?href\s*=\s*(?:"([^"]*)"|'([^']*)')/s

const localName = (element: Element) => element.tagName.slice(element.tagName.indexOf(":") + 1).toLowerCase()

const asCss = (decoded: Decoded | undefined) =>
  decoded === undefined ? [] : embed(cssReader.read(decoded.text), decoded)

/** What an element of SVG refers to, in a file of its own or inside HTML. */
export const readSvgElement = (source: string, element: Element): readonly Reference[] => {
  const name = localName(element)
  const references: Reference[] = []
  if (LOADING.has(name)) {
    for (const attribute of ["href", "xlink:href"]) {
      const value = attributeOf(source, element, attribute)
      if (value !== undefined) references.push(...readUrl(value))
    }
  }
  for (const attribute of PRESENTATION) references.push(...asCss(attributeOf(source, element, attribute)))
  if (name === "style") references.push(...asCss(xmlContentOf(source, element)))
  return [...references, ...asCss(attributeOf(source, element, "style"))]
}

const readInstruction = (source: string, start: number, end: number): readonly Reference[] => {
  const [before, inDouble, inSingle] = STYLESHEET_INSTRUCTION.exec(source.slice(start, end)) ?? []
  const value = inDouble ?? inSingle
  if (before === undefined || value === undefined) return []
  return readUrl(attributeText(value, start + before.length - 1 - value.length, before.at(-1) ?? ""))
}

/**
 * Reads SVG files: what images, uses, scripts, gradients … load, CSS in `<style>`, `style` and presentation attributes,
 * and `<?xml-stylesheet?>`. The parser is one of HTML, which knows SVG and forgives what XML would not.
 */
export const svgReader: ReferenceReader = {
  extensions: [".svg"],
  mostBytes: LARGEST_TREE,
  mayRefer: (text) => MAY_REFER.test(text),
  read: (text) => {
    const references: Reference[] = []
    for (const node of nodesOf(markupOf(text))) {
      const location = node.sourceCodeLocation
      if (isElement(node)) references.push(...readSvgElement(text, node))
      else if (node.nodeName === "#comment" && location !== null && location !== undefined) {
        references.push(...readInstruction(text, location.startOffset, location.endOffset))
      }
    }
    return inOrder(references)
  },
}
