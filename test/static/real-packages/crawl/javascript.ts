import { type Argument, type Expression, type MemberExpression, parseSync, Visitor } from "oxc-parser"
import { type Found, isOfTree, type Kind, sourceMapIn } from "./found.ts"

/** A specifier that begins otherwise is bare. */
const RELATIVE = /^\.{0,2}\//

/** A string without escapes, or a template without expressions: between its quotes. */
const LITERAL = /^(?:"([^"\\]*)"|'([^'\\]*)'|`([^`\\$]*)`)$/

/** References of a script or module: imports, `new URL(…, import.meta.url)`, `importScripts()`, the source map. */
export function crawlJavaScript(text: string): Found[] {
  const found = /\bimport(?:Scripts)?\b|\bexport\b/.test(text) ? crawlCode(text) : []
  return [...found, ...sourceMapIn(text)].toSorted((one, other) => one.start - other.start)
}

function crawlCode(text: string): Found[] {
  const result = parseSync("script.js", text, { sourceType: "unambiguous" })
  const { module } = result
  const found: Found[] = []
  const add = (kind: Kind, { start, end }: { start: number; end: number }) => {
    const match = LITERAL.exec(text.slice(start, end))
    const url = match?.[1] ?? match?.[2] ?? match?.[3]
    if (url === undefined || !isOfTree(url)) return
    // What is no import is read by the rules of URLs. One of a folder names no file: `new URL("./", import.meta.url)`.
    if (kind === "js-url" ? !/(?:^|\/)\.{0,2}$/.test(url) : RELATIVE.test(url)) {
      found.push({ kind, start: start + 1, end: end - 1, url })
    }
  }
  const imports = module.staticImports.map(({ moduleRequest }) => moduleRequest)
  const exports = module.staticExports.flatMap(({ entries }) => entries.flatMap((entry) => entry.moduleRequest ?? []))
  // Each name of a re-export tells its module again.
  const specifiers = new Map([...imports, ...exports].map((request) => [request.start, request]))
  for (const request of specifiers.values()) add("js-import", request)
  for (const { moduleRequest } of module.dynamicImports) add("js-dynamic-import", moduleRequest)
  // The tree costs much, and most scripts have nothing in it to find.
  if (module.importMetas.length > 0 || /\bimportScripts\s*\(/.test(text)) {
    new Visitor({
      NewExpression: ({ callee, arguments: [first, base] }) => {
        if (first && nameOf(callee) === "URL" && isOfMeta(base, "url")) add("js-url", first)
      },
      CallExpression: ({ callee, arguments: given }) => {
        const isRead = nameOf(callee) === "importScripts" || isOfMeta(callee, "resolve")
        if (isRead) for (const each of given) add("js-url", each)
      },
    }).visit(result.program)
  }
  return found
}

/** The name at the end: `URL` of `URL` and of `self.URL`. */
function nameOf(callee: Expression): string | undefined {
  if (callee.type === "Identifier") return callee.name
  return callee.type === "MemberExpression" ? propertyOf(callee) : undefined
}

function propertyOf({ computed, property }: MemberExpression): string | undefined {
  return !computed && property.type === "Identifier" ? property.name : undefined
}

/** `import.meta.<name>` */
function isOfMeta(node: Argument | undefined, name: string): boolean {
  return node?.type === "MemberExpression" && node.object.type === "MetaProperty" && propertyOf(node) === name
}
