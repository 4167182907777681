import { existsSync } from "node:fs"
import { dirname, join, normalize } from "node:path"
import { describe, expect, it } from "vitest"
import { anchorsOf, linksOf, parseDocument, readDocuments, ROOT } from "./markdown.ts"

const documents = readDocuments()
const byPath = new Map(documents.map((document) => [document.path, document]))

/** What is wrong with a link of a document, or undefined. */
function problemOf(from: string, target: string): string | undefined {
  if (/^(https?|mailto):/.test(target)) return undefined
  const [path = "", anchor] = target.split("#")
  const file = path === "" ? from : normalize(join(dirname(from), decodeURIComponent(path))).replaceAll("\\", "/")
  if (!existsSync(join(ROOT, file))) return `${target}: there is no ${file}`
  if (anchor === undefined) return undefined
  const document = byPath.get(file)
  if (!document) return `${target}: ${file} is no document with anchors`
  return anchorsOf(document).has(anchor) ? undefined : `${target}: ${file} has no heading for #${anchor}`
}

describe("links between the documents", () => {
  it("are found where there are some", () => {
    expect(documents.length).toBeGreaterThan(15)
    expect(documents.flatMap(linksOf).length).toBeGreaterThan(40)
  })

  it.each(documents.map((document) => [document.path, document] as const))("of %s lead somewhere", (path, document) => {
    const broken = linksOf(document).flatMap(({ line, target }) => {
      const problem = problemOf(path, target)
      return problem === undefined ? [] : [`${path}:${line}: ${problem}`]
    })
    expect(broken).toEqual([])
  })

  it("that lead nowhere are noticed", () => {
    expect(problemOf("README.md", "docs/missing.md")).toContain("there is no docs/missing.md")
    expect(problemOf("README.md", "docs/errors.md#missing")).toContain("no heading")
    expect(problemOf("docs/errors.md", "../README.md")).toBeUndefined()
  })

  it("have anchors as GitHub makes them, code and repeated headings too", () => {
    const document = parseDocument(
      "x.md",
      "# What `save()` does\n## A\n```sh\n# no heading\n```\n## A\n### `not-found`\n",
    )
    expect([...anchorsOf(document)]).toEqual(["what-save-does", "a", "a-1", "not-found"])
  })
})
