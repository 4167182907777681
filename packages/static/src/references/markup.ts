import { type DefaultTreeAdapterTypes, parse, parseFragment } from "parse5"
import { isLocal } from "./local-url.ts"
import type { Reference } from "./reference.ts"
import { candidatesOf, writeCandidate } from "./srcset.ts"

export type Element = DefaultTreeAdapterTypes.Element
export type MarkupNode = DefaultTreeAdapterTypes.Node

/** The tree of a text with the places of everything in it. */
export const markupOf = (text: string): DefaultTreeAdapterTypes.Document => {
  // parse5 takes a byte order mark for text of the body. A blank in its place keeps all offsets.
  const markup = text.startsWith("\uFEFF") ? ` ${text.slice(1)}` : text
  // With scripting, what is in <noscript> would be text.
  return parse(markup, { sourceCodeLocationInfo: true, scriptingEnabled: false })
}

/** Every node below, by an explicit stack: unclosed tags nest as deep as the file is long. */
export function* nodesOf(root: MarkupNode): Generator<MarkupNode> {
  const stack = [root]
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    yield node
    if ("content" in node) stack.push(node.content)
    if (!("childNodes" in node)) continue
    // One by one: a flat page has more children than a call can have arguments.
    for (const child of node.childNodes) stack.push(child)
  }
}

export const isElement = (node: MarkupNode): node is Element => "tagName" in node

/** Text out of markup with its entities undone, and the way back to the places of the source. */
export interface Decoded {
  readonly text: string
  /** Where a code unit of `text` begins in the source, or, for its length, where the source of it ends. */
  readonly at: (index: number) => number
  /** Markup for a piece of text in this place. */
  readonly encode: (text: string) => string
}

const asItIs = (piece: string) => piece

/** Text that is taken as it is: in `<style>` and `<script>` of HTML there are no entities. */
const verbatim = (text: string, start: number): Decoded => ({ text, at: (index) => start + index, encode: asItIs })

