/** What the crawl tells apart, to count: a kind that is suddenly not found any more must be noticed. */
export type Kind =
  | "css-import"
  | "css-url"
  | "html"
  | "integrity"
  | "js-dynamic-import"
  | "js-import"
  | "js-url"
  | "manifest"
  | "source-map"
  | "svg"

/** A reference as the crawl finds it in a text. */
export interface Found {
  readonly kind: Kind
  /** In UTF-16 code units, without quotes. */
  readonly start: number
  /** Exclusive. */
  readonly end: number
  /** Escapes of the language are undone. Of an integrity, its digests. */
  readonly url: string
}

/** References of a part of a text as references of the whole. */
export function shifted(found: readonly Found[], by: number): Found[] {
  return found.map((each) => ({ ...each, start: each.start + by, end: each.end + by }))
}

/** No other host, no `data:`, and more than a fragment. */
export function isOfTree(url: string): boolean {
  return !/^\s*(?:[a-z][\w+.-]*:|[/\\]{2}|[#?]|$)/i.test(url)
}

/**
 * The comment that names a source map. It is the last thing in a file but for other comments: one with code behind it
 * is a string, or an example.
 */
export function sourceMapIn(text: string): Found[] {
  const at = text.lastIndexOf("sourceMappingURL=")
  if (at === -1 || !/(?:\/\/|\/\*)[#@][ \t]*$/.test(text.slice(Math.max(0, at - 10), at))) return []
  const start = at + "sourceMappingURL=".length
  const [url = ""] = /^[^\s'"`*]*/.exec(text.slice(start))!
  const rest = text.slice(start + url.length)
  if (!/^[ \t]*(?:\*\/)?(?:\s|\/\/.*|\/\*[\s\S]*?\*\/)*$/.test(rest) || !isOfTree(url)) return []
  return [{ kind: "source-map", start, end: start + url.length, url }]
}
