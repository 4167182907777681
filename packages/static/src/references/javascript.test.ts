import { readFileSync } from "node:fs"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { javaScriptReader } from "./javascript.ts"
import { replaceAll, urlsIn } from "./testing/replace.ts"
import { nastyUrl } from "./testing/urls.ts"

const bootstrap = (name: string) =>
  readFileSync(
    new URL(`../../../../docs/examples/demo/node_modules/bootstrap/dist/js/${name}`, import.meta.url),
    "utf8",
  )

const FOUND: readonly (readonly [code: string, urls: readonly string[]])[] = [
  ['import a from "./a.js"', ["./a.js"]],
  ["import'../a.js'", ["../a.js"]],
  ['import{a as b}from"/a.js";import*as c from"./c.js"', ["/a.js", "./c.js"]],
  ['import a from "./a.json" with { type: "json" }', ["./a.json"]],
  ['export*from"./a.js";export{b}from"./b.js";export * as c from "./c.js"', ["./a.js", "./b.js", "./c.js"]],
  ['import a from "./\\x61.js"', ["./a.js"]],
  ['import "bare"; import "@scope/bare"; import "#private"; import "https://h/x.js"; import "//h/x.js"', []],
  ["\uFEFFimport './a.js'", ["./a.js"]],
  ["#!/usr/bin/env node\nimport './a.js'", ["./a.js"]],
  ['import("./a.js")', ["./a.js"]],
  ["import(`./a.js`)", ["./a.js"]],
  ['import(/* webpackChunkName: "x" */ "./a.js" /* y */)', ["./a.js"]],
  ['import("./a.json", { with: { type: "json" } })', ["./a.json"]],
  ['import("./a.js",)', ["./a.js"]],
  ['import(("./a.js"))', ["./a.js"]],
  ["import(`./${x}.js`)", []],
  ['import("./" + x)', []],
  ['import(x ? "./a.js" : "./b.js")', []],
  ['import("bare")', []],
  ['a.import("./a.js"); class A { import(a) {} }', []],
  ['// import "./a.js"\n/* import("./b.js") */', []],
  ['"import(\'./a.js\')"; `import("./b.js")`; /import("\\.\\/c.js")/.test(x)', []],
  ['`${import("./a.js")}`', ["./a.js"]],
  ['new URL("./a.png", import.meta.url)', ["./a.png"]],
  ["new URL('a.png',import.meta.url).href", ["a.png"]],
  ["new window.URL(`a.png`, import.meta.url)", ["a.png"]],
  ['new URL("./a.png?x#y", import.meta.url)', ["./a.png?x#y"]],
  ['new Worker(new URL("./w.js", import.meta.url), { type: "module" })', ["./w.js"]],
  ['new SharedWorker(new URL("./w.js", import.meta.url))', ["./w.js"]],
  ['navigator.serviceWorker.register(new URL("../sw.js", import.meta.url))', ["../sw.js"]],
  ['new Worker("./w.js")', []],
  ['new URL("./a.png", document.baseURI); import.meta.url', []],
  ['new URL("./", import.meta.url); new URL("..", import.meta.url); new URL(".", import.meta.url)', []],
  ['new URL("https://h/x", import.meta.url); new URL(x, import.meta.url); new URL("./" + x, import.meta.url)', []],
  ['import.meta.resolve("./a.js"); import.meta.resolve("bare")', ["./a.js"]],
  ["\"new URL('./a.png', import.meta.url)\"; import.meta.url", []],
  ['importScripts("./a.js", "b.js")', ["./a.js", "b.js"]],
  ["self.importScripts('/a.js');importScripts(x)", ["/a.js"]],
  ["with (a) { importScripts('a.js') }", ["a.js"]],
  ["importScripts(f(x), 'a.js')", ["a.js"]],
  ["const code = `importScripts('${url}')`", []],
  ["importScripts('${url}')", []],
  ["let a; let a; export { gone }; new URL('b.png', import.meta.url)", ["b.png"]],
  ["importScripts\n/* ) */\n?.(/* ) */ `a.js`)", ["a.js"]],
  ["typeof importScripts == 'function' && importScripts(x, y(z)), ('no.js')", []],
  ["typeof importScripts == 'function' ? importScripts('a.js') : 0", ["a.js"]],
  ['import "./a.js"; import.meta.url; let x = <div/>', ["./a.js"]],
  ['import "./a.js"; }', []],
  ["a()\n//# sourceMappingURL=a.js.map", ["a.js.map"]],
  ["a() //# sourceMappingURL=a.js.map\n// end\n\n", ["a.js.map"]],
  ["a()\r\n//@ sourceMappingURL=a.js.map\r\n", ["a.js.map"]],
  ["a()\n/*# sourceMappingURL=a.js.map */", ["a.js.map"]],
  ["//# sourceMappingURL=a.js.map\na()", []],
  ["//# sourceMappingURL=a.js.map\n//# sourceMappingURL=b.js.map", ["b.js.map"]],
  ["a()\n//# sourceMappingURL=data:application/json;base64,e30=", []],
  ["a()\n//# sourceMappingURL=HTTPS://h/a.map", []],
  ['"//# sourceMappingURL=a.js.map"', []],
  ["`\n//# sourceMappingURL=a.js.map\n`", []],
]