/** `&` and what can belong to an entity after it; how much of it does is the parser's to say. */
const ENTITY = /^&(?:#x[0-9a-f]+|#[0-9]+|[a-z][a-z0-9]*);?/i

/** The value that the parser gives to an attribute that is written so. */
const decodeEntities = (raw: string) => {
  const element = parseFragment(`<i a="${raw.replaceAll('"', "&quot;")}">`).childNodes[0]
  return element !== undefined && isElement(element) ? (element.attrs[0]?.value ?? raw) : raw
}

/** The text that an `&` with all up to the next one stands for, and for how much of it the first part of the text stands. */
const decodeFrom = (chunk: string) => {
  const candidate = ENTITY.exec(chunk)?.[0]
  if (candidate === undefined) return { value: "", length: 0 }
  // What follows decides too: `&copy=` in an attribute is no entity.
  const decoded = decodeEntities(chunk.slice(0, candidate.length + 1))
  const value = decoded.slice(0, decoded.length - (chunk.length > candidate.length ? 1 : 0))
  if (value === candidate) return { value: "", length: 0 }
  return { value, length: candidate.length }
}

class DecodedText implements Decoded {
  text = ""
  readonly encode: (text: string) => string
  private readonly places: number[] = []
  private end: number

  constructor(start: number, encode: (text: string) => string) {
    this.end = start
    this.encode = encode
  }

  at(index: number): number {
    return this.places[index] ?? this.end
  }

  addVerbatim(raw: string, start: number): void {
    for (let index = 0; index < raw.length; index++) this.places.push(start + index)
    this.text += raw
    this.end = start + raw.length
  }

  addEncoded(raw: string, start: number): void {
    let index = 0
    while (index < raw.length) {
      const ampersand = raw.indexOf("&", index)
      if (ampersand === -1) break
      this.addVerbatim(raw.slice(index, ampersand), start + index)
      const next = raw.indexOf("&", ampersand + 1)
      const { value, length } = decodeFrom(raw.slice(ampersand, next === -1 ? raw.length : next))
      for (let unit = 0; unit < value.length; unit++) this.places.push(start + ampersand)
      this.text += value
      index = ampersand + length
      this.end = start + index
      if (length === 0) {
        this.addVerbatim("&", start + ampersand)
        index++
      }
    }
    this.addVerbatim(raw.slice(index), start + index)
  }
}

const encodeCharacter = (character: string) => {
  if (character === "&") return "&amp;"
  if (character === '"') return "&quot;"
  if (character === "<") return "&lt;"
  if (character === ">") return "&gt;"
  return `&#${character.charCodeAt(0)};`
}

/** Between quotes, only those end the value. In the text of an element none does. */
const encodeWithin = (quote: string) => (text: string) =>
  text.replace(/[&"'<>\r\n\t]/g, (character) =>
    (character === '"' || character === "'") && character !== quote ? character : encodeCharacter(character),
  )

/** Without quotes the value ends at white space, and entities are undone all the same. */
const encodeUnquoted = (text: string) => text.replace(/[&"'<>=`\s]/g, encodeCharacter)

/** The text of an attribute between its quotes, `""` when it has none. */
export const attributeText = (raw: string, start: number, quote: string): Decoded => {
  const decoded = new DecodedText(start, quote === "" ? encodeUnquoted : encodeWithin(quote))
  decoded.addEncoded(raw, start)
  return decoded
}

/** The value of an attribute, by its name as it is written, in lower case: `"xlink:href"`. */
export const attributeOf = (source: string, element: Element, name: string): Decoded | undefined => {
  const location = element.sourceCodeLocation?.attrs?.[name]
  if (location === undefined) return undefined
  const written = source.slice(location.startOffset, location.endOffset)
  const [before] = /^[^=]+=\s*/.exec(written) ?? []
  if (before === undefined) return undefined
  const quote = /^["']/.exec(written.slice(before.length))?.[0] ?? ""
  const start = location.startOffset + before.length + quote.length
  const end = location.endOffset - quote.length
  return attributeText(source.slice(start, end), start, quote)
}

/** Where the content of an element is in the source. */
const contentRange = (source: string, element: Element) => {
  const location = element.sourceCodeLocation
  const start = location?.startTag?.endOffset
  if (location === null || location === undefined || start === undefined) return undefined
  return { start, end: location.endTag?.startOffset ?? Math.max(start, Math.min(location.endOffset, source.length)) }
}

/** The text in an element that has only raw text: `<style>` and `<script>` of HTML. */
export const rawContentOf = (source: string, element: Element): Decoded | undefined => {
  const range = contentRange(source, element)
  return range === undefined ? undefined : verbatim(source.slice(range.start, range.end), range.start)
}

const CDATA = "<![CDATA["

const SECTIONS = [
  [CDATA, "]]>"],
  ["<!--", "-->"],
] as const

/** The text of an element by the rules of XML: with entities, but for CDATA, and without comments. */
export const xmlContentOf = (source: string, element: Element): Decoded | undefined => {
  const range = contentRange(source, element)
  if (range === undefined) return undefined
  const raw = source.slice(range.start, range.end)
  // Text in CDATA takes no entities. Whoever writes CSS into it escapes what CDATA cannot hold.
  const decoded = new DecodedText(range.start, raw.includes(CDATA) ? asItIs : encodeWithin(""))
  let index = 0
  while (index < raw.length) {
    const opening = SECTIONS.find(([open]) => raw.startsWith(open, index))
    if (opening === undefined) {
      const next = raw.indexOf("<!", index + 1)
      const end = next === -1 ? raw.length : next
      decoded.addEncoded(raw.slice(index, end), range.start + index)
      index = end
      continue
    }
    const [open, close] = opening
    const from = index + open.length
    const found = raw.indexOf(close, from)
    const end = found === -1 ? raw.length : found
    if (open === CDATA) decoded.addVerbatim(raw.slice(from, end), range.start + from)
    index = end + close.length
  }
  return decoded
}

interface Place {
  readonly start: number
  readonly end: number
  readonly write: (text: string) => string
}

const placeIn = (decoded: Decoded, { start, end, write }: Place): Place => ({
  start: decoded.at(start),
  end: decoded.at(end),
  write: writeEncoded(decoded.encode, write),
})

/** Apart, so that it keeps nothing else in memory: what was decoded may be a large text. */
const writeEncoded = (encode: Place["write"], write: Place["write"]) => (text: string) => encode(write(text))

/** References in text out of markup as references of the markup. */
export const embed = (references: readonly Reference[], decoded: Decoded): readonly Reference[] =>
  references.map((reference) => {
    const { integrity } = reference
    return {
      ...reference,
      ...placeIn(decoded, reference),
      ...(integrity && { integrity: { ...integrity, ...placeIn(decoded, integrity) } }),
    }
  })

/** By position. Tags that the parser takes twice, when it repairs their nesting, are counted once. */
export const inOrder = (references: readonly Reference[]): readonly Reference[] =>
  references
    .toSorted((one, other) => one.start - other.start)
    .filter((reference, index, sorted) => reference.start !== sorted[index - 1]?.start)

/** What template engines replace before a browser sees it: `{{ url }}`, `{% url %}`, `<%= url %>`, `${url}`, `#{url}`. */
const PLACEHOLDER = /\{\{|\{%|<%|[$#]\{/

const unresolvedAs = (url: string) => (PLACEHOLDER.test(url) ? "ignored" : "error")

/** A text that is one URL, but for white space around it. */
export const readUrl = (decoded: Decoded): readonly Reference[] => {
  const url = decoded.text.trim()
  if (!isLocal(url)) return []
  const start = decoded.text.length - decoded.text.trimStart().length
  const place = { start, end: start + url.length, url }
  return embed([{ ...place, kind: "html", unresolved: unresolvedAs(url), write: asItIs }], decoded)
}

/** A text that is a `srcset`. */
export const readSourceSet = (decoded: Decoded): readonly Reference[] =>
  embed(
    candidatesOf(decoded.text)
      .filter(({ url }) => isLocal(url))
      .map((candidate) => ({
        ...candidate,
        kind: "html",
        unresolved: unresolvedAs(candidate.url),
        write: writeCandidate,
      })),
    decoded,
  )
