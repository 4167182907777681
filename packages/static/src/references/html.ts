import { cssReader } from "./css.ts"
import { readImportMap } from "./import-map.ts"
import { javaScriptReader } from "./javascript.ts"
import {
  attributeOf,
  type Element,
  embed,
  inOrder,
  isElement,
  markupOf,
  nodesOf,
  rawContentOf,
  readSourceSet,
  readUrl,
} from "./markup.ts"
import { LARGEST_TREE, type Reference, type ReferenceReader } from "./reference.ts"
import { readSvgElement } from "./svg.ts"

/**
 * Attributes of HTML that load a file. Not here, since they name pages, which keep their addresses: `<a>`, `<area>`,
 * `<form>`, `<iframe>`.
 */
const LOADING: Readonly<Record<string, readonly string[]>> = {
  audio: ["src"],
  embed: ["src"],
  img: ["src"],
  object: ["data"],
  script: ["src"],
  source: ["src"],
  track: ["src"],
  video: ["src", "poster"],
}

/** Kinds of links to files. `alternate`, `canonical`, `next` … are pages; `preconnect` and `dns-prefetch` are hosts. */
const LINKS_TO_FILES: ReadonlySet<string> = new Set([
  "apple-touch-icon",
  "apple-touch-icon-precomposed",
  "apple-touch-startup-image",
  "icon",
  "manifest",
  "mask-icon",
  "modulepreload",
  "preload",
  "stylesheet",
])

/** https://html.spec.whatwg.org/#prepare-the-script-element: without a type, it is JavaScript. */
const JAVASCRIPT_TYPES: ReadonlySet<string> = new Set([
  "",
  "application/ecmascript",
  "application/javascript",
  "module",
  "text/ecmascript",
  "text/javascript",
])

const SVG_NAMESPACE = "http://www.w3.org/2000/svg"

const urlAttributes = (source: string, element: Element, names: readonly string[]) =>
  names.flatMap((name) => {
    const value = attributeOf(source, element, name)
    return value === undefined ? [] : readUrl(value)
  })

const sourceSet = (source: string, element: Element, name: string) => {
  const value = attributeOf(source, element, name)
  return value === undefined ? [] : readSourceSet(value)
}

const keyword = (source: string, element: Element, name: string) =>
  attributeOf(source, element, name)?.text.trim().toLowerCase() ?? ""

/** With the digest that the element asks of what it loads. */
const withIntegrity = (source: string, element: Element, references: readonly Reference[]) => {
  const value = attributeOf(source, element, "integrity")
  if (value === undefined || value.text.trim() === "") return references
  const place = { start: value.at(0), end: value.at(value.text.length), value: value.text, write: value.encode }
  return references.map((reference) => ({ ...reference, integrity: place }))
}

const readLink = (source: string, element: Element): readonly Reference[] => {
  const kinds = keyword(source, element, "rel").split(/\s+/)
  if (!kinds.some((kind) => LINKS_TO_FILES.has(kind))) return []
  const loaded = withIntegrity(source, element, urlAttributes(source, element, ["href"]))
  return [...loaded, ...sourceSet(source, element, "imagesrcset")]
}

/** The script itself. Relative to the document, as modules inside a document are. */
const readScript = (source: string, element: Element): readonly Reference[] => {
  const type = keyword(source, element, "type")
  const content = rawContentOf(source, element)
  if (content === undefined) return []
  if (type === "importmap") return embed(readImportMap(content.text), content)
  return JAVASCRIPT_TYPES.has(type) ? embed(javaScriptReader.read(content.text), content) : []
}

const readStyle = (source: string, element: Element) => {
  const content = rawContentOf(source, element)
  return content === undefined ? [] : embed(cssReader.read(content.text), content)
}

const readStyleAttribute = (source: string, element: Element) => {
  const value = attributeOf(source, element, "style")
  return value === undefined ? [] : embed(cssReader.read(value.text), value)
}

const readElement = (source: string, element: Element): readonly Reference[] => {
  if (element.namespaceURI === SVG_NAMESPACE) return readSvgElement(source, element)
  const name = element.tagName
  // An image button: the `src` of other inputs means nothing.
  const isImage = name === "input" && keyword(source, element, "type") === "image"
  const loaded = urlAttributes(
    source,
    element,
    isImage ? ["src"] : Object.hasOwn(LOADING, name) ? (LOADING[name] ?? []) : [],
  )
  const references = [...withIntegrity(source, element, loaded), ...readStyleAttribute(source, element)]
  if (name === "img" || name === "source") references.push(...sourceSet(source, element, "srcset"))
  if (name === "link") references.push(...readLink(source, element))
  if (name === "style") references.push(...readStyle(source, element))
  if (name === "script") references.push(...readScript(source, element))
  return references
}

/**
 * Reads HTML: what elements load, `srcset`, CSS in `<style>` and `style`, JavaScript and import maps in `<script>`, SVG.
 *
 * A document with `<base href>` has no references at all: its URLs are relative to an address that says nothing about
 * the place in the static tree, and what looks resolvable may be another file.
 */
export const htmlReader: ReferenceReader = {
  extensions: [".html", ".htm"],
  mostBytes: LARGEST_TREE,
  read: (text) => {
    const elements = [...nodesOf(markupOf(text))].filter((node) => isElement(node))
    if (elements.some((element) => element.tagName === "base" && keyword(text, element, "href") !== "")) return []
    return inOrder(elements.flatMap((element) => readElement(text, element)))
  },
}