describe("javaScriptReader", () => {
  test.each(FOUND)("reads in %j the references %j", (code, urls) => {
    expect(urlsIn(javaScriptReader, code)).toEqual(urls)
  })

  test.each([
    [
      'import a from "./a.json" with { type: "json" }',
      'import a from "./b\\"\'.json" with { type: "json" }',
      "./b\"'.json",
    ],
    ["import'./a.js'", "import'./b\"\\'.js'", "./b\"'.js"],
    ["import(/* a */ `./a.js`, {})", "import(/* a */ `./\\`\\${x}\\\\`, {})", "./`${x}\\"],
    ["import './a.js'", "import './\\u2028\\n$\\x3C/script>'", "./\u2028\n$</script>"],
    ["a()\n//# sourceMappingURL=a.map\n", "a()\n//# sourceMappingURL=b%20c.map\n", "b c.map"],
    ["\uFEFFimport './a.js'", "\uFEFFimport './b.js'", "./b.js"],
  ])("turns %j into %j", (before, after, url) => {
    expect(replaceAll(before, javaScriptReader.read(before), () => url)).toBe(after)
  })

  test("tells what a module loads by itself from what it may load later", () => {
    const code = 'import "./a.js";import("./b.js");new URL("./c",import.meta.url)\n//# sourceMappingURL=a.map'
    expect(javaScriptReader.read(code).map(({ kind, unresolved }) => [kind, unresolved])).toEqual([
      ["js-import", "error"],
      ["js-dynamic-import", "error"],
      ["js-url", "error"],
      ["source-map", "warning"],
    ])
  })

  test.each([
    ["bootstrap.js", ["bootstrap.js.map"]],
    ["bootstrap.min.js", ["bootstrap.min.js.map"]],
    ["bootstrap.esm.js", ["bootstrap.esm.js.map"]],
    ["bootstrap.esm.min.js", ["bootstrap.esm.min.js.map"]],
    ["bootstrap.bundle.min.js", ["bootstrap.bundle.min.js.map"]],
  ])("finds in %s no file but the source map, since its only import is bare", (name, urls) => {
    expect(urlsIn(javaScriptReader, bootstrap(name))).toEqual(urls)
  })

  const around = fc.constantFrom(
    '// import "./no.js"\n',
    "const s = \"import('./no.js')\";",
    "const r = /import('.\\/no')/g;",
    ";x = a / b / c;\r\n",
    "const t = `é😀 ${`import './no.js'`}`;",
    "function f(){return/[/]'/}\n",
  )
  const reference = fc.tuple(
    fc.constantFrom(
      (url: string) => `import "${url}";`,
      (url: string) => `import'${url}';`,
      (url: string) => `export*from"${url}";`,
      (url: string) => `import(\`${url}\`);`,
      (url: string) => `new URL('${url}',import.meta.url);`,
      (url: string) => `import.meta.resolve("${url}");`,
    ),
    fc.constantFrom("./a.js", "../b/c.js", "/d.js?e#f"),
  )

  test("finds exactly the references of any module, and each new URL is read back as it was written", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(around, reference), { maxLength: 6 }), nastyUrl, (parts, url) => {
        const unique = parts.map(([before, [write, target]]) => `{${before}}\n${write(target)}`).join("\n")
        expect(urlsIn(javaScriptReader, unique)).toEqual(parts.map(([, [, target]]) => target))
        const replaced = replaceAll(unique, javaScriptReader.read(unique), () => url)
        expect(urlsIn(javaScriptReader, replaced)).toEqual(parts.map(() => url))
        let index = 0
        const originals = parts.map(([, [, target]]) => target)
        expect(replaceAll(replaced, javaScriptReader.read(replaced), () => originals[index++] ?? "")).toBe(unique)
      }),
    )
  })

  test("never throws", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(() => javaScriptReader.read(`import.meta;${text}`)).not.toThrow()
      }),
    )
  })

  test("reads code that is nested deeper than any parser can follow", () => {
    const code = `import "./a.js";import.meta.url;x=${"(".repeat(50_000)}1${")".repeat(50_000)}`
    expect(() => javaScriptReader.read(code)).not.toThrow()
  })

  test("reads code that ends with 50,000 lines of comments at the cost of reading them once", () => {
    const code = `import "./a.js"\nexport const b = 1\n${"// a line\n".repeat(50_000)}`
    const before = process.cpuUsage()
    expect(urlsIn(javaScriptReader, code)).toEqual(["./a.js"])
    expect(process.cpuUsage(before).user).toBeLessThan(1_000_000)
  })
})
