import { globSync, readFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const exclude = ["**/node_modules/**", "**/dist/**"]

/** Source text without comments, strings and template texts: what is left is code. */
function codeOf(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g, "")
}

function importsOf(source: string): string[] {
  return [
    ...source.matchAll(/^(?:import|export)\b(?!\s+type\b)[^"'\n;]*?(?:\{[^}]*\}[^"'\n;]*?)?["']([^"']+)["']/gm),
  ].map((match) => match[1]!)
}

/** Whether a source uses the name Storage and has neither imported nor declared it. */
function forgetsStorage(source: string): boolean {
  const imported = /\bStorage\b[^"']*\}\s*from\s*"/.test(source) || /(interface|class) Storage\b/.test(source)
  return /\bStorage\b/.test(codeOf(source)) && !imported
}

const files = globSync(["packages/*/src/**/*.ts", "test/**/*.ts", "docs/**/*.ts"], { cwd: root, exclude }).map(
  (path) => ({
    path,
    source: readFileSync(join(root, path), "utf8"),
  }),
)

/** Which packages of ours a package may import. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  local: ["core"],
  memory: ["core", "local"],
  s3: ["core"],
  gcs: ["core"],
  azure: ["core"],
  static: ["core"],
  http: ["core"],
  uploads: ["core", "http"],
  conformance: ["core"],
  cli: ["core", "local", "static", "http"],
}

describe("the tree", () => {
  it("has sources to look at", () => {
    expect(files.length).toBeGreaterThan(50)
  })

  it("never names Storage without importing it: TypeScript's DOM library has a global of that name", () => {
    expect(forgetsStorage("function use(storage: Storage) {}")).toBe(true)
    expect(forgetsStorage('import type { Storage } from "@node-storages/core"\nlet storage: Storage')).toBe(false)
    const self = "test/architecture.test.ts"
    const forgetful = files
      .filter(({ path, source }) => path !== self && forgetsStorage(source))
      .map(({ path }) => path)
    expect(forgetful).toEqual([])
  })

  it.each(Object.entries(MAY_IMPORT))("keeps the direction of dependencies in %s", (name, allowed) => {
    const wrong = files
      .filter(({ path }) => path.startsWith(`packages/${name}/src/`) && !path.endsWith(".test.ts"))
      .flatMap(({ path, source }) => importsOf(source).map((specifier) => ({ path, specifier })))
      .filter(({ specifier }) => specifier.startsWith("@node-storages/"))
      .filter(({ specifier }) => !allowed.includes(specifier.split("/")[1]!))
    expect(wrong).toEqual([])
  })

  it("imports within a package by relative paths that stay in it", () => {
    const leaving = files
      .filter(({ path }) => path.startsWith("packages/"))
      .flatMap(({ path, source }) =>
        importsOf(source)
          .filter((specifier) => specifier.startsWith("."))
          .map((specifier) => ({ path, target: relative(root, join(root, dirname(path), specifier)) })),
      )
      .filter(({ path, target }) => !target.startsWith(path.split("/").slice(0, 2).join("/")))
    expect(leaving).toEqual([])
  })

  it("has an example of an adapter from outside, which is built on what its package.json asks for", () => {
    const folder = "docs/examples/adapter-plugin/"
    const { dependencies } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as {
      dependencies: Record<string, string>
    }
    expect(Object.keys(dependencies)).toEqual(["@node-storages/core", "ssh2"])
    const sources = files.filter(({ path }) => path.startsWith(`${folder}src/`))
    const outside = sources
      .flatMap(({ path, source }) =>
        [...source.matchAll(/ from "([^"]+)"/g)].map(([, specifier]) => ({ path, specifier })),
      )
      .filter(
        ({ specifier = "" }) => !/^(\.\/[\w-]+\.ts|node:.+|@node-storages\/core(\/adapter)?|ssh2)$/.test(specifier),
      )
    expect(sources.length).toBeGreaterThan(10)
    expect(outside).toEqual([])
  })

  it("has files of one subject: none in a package's sources is over 320 lines", () => {
    const long = files
      .filter(({ path }) => path.startsWith("packages/") && !/\.test\.ts$|\/testing\//.test(path))
      .map(({ path, source }) => ({ path, lines: source.split("\n").length }))
      .filter(({ lines }) => lines > 320)
    expect(long).toEqual([])
  })
})
