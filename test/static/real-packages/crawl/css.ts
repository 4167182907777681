import { type Found, isOfTree, sourceMapIn } from "./found.ts"

const TOKEN = new RegExp(
  [
    String.raw`\/\*[\s\S]*?(?:\*\/|$)`,
    String.raw`@(?<rule>[\w-]+)`,
    String.raw`url\(\s*(?<bare>(?:\\[\s\S]|[^\\"'()\s])+)\s*\)`,
    // Without quotes, with a character that only quotes allow: no URL, up to the parenthesis.
    String.raw`url\(\s*[^"'\s)][^)]*\)`,
    String.raw`(?<call>[\w-]*)\(`,
    String.raw`"(?<double>(?:\\[\s\S]|[^\\"\n])*)"`,
    String.raw`'(?<single>(?:\\[\s\S]|[^\\'\n])*)'`,
    String.raw`[);{]`,
  ].join("|"),
  "gi",
)

/** At-rules in which nothing is loaded, up to their semicolon or block. */
const WITHOUT_FILES = new Set(["charset", "namespace", "supports"])

const URL_CALLS = new Set(["url", "src", "image-set", "-webkit-image-set"])

/** References of a style sheet: `url()`, `src()`, `image-set()`, `@import`, the source map. */
export function crawlCss(text: string): Found[] {
  const found: Found[] = []
  const calls: string[] = []
  let rule = ""
  for (const match of text.matchAll(TOKEN)) {
    const [token] = match
    const { rule: name, bare, call, double, single } = match.groups!
    if (name !== undefined) rule = name.toLowerCase()
    else if (token === ";" || token === "{") rule = ""
    else if (token === ")") calls.pop()
    else if (call !== undefined) calls.push(call.toLowerCase())
    const written = bare ?? double ?? single
    if (written === undefined || WITHOUT_FILES.has(rule)) continue
    if (bare === undefined && rule !== "import" && !URL_CALLS.has(calls.at(-1) ?? "")) continue
    const start = match.index + token.indexOf(written, bare === undefined ? 1 : "url(".length)
    const url = unescaped(written)
    if (isOfTree(url)) {
      found.push({ kind: rule === "import" ? "css-import" : "css-url", start, end: start + written.length, url })
    }
    // What follows the sheet of an @import are conditions.
    if (rule === "import") rule = "supports"
  }
  return [...found, ...sourceMapIn(text)]
}

function unescaped(text: string): string {
  return text.replace(/\\(?:([\da-f]{1,6})\s?|\n|([\s\S]))/gi, (_, hex?: string, character?: string) =>
    hex === undefined ? (character ?? "") : String.fromCodePoint(Number.parseInt(hex, 16)),
  )
}
