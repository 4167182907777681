import { type CSSToken, tokenizer, TokenType } from "@csstools/css-tokenizer"
import { isLocal } from "./local-url.ts"
import { MEBIBYTE, type Reference, type ReferenceReader } from "./reference.ts"
import { sourceMapIn, writeSourceMapUrl } from "./source-map-comment.ts"

/** Functions whose first string is a URL. https://drafts.csswg.org/css-values-4/#urls */
const URL_FUNCTIONS: ReadonlySet<string> = new Set(["url", "src"])

/** Functions in which every string directly inside is a URL; those in `type("image/avif")` are not. */
const IMAGE_SETS: ReadonlySet<string> = new Set(["image-set", "-webkit-image-set"])

/**
 * At-rules before whose block nothing is loaded: a namespace is an identifier that looks like a URL, `@document` names
 * pages, and a declaration in `@supports` is only asked about.
 */
const WITHOUT_FILES: ReadonlySet<string> = new Set(["charset", "namespace", "document", "-moz-document", "supports"])

/** What every reference begins with. By an escape any letter of it can be written otherwise. */
const MAY_REFER = /url\(|src\(|image-set\(|@import|sourceMappingURL=|\\/i

/** Characters that have to be escaped or cannot be in `url(…)` without quotes. */
// oxlint-disable-next-line no-control-regex
const NEEDS_QUOTES = /[\s"'()\\<>\u0000-\u001F\u007F]/

const WHITE_SPACE = /[ \t\r\n\f]/

/**
 * The text of a CSS string. `<` and `>` are escaped as well, so that the same text can stand in `<style>` and in CDATA,
 * which `</style` and `]]>` would end.
 */
const quoted = (url: string, quote: string) => {
  const inner = url
    // NUL cannot be escaped in CSS: `\0` is U+FFFD.
    .replaceAll("\0", "%00")
    .replace(/[\\"'\n\r\f<>]/g, (character) => {
      if (character === "\\" || character === quote) return `\\${character}`
      if (character === '"' || character === "'") return character
      return `\\${(character.codePointAt(0) ?? 0).toString(16)} `
    })
  return quote + inner + quote
}

const writeUnquoted = (url: string) => (NEEDS_QUOTES.test(url) ? quoted(url, '"') : url)

/** Whether a backslash takes the special meaning from the character at `index`. */
const isEscaped = (text: string, index: number) => {
  let backslashes = 0
  while (text[index - 1 - backslashes] === "\\") backslashes++
  return backslashes % 2 === 1
}

/** Where the URL itself is in the text of a `url(…)` token without quotes. */
const insideUrlToken = (token: string) => {
  let start = token.indexOf("(") + 1
  // At the end of a file the parenthesis may be missing.
  let end = token.endsWith(")") && !isEscaped(token, token.length - 1) ? token.length - 1 : token.length
  while (start < end && WHITE_SPACE.test(token[start] ?? "")) start++
  while (end > start && WHITE_SPACE.test(token[end - 1] ?? "") && !isEscaped(token, end - 1)) end--
  return { start, end }
}

/** What is known while the tokens go by. */
interface State {
  readonly references: Reference[]
  /** What is open: the name of a function in lower case, or "" for a bracket. */
  readonly open: string[]
  /** The at-rule whose block or semicolon has not come yet, and how much was open at its beginning. */
  rule: { readonly name: string; readonly depth: number } | undefined
  /** In @import: the sheet has not been named yet. */
  importing: boolean
  /** The source map that the comments at the end name. */
  sourceMap: Reference | undefined
}

const add = (state: State, start: number, end: number, url: string, write: Reference["write"]) => {
  const { rule } = state
  // After the sheet an @import has only conditions: `supports(background: url(x))` loads nothing.
  if (rule !== undefined && (WITHOUT_FILES.has(rule.name) || (rule.name === "import" && !state.importing))) return
  state.importing = false
  if (!isLocal(url)) return
  const kind = rule?.name === "import" ? "css-import" : "css-url"
  state.references.push({ start, end, url, kind, unresolved: "error", write })
}

/** A string is a URL as the sheet of an @import, as the first one of `url()` and `src()`, anywhere in `image-set()`. */
const readString = (state: State, start: number, text: string, value: string) => {
  const around = state.open.at(-1) ?? ""
  const first = URL_FUNCTIONS.has(around)
  if (!first && !IMAGE_SETS.has(around) && !(state.importing && state.open.length === state.rule?.depth)) return
  const quote = text.startsWith("'") ? "'" : '"'
  add(state, start, start + text.length, value, (url) => quoted(url, quote))
  // Further strings in `url("x" modifier("y"))` are none.
  if (first) state.open[state.open.length - 1] = ""
}

const readComment = (state: State, start: number, text: string) => {
  const found = sourceMapIn(text.slice(2, -2))
  if (found === undefined) return
  const from = start + 2 + found.offset
  const place = { start: from, end: from + found.url.length, url: found.url }
  state.sourceMap = isLocal(found.url)
    ? { ...place, kind: "source-map", unresolved: "warning", write: writeSourceMapUrl }
    : undefined
}

const close = (state: State) => {
  state.open.pop()
  // The end of the block around ends a rule that has forgotten its semicolon.
  if (state.rule !== undefined && state.open.length < state.rule.depth) state.rule = undefined
}

const readToken = (state: State, token: CSSToken) => {
  const start = token[2]
  switch (token[0]) {
    case TokenType.AtKeyword: {
      const name = token[4].value.toLowerCase()
      state.rule = { name, depth: state.open.length }
      state.importing = name === "import"
      return
    }
    case TokenType.URL: {
      const inside = insideUrlToken(token[1])
      add(state, start + inside.start, start + inside.end, token[4].value, writeUnquoted)
      return
    }
    case TokenType.String:
      readString(state, start, token[1], token[4].value)
      break
    case TokenType.Function:
      state.open.push(token[4].value.toLowerCase())
      return
    case TokenType.OpenParen:
    case TokenType.OpenSquare:
      state.open.push("")
      break
    case TokenType.OpenCurly:
      if (state.open.length === state.rule?.depth) state.rule = undefined
      state.open.push("")
      break
    case TokenType.CloseCurly:
    case TokenType.CloseParen:
    case TokenType.CloseSquare:
      close(state)
      break
    case TokenType.Semicolon:
      if (state.open.length === state.rule?.depth) state.rule = undefined
      break
    default:
  }
  // Anything but a string, `url()` or `src()` in the first place of an @import names no sheet.
  state.importing = false
}

/**
 * Reads CSS: `url()`, `src()`, `image-set()` and `@import` in all their forms, and the source map comment.
 *
 * A `url()` in a custom property (`--logo: url(logo.svg)`) is read as relative to the sheet it is written in. Browsers
 * resolve it where `var()` puts it to use, which is the same sheet or one of the same folder in what works today.
 */
export const cssReader: ReferenceReader = {
  extensions: [".css"],
  mostBytes: 256 * MEBIBYTE,
  mayRefer: (text) => MAY_REFER.test(text),
  read: (text) => {
    const state: State = { references: [], open: [], rule: undefined, importing: false, sourceMap: undefined }
    // One by one: all tokens of a sheet at once take seventy times its size.
    const tokens = tokenizer({ css: text })
    for (let token = tokens.nextToken(); token[0] !== TokenType.EOF; token = tokens.nextToken()) {
      if (token[0] === TokenType.Whitespace) continue
      if (token[0] === TokenType.Comment) {
        readComment(state, token[2], token[1])
        continue
      }
      // Only comments at the very end count. https://tc39.es/ecma426/#sec-CSSExtractSourceMapURL
      state.sourceMap = undefined
      readToken(state, token)
    }
    return state.sourceMap === undefined ? state.references : [...state.references, state.sourceMap]
  },
}
