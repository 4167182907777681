import type { DetectedType } from "./detect-type.ts"

const HTML: DetectedType = { type: "text/html", extension: "html", active: true }
const XHTML: DetectedType = { type: "application/xhtml+xml", extension: "xhtml", active: true }
const SVG: DetectedType = { type: "image/svg+xml", extension: "svg", active: true }
const XML: DetectedType = { type: "application/xml", extension: "xml", active: true }

/**
 * What a browser takes for HTML by its beginning (WHATWG MIME Sniffing, section 7.1), and the elements besides that
 * run scripts in it. A tag ends with a space or `>`; a line break or a slash also ends one for HTML parsers.
 */
const HTML_BEGINNING =
  /^<(?:!doctype\s+html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|img|video|audio|object|embed|form|input|link|meta|base|frameset|math|template)(?=[\s>/])|^<!--/i

/** The type of a text that begins as HTML, SVG or another XML does, or undefined. */
export function markupType(text: string): DetectedType | undefined {
  const trimmed = text.replace(/^[\uFEFF\s]+/, "")
  if (!trimmed.startsWith("<")) return undefined
  const root = rootOf(trimmed)
  if (/^<(?:[\w.-]+:)?svg(?=[\s>/])/i.test(root)) return SVG
  if (/^<\?xml(?=[\s?])/.test(trimmed)) {
    return /^<(?:[\w.-]+:)?html(?=[\s>/])/i.test(root) ? XHTML : XML
  }
  if (HTML_BEGINNING.test(trimmed) || HTML_BEGINNING.test(root)) return HTML
  // Without a declaration it is XML all the same where a namespace is declared.
  if (/^<[A-Za-z_][\w.:-]*\s[^>]*\bxmlns(?::[\w.-]+)?=/.test(root.slice(0, 1000))) return XML
  return undefined
}

/** The text from its root element on: behind declarations, comments, instructions and a document type. */
function rootOf(text: string): string {
  let start = 0
  for (;;) {
    while (/\s/.test(text.charAt(start))) start++
    const end = endOfProlog(text, start)
    if (end === undefined) return text.slice(start)
    start = end
  }
}

/** Where the construct ends that begins here, or undefined where it is an element, or has no end. */
function endOfProlog(text: string, start: number): number | undefined {
  if (text.startsWith("<?", start)) return behind(text, "?>", start)
  if (text.startsWith("<!--", start)) return behind(text, "-->", start)
  if (!/^<!doctype/i.test(text.slice(start, start + 9))) return undefined
  const subset = text.indexOf("[", start)
  const end = text.indexOf(">", start)
  return subset !== -1 && subset < end ? behind(text, ">", text.indexOf("]", subset)) : behind(text, ">", start)
}

function behind(text: string, what: string, start: number): number | undefined {
  const found = start === -1 ? -1 : text.indexOf(what, start)
  return found === -1 ? undefined : found + what.length
}
