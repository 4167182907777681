import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { StorageError, type StorageErrorCode } from "@node-storages/core"
import { describe, expect, it } from "vitest"
import { ROOT } from "./markdown.ts"

/** The members of a union of codes, in the order of the source. */
function codesOf(path: string, type: string): string[] {
  const source = readFileSync(join(ROOT, path), "utf8")
  const union = new RegExp(`export type ${type} =([^]*?)\n\n`).exec(source)?.[1] ?? ""
  return [...union.matchAll(/\| "([^"]+)"/g)].map((match) => match[1]!)
}

const codes = codesOf("packages/core/src/errors.ts", "StorageErrorCode")

const sections = readFileSync(join(ROOT, "docs/errors.md"), "utf8")
  .split(/^### /m)
  .slice(1)
  .map((section) => ({ code: /^`([^`]+)`/.exec(section)?.[1], text: section }))

describe("docs/errors.md", () => {
  it("has a section for each code of the source, in the same order, and no other", () => {
    expect(codes).toContain("not-found")
    expect(sections.map(({ code }) => code)).toEqual(codes)
  })

  it.each(sections)("tells of $code its meaning, causes and remedy", ({ text }) => {
    for (const label of ["Meaning", "Causes", "Remedy"])
      expect(text).toMatch(new RegExp(`^- ${label}: \\S.{10,}$`, "m"))
  })

  it.each(sections)("tells whether $code may be retried as the code does", ({ code, text }) => {
    const { retryable } = new StorageError(code as StorageErrorCode, "as documented")
    expect(/^- Retryable: (yes|no)\b/m.exec(text)?.[1]).toBe(retryable ? "yes" : "no")
  })
})

describe("docs/static.md", () => {
  const table = readFileSync(join(ROOT, "docs/static.md"), "utf8").split("## Errors\n")[1] ?? ""
  const rows = [...table.matchAll(/^\| `([^`]+)` +\| (\S.*?) +\| (\S.*?) +\|$/gm)]

  it("has a cause and a remedy for each code of static files, in the order of the source, and no other code", () => {
    const expected = codesOf("packages/static/src/static-error.ts", "StaticErrorCode")
    expect(expected).toContain("unresolved-references")
    expect(rows.map(([, code]) => code)).toEqual(expected)
  })
})

describe("docs/uploads.md and docs/direct-uploads.md", () => {
  it("have a cause and a remedy for each code of uploads, and no other code", () => {
    const rows = ["docs/uploads.md", "docs/direct-uploads.md"].flatMap((path) => {
      const table = readFileSync(join(ROOT, path), "utf8").split("## Errors\n")[1]!
      return [...table.matchAll(/^\| `([^`]+)` +\| \d{3} +\| (\S.{3,}?) +\| (\S.{3,}?) +\|$/gm)]
    })
    const expected = codesOf("packages/uploads/src/upload-error.ts", "UploadErrorCode")
    expect(expected).toContain("wrong-digest")
    expect(new Set(rows.map(([, code]) => code))).toEqual(new Set(expected))
  })
})

describe("the codes of the command", () => {
  const sources = globSync("packages/cli/src/**/*.ts", { cwd: ROOT, exclude: ["**/*.test.ts"] }).map((path) =>
    readFileSync(join(ROOT, path), "utf8"),
  )
  const exits = new Map(
    [...sources.join("\n").matchAll(/^ {2}(\w+): (\d+),$/gm)].map(([, name, number]) => [name, number]),
  )
  const thrown = sources.flatMap((source) =>
    [...source.matchAll(/new CommandError\(\s*"([^"]+)",[^]*?\bEXIT\.(\w+)/g)].map(
      ([, code, exit]) => `${code} ${exits.get(exit)}`,
    ),
  )
  const section = readFileSync(join(ROOT, "docs/errors.md"), "utf8").split("## Of the command\n")[1] ?? ""
  const rows = [...section.matchAll(/^\| `([^`]+)` +\| (\d+) +\| (\S.{3,}?) +\| (\S.{3,}?) +\|$/gm)]

  it("have an exit code, a cause and a remedy in docs/errors.md, and there is no other", () => {
    expect(thrown).toContain("usage 2")
    const documented = rows.map(([, code, exit]) => `${code} ${exit}`)
    expect([...new Set(documented)].toSorted()).toEqual([...new Set(thrown)].toSorted())
  })
})
