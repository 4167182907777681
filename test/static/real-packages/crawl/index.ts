import { crawlCss } from "./css.ts"
import { type Found, isOfTree } from "./found.ts"
import { crawlJavaScript } from "./javascript.ts"
import { crawlMarkup } from "./markup.ts"

export type { Found, Kind } from "./found.ts"

/**
 * Every reference of a file, in order, or undefined for a file of a kind that has none. Nothing of the package under
 * test is used here, nor the parsers that it uses: what both find was found twice.
 */
export function crawl(name: string, text: string): readonly Found[] | undefined {
  const found = read(name, text)
  return found?.toSorted((one, other) => one.start - other.start)
}

function read(name: string, text: string): Found[] | undefined {
  switch (name.slice(name.lastIndexOf(".")).toLowerCase()) {
    case ".css":
      return crawlCss(text)
    case ".js":
    case ".mjs":
    case ".cjs":
      return crawlJavaScript(text)
    case ".html":
    case ".htm":
      return crawlMarkup(text, "html")
    case ".svg":
      return crawlMarkup(text, "svg")
    case ".webmanifest":
      return crawlManifest(text)
    default:
      return undefined
  }
}

/** `"src"` is the URL of every picture in it. */
function crawlManifest(text: string): Found[] {
  return [...text.matchAll(/(?<="src"\s*:\s*")[^"]*(?=")/g)]
    .map(({ 0: url, index }) => ({ kind: "manifest" as const, start: index, end: index + url.length, url }))
    .filter(({ url }) => isOfTree(url))
}
