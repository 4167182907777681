/** An element that has ended. */
export interface XmlElement {
  /** The names from the root to it. Valid until the next element is asked for. */
  readonly path: readonly string[]
  /** Its own text, between its beginning and its end; that of elements within it is not part of it. */
  readonly text: string
}

/**
 * The elements of a document, in the order in which they end. For what S3 answers with: no attributes are told, and a
 * prefix is part of a name. @throws Error for text that is no whole document
 */
export function* elements(xml: string): Generator<XmlElement, void, undefined> {
  const path: string[] = []
  const element = { path: path as readonly string[], text: "" }
  let text = ""
  for (let at = 0; ;) {
    const open = xml.indexOf("<", at)
    if (open === -1) break
    if (path.length > 0 && open > at) text += decoded(xml.slice(at, open))
    if (xml.startsWith("<![CDATA[", open)) {
      const end = endOf(xml, "]]>", open)
      text += xml.slice(open + 9, end)
      at = end + 3
      continue
    }
    if (xml.startsWith("<!--", open)) {
      at = endOf(xml, "-->", open) + 3
      continue
    }
    const close = endOf(xml, ">", open)
    at = close + 1
    const first = xml.charCodeAt(open + 1)
    if (first === QUESTION_MARK || first === EXCLAMATION_MARK) continue
    if (first === SLASH) {
      if (xml.slice(open + 2, close).trimEnd() !== path.at(-1)) throw malformed()
      element.text = text
      yield element
      path.pop()
      text = ""
      continue
    }
    const empty = xml.charCodeAt(close - 1) === SLASH
    path.push(nameIn(xml, open + 1, empty ? close - 1 : close))
    text = ""
    if (!empty) continue
    element.text = ""
    yield element
    path.pop()
  }
  if (path.length > 0 || !xml.includes("<")) throw malformed()
}

const [QUESTION_MARK, EXCLAMATION_MARK, SLASH] = [0x3f, 0x21, 0x2f]

function endOf(xml: string, what: string, from: number): number {
  const end = xml.indexOf(what, from)
  if (end === -1) throw malformed()
  return end
}

/** Attributes are behind a space. */
function nameIn(xml: string, start: number, end: number): string {
  const tag = xml.slice(start, end)
  const space = tag.search(/\s/)
  return space === -1 ? tag : tag.slice(0, space)
}

function malformed(): Error {
  return new Error("The service's answer is no whole XML document.")
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" }

function decoded(text: string): string {
  if (!text.includes("&")) return text
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex: string, decimal: string, name: string) => {
    if (name) return ENTITIES[name] ?? whole
    return String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal))
  })
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\r": "&#x0D;",
  "\n": "&#x0A;",
  "\u0085": "&#x85;",
  "\u2028": "&#x2028;",
}

/** As the text of an element. */
export function escaped(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return /[&<>"\r\n\u0085\u2028]/.test(text) ? text.replace(/[&<>"\r\n\u0085\u2028]/g, (each) => ESCAPES[each]!) : text
}
