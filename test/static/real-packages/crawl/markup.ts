import { crawlCss } from "./css.ts"
import { type Found, isOfTree, type Kind, shifted } from "./found.ts"
import { crawlJavaScript } from "./javascript.ts"

/** A comment; an element with raw text; another tag, or `<?xml-stylesheet?>`. Attributes may hold ">" between quotes. */
const PIECE =
  /<!--[\s\S]*?-->|<(?<raw>script|style)\b(?<before>(?:"[^"]*"|'[^']*'|[^>"'])*)>(?<content>[\s\S]*?)<\/\k<raw>\s*>|<(?<tag>\??[a-z][\w:-]*)(?<inside>(?:"[^"]*"|'[^']*'|[^>"'])*)>/gi

const ATTRIBUTE =
  /(?<=[\s"'/])(?<name>[a-z][\w:.-]*)\s*=\s*(?:"(?<double>[^"]*)"|'(?<single>[^']*)'|(?<bare>[^\s"'>]+))/gi

/** What names a page and not a file of it. */
const PAGES = new Set(["a", "area", "base", "form", "iframe"])

const LINKS = /(?:^|\s)(?:stylesheet|icon|apple-touch-icon|mask-icon|manifest|preload|modulepreload)(?:\s|$)/i

/** Of a tag: each attribute's text and where it begins. */
interface Attribute {
  readonly start: number
  readonly raw: string
}

/** References of a page, or of a picture in SVG. */
export function crawlMarkup(text: string, kind: "html" | "svg"): Found[] {
  const found: Found[] = []
  for (const match of text.matchAll(PIECE)) {
    const { raw, before, content, tag, inside } = match.groups!
    const name = (raw ?? tag)?.toLowerCase()
    if (name === undefined) continue
    const written = before ?? inside ?? ""
    const attributes = attributesOf(written, match.index + 1 + name.length)
    found.push(...crawlAttributes(name, attributes, kind))
    if (content === undefined) continue
    const at = match.index + 1 + name.length + written.length + 1
    if (name === "style") found.push(...shifted(crawlCss(content), at))
    else found.push(...shifted(crawlScript(content, attributes.get("type")?.raw.toLowerCase() ?? ""), at))
  }
  return found
}

function attributesOf(text: string, at: number): Map<string, Attribute> {
  const attributes = new Map<string, Attribute>()
  for (const match of text.matchAll(ATTRIBUTE)) {
    const { name, double, single, bare } = match.groups!
    const raw = double ?? single ?? bare ?? ""
    const start = at + match.index + match[0].length - raw.length - (bare === undefined ? 1 : 0)
    attributes.set(name!.toLowerCase(), { start, raw })
  }
  return attributes
}

function crawlAttributes(tag: string, attributes: ReadonlyMap<string, Attribute>, kind: Kind): Found[] {
  const found: Found[] = []
  const add = (start: number, raw: string) => {
    const url = decoded(raw)
    if (isOfTree(url)) found.push({ kind, start, end: start + raw.length, url })
  }
  for (const [name, { start, raw }] of attributes) {
    const isLink = tag !== "link" || LINKS.test(attributes.get("rel")?.raw ?? "")
    if (/^(?:src|href|xlink:href|poster|data)$/.test(name) && isLink && !PAGES.has(tag)) add(start, raw)
    if (name === "integrity") found.push({ kind: "integrity", start, end: start + raw.length, url: raw })
    if (name === "srcset" || name === "imagesrcset") {
      for (const { 0: url, index } of raw.matchAll(/(?<=^\s*|,\s+|,)[^\s,]\S*[^\s,]/g)) add(start + index, url)
    }
    if (name === "style" || (kind === "svg" && /\burl\(/.test(raw))) found.push(...shifted(crawlCss(raw), start))
  }
  return found
}

function crawlScript(content: string, type: string): Found[] {
  if (type === "importmap") {
    // Addresses, also as keys. One that ends in a slash maps a folder.
    return [...content.matchAll(/(?<=")(?:\.{0,2}\/[^"]*[^"/]|(?<digest>sha\d+-[^"]*))(?=")/g)].map((match) => {
      const kind = match.groups!["digest"] === undefined ? "html" : "integrity"
      return { kind, start: match.index, end: match.index + match[0].length, url: match[0] }
    })
  }
  return /^(?:|module|(?:text|application)\/(?:java|ecma)script)$/.test(type) ? crawlJavaScript(content) : []
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" }

function decoded(raw: string): string {
  return raw.replace(/&(?:#(\d+)|#x([\da-f]+)|([a-z]+));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return ENTITIES[name] ?? whole
    return String.fromCodePoint(decimal === undefined ? Number.parseInt(hex!, 16) : Number(decimal))
  })
}
