import { type AnyNode, type Options, Parser, type Program } from "acorn"
import { full } from "acorn-walk"
// The build without WebAssembly needs no initialisation, so that reading is synchronous.
import { type Import, parse as parseImports } from "es-module-lexer/js"
import { isLocal, splitUrl } from "./local-url.ts"
import { MEBIBYTE, type Reference, type ReferenceReader } from "./reference.ts"
import { sourceMapIn, writeSourceMapUrl } from "./source-map-comment.ts"

/** Scripts of every kind are read, so whatever some kind allows is allowed. */
const LENIENT: Options = {
  ecmaVersion: "latest",
  allowHashBang: true,
  allowReturnOutsideFunction: true,
  allowAwaitOutsideFunction: true,
  allowImportExportEverywhere: true,
  allowSuperOutsideMethod: true,
  checkPrivateFields: false,
}

/**
 * Without the search for names that are declared twice, which is not of interest here, and which takes the square of the
 * number of declarations: minutes for a large module.
 */
class LenientParser extends Parser {
  declareName(): void {}
  checkLocalExport(): void {}
}

/** Keywords have no escapes, as the name of a function (`importScripts`) may. */
const MAY_REFER = /import|export|sourceMappingURL=|\\u/

/** A specifier that begins otherwise is bare: an import map or a bundler says what it is. */
const RELATIVE = /^(?:\.{1,2})?\//

const ESCAPES: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
  "\\": "\\\\",
  // `</script` and `<!--` would end or change an inline script.
  "<": "\\x3C",
}

/** The inner text of a string or a template literal with this quote. */
const escaped = (url: string, quote: string) =>
  url.replace(/[\\\n\r\u2028\u2029<"'`]|\$(?=\{)/g, (character) => {
    if (character === "$") return quote === "`" ? "\\$" : "$"
    if (character === '"' || character === "'" || character === "`") {
      return character === quote ? `\\${character}` : character
    }
    return ESCAPES[character] ?? character
  })

/** A string literal: where the text between its quotes is, and its value. */
interface Literal {
  readonly start: number
  readonly end: number
  readonly quote: string
  readonly value: string
}

/** The literal that a node is, if it is one without expressions. */
const literalOf = (node: AnyNode | undefined, text: string, shift = 0): Literal | undefined => {
  if (node === undefined) return undefined
  const place = { start: node.start + shift + 1, end: node.end + shift - 1, quote: text[node.start + shift] ?? "" }
  if (node.type === "Literal" && typeof node.value === "string") return { ...place, value: node.value }
  const value = node.type === "TemplateLiteral" && node.expressions.length === 0 ? node.quasis[0]?.value.cooked : null
  return typeof value === "string" ? { ...place, value } : undefined
}

const referenceTo = ({ start, end, quote, value }: Literal, kind: string): Reference => ({
  start,
  end,
  url: value,
  kind,
  unresolved: "error",
  write: (url) => escaped(url, quote),
})

/** A reference by the rules of module specifiers: relative, or nothing. */
const specifier = (literal: Literal | undefined, kind: string) =>
  literal !== undefined && RELATIVE.test(literal.value) && isLocal(literal.value) ? [referenceTo(literal, kind)] : []

/**
 * A reference by the rules of URLs: `worker.js` is as relative as `./worker.js`. `new URL(".", import.meta.url)` is the
 * folder that the script is in: no file.
 */
const address = (literal: Literal | undefined) =>
  literal !== undefined &&
  isLocal(literal.value) &&
  !literal.value.startsWith("${") &&
  !/(?:^|\/)\.{0,2}$/.test(splitUrl(literal.value).path)
    ? [referenceTo(literal, "js-url")]
    : []

/** The argument of a dynamic import, which may be any expression. */
const dynamicArgument = (text: string, start: number, end: number) => {
  try {
    return literalOf(LenientParser.parseExpressionAt(text.slice(start, end), 0, LENIENT), text, start)
  } catch {
    return undefined
  }
}

const readImport = (text: string, found: Import): readonly Reference[] => {
  if (found.type === "import-meta") return []
  if (found.type === "dynamic") {
    return specifier(dynamicArgument(text, found.start, found.end), "js-dynamic-import")
  }
  if (found.typeOnly) return []
  const quote = text[found.start - 1] ?? '"'
  return specifier({ start: found.start, end: found.end, quote, value: found.specifier }, "js-import")
}

const parsed = (text: string): Program | undefined => {
  for (const sourceType of ["module", "script"] as const) {
    try {
      return LenientParser.parse(text, { ...LENIENT, sourceType })
    } catch {
      // Sloppy scripts are no modules (`with`, octal numbers), and what is neither has no references to tell.
    }
  }
  return undefined
}

const isImportMeta = (node: AnyNode) => node.type === "MetaProperty" && node.meta.name === "import"

/** The last name of `URL`, `window.URL`, `self.importScripts`. */
const calledName = (node: AnyNode): string | undefined => {
  if (node.type === "Identifier") return node.name
  if (node.type !== "MemberExpression" || node.computed || node.object.type !== "Identifier") return undefined
  if (!["window", "self", "globalThis"].includes(node.object.name)) return undefined
  return node.property.type === "Identifier" ? node.property.name : undefined
}

/** `import.meta.<name>` */
const isMember = (node: AnyNode | undefined, name: string) =>
  node?.type === "MemberExpression" &&
  !node.computed &&
  isImportMeta(node.object) &&
  node.property.type === "Identifier" &&
  node.property.name === name

