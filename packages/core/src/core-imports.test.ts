import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { dirname, join, resolve } from "node:path"
import { describe, expect, test } from "vitest"

const SOURCES = dirname(fileURLToPath(import.meta.url))

/** The entry for adapters of services, which run on Node. */
const FOR_NODE = /^adapter\b/

const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !/^testing\b/.test(file))
  .map((file) => join(SOURCES, file))

interface Import {
  readonly specifier: string
  readonly typeOnly: boolean
  /** By a call, when what is needed is needed. */
  readonly lazy: boolean
}

/** The modules that a source names, by statement or call, without what stands in comments. */
function importsOf(source: string): Import[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "")
  const statements = code.matchAll(/^\s*(?:import|export)\s+(type\s+)?(?:[\w*{][^;"'`]*?\sfrom\s+)?["']([^"']+)["']/gm)
  const calls = code.matchAll(/\b(?:import|require)\s*\(\s*["'`]([^"'`]+)["'`]/g)
  return [
    ...[...statements].map(([, type, specifier]) => ({
      specifier: specifier!,
      typeOnly: type !== undefined,
      lazy: false,
    })),
    ...[...calls].map(([, specifier]) => ({ specifier: specifier!, typeOnly: false, lazy: true })),
  ]
}

describe("the reader of imports", () => {
  test("sees every form of them", () => {
    const source = [
      'import "a"',
      'import b from "b"',
      'import { c,\n  type C } from "c"',
      'import * as d from "d"',
      'export { e } from "e"',
      'export * from "f"',
      'import type { G } from "g"',
      'export type { H } from "h"',
      'const i = await import("i")',
      'const j = require("j")',
      '// import "k"',
      '/* import "l" */',
    ].join("\n")
    expect(
      importsOf(source)
        .map(({ specifier }) => specifier)
        .join(""),
    ).toBe("abcdefghij")
    expect(importsOf(source).filter(({ typeOnly }) => typeOnly)).toHaveLength(2)
    expect(importsOf(source).filter(({ lazy }) => lazy)).toHaveLength(2)
  })
})

describe("core", () => {
  test("has sources to look at", () => {
    expect(files.length).toBeGreaterThan(30)
    expect(files.flatMap((file) => importsOf(readFileSync(file, "utf8"))).length).toBeGreaterThan(100)
  })

  test.each(files.map((file) => [file.slice(SOURCES.length + 1), file]))(
    "loads nothing but its own files: %s",
    (name, file) => {
      for (const { specifier, typeOnly } of importsOf(readFileSync(file, "utf8"))) {
        if (specifier.startsWith(".")) {
          expect(specifier).toMatch(/\.ts$/)
          const target = resolve(dirname(file), specifier)
          expect(files, `${specifier} in ${file}`).toContain(target)
          if (!FOR_NODE.test(name)) expect(target.slice(SOURCES.length + 1)).not.toMatch(FOR_NODE)
        } else {
          expect(typeOnly, `${specifier} in ${file}`).toBe(true)
          expect(specifier, "types may come from Node only").toMatch(/^node:/)
        }
      }
    },
  )

  test("leaves the work of a transfer until there is one", () => {
    const atOnce = new Set<string>()
    const load = (file: string): void => {
      if (atOnce.has(file)) return
      atOnce.add(file)
      const needed = importsOf(readFileSync(file, "utf8")).filter(({ typeOnly, lazy }) => !typeOnly && !lazy)
      for (const { specifier } of needed) load(resolve(dirname(file), specifier))
    }
    load(join(SOURCES, "index.ts"))
    expect(atOnce.size).toBeGreaterThan(30)
    expect([...atOnce].filter((file) => file.includes("transfer"))).toEqual([join(SOURCES, "transfer/transfer.ts")])
  })
})