const readNode = (text: string, node: AnyNode): readonly Reference[] => {
  if (node.type === "NewExpression") {
    const [first, base] = node.arguments
    return calledName(node.callee) === "URL" && isMember(base, "url") ? address(literalOf(first, text)) : []
  }
  if (node.type !== "CallExpression") return []
  if (isMember(node.callee, "resolve")) return specifier(literalOf(node.arguments[0], text), "js-url")
  // Relative to the script that the worker was started with, which is this one when it is a worker of its own.
  if (calledName(node.callee) !== "importScripts") return []
  return node.arguments.flatMap((argument) => address(literalOf(argument, text)))
}

const readImportNode = (text: string, node: AnyNode): readonly Reference[] => {
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportAllDeclaration":
    case "ExportNamedDeclaration":
      return specifier(literalOf(node.source ?? undefined, text), "js-import")
    case "ImportExpression":
      return specifier(literalOf(node.source, text), "js-dynamic-import")
    default:
      return []
  }
}

const readTree = (text: string, readers: readonly ((text: string, node: AnyNode) => readonly Reference[])[]) => {
  const program = parsed(text)
  const references: Reference[] = []
  if (program === undefined) return references
  try {
    full(program, (node) => {
      for (const read of readers) references.push(...read(text, node))
    })
  } catch {
    // Code that is nested deeper than the stack, which generators make: what has been found until then counts.
  }
  return references
}

/**
 * Whether a call has a literal in its arguments, or may have one: `index` is behind the name that is called. Up to the
 * first quote or slash there are no strings and no comments. What a string holds of a template names no file.
 */
const mayHaveLiteral = (text: string, index: number) => {
  let open = 0
  for (let at = index; at < text.length; at++) {
    const character = text[at] ?? ""
    if (/["'`/]/.test(character)) return !text.startsWith("${", at + 1)
    if (character === "(") open++
    else if (character === ")") open--
    else if (open === 0 && !/[\s?.]/.test(character)) return false
    if (character === ")" && open <= 0) return false
  }
  return false
}

const IMPORT_SCRIPTS = "importScripts"

/** Most code that names it asks only whether it is there, and is large: compilers and decoders for workers. */
const mayImportScripts = (text: string) => {
  for (let at = text.indexOf(IMPORT_SCRIPTS); at !== -1; at = text.indexOf(IMPORT_SCRIPTS, at + 1)) {
    if (mayHaveLiteral(text, at + IMPORT_SCRIPTS.length)) return true
  }
  return false
}

/** The lexer is many times faster than a parser, which is asked only where it has something to find. */
const readCode = (text: string) => {
  let imports: readonly Import[]
  try {
    // A statement at the end, since the lexer takes the square of the comments between an export and the end of a text.
    imports = parseImports(`${text}\n;`)[0]
  } catch {
    return readTree(text, [readNode, readImportNode])
  }
  const references = imports.flatMap((found) => readImport(text, found))
  if (mayImportScripts(text) || imports.some(({ type }) => type === "import-meta")) {
    references.push(...readTree(text, [readNode]))
  }
  return references
}

/** What a line says about the source map: the place of its URL, that there is none, or nothing (blank, other comments). */
type LineFinding = { readonly url: string; readonly offset: number } | "none" | "silent"

/** One line by https://tc39.es/ecma426/#sec-JavaScriptExtractSourceMapURL, the way without a parser. */
const sourceMapInLine = (line: string): LineFinding => {
  let finding: LineFinding = "silent"
  let index = 0
  while (index < line.length) {
    const start = index + 2
    const opening = line.slice(index, start)
    if (opening === "//" || opening === "/*") {
      const close = opening === "//" ? -1 : line.indexOf("*/", start)
      const end = close === -1 ? line.length : close
      const found = sourceMapIn(line.slice(start, end))
      if (found !== undefined) finding = { url: found.url, offset: start + found.offset }
      index = end + (close === -1 ? 0 : 2)
      continue
    }
    if (!/\s/.test(line[index] ?? "")) finding = "none"
    index++
  }
  return finding
}

const isLineEnd = (character: string | undefined) =>
  character === "\n" || character === "\r" || character === "\u2028" || character === "\u2029"

/** From the last line upwards: code after a comment makes it an ordinary one. */
const readSourceMap = (text: string): readonly Reference[] => {
  if (!text.includes("sourceMappingURL=")) return []
  let end = text.length
  for (;;) {
    let begin = end
    while (begin > 0 && !isLineEnd(text[begin - 1])) begin--
    const finding = sourceMapInLine(text.slice(begin, end))
    if (finding === "none" || (finding === "silent" && begin === 0)) return []
    if (finding !== "silent") {
      const start = begin + finding.offset
      const place = { start, end: start + finding.url.length, url: finding.url }
      if (!isLocal(finding.url)) return []
      return [{ ...place, kind: "source-map", unresolved: "warning", write: writeSourceMapUrl }]
    }
    end = begin - 1
  }
}

/**
 * Reads JavaScript, modules and classic scripts: imports and re-exports, dynamic ones with a literal, `new URL()` and
 * `resolve()` of `import.meta`, `importScripts()`, and the source map comment. `new Worker("x.js")` is relative to the
 * page, not to the script, and is left alone.
 */
export const javaScriptReader: ReferenceReader = {
  extensions: [".js", ".mjs", ".cjs"],
  mostBytes: 256 * MEBIBYTE,
  mayRefer: (text) => MAY_REFER.test(text),
  read: (text) => {
    // The lexer stumbles over a byte order mark. A blank in its place keeps all offsets.
    const code = text.startsWith("\uFEFF") ? ` ${text.slice(1)}` : text
    const references = [...readCode(code), ...readSourceMap(code)]
    return references.toSorted((one, other) => one.start - other.start)
  },
}
