import { globSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { siteLink } from "../../docs/.vitepress/markdown.ts"
import { DOCS, linkOf, pageGroups, UNLISTED } from "../../docs/.vitepress/pages.ts"
import { REPOSITORY } from "../../docs/.vitepress/repository.ts"

/** Written by people: neither the reference, which has a list of its own, nor what examples say of themselves. */
const written = globSync("**/*.md", { cwd: DOCS, exclude: ["api/**", "examples/**", "**/node_modules/**"] })
const links = pageGroups().flatMap(({ items }) => items.map(({ link }) => link))

describe("the list of pages, of which the site's sidebar is made,", () => {
  it("has every page, each once", () => {
    const expected = written.filter((path) => !UNLISTED.includes(path)).map(linkOf)
    expect(expected.length).toBeGreaterThan(40)
    expect(links.toSorted()).toEqual(expected.toSorted())
  })

  it("gives pages the titles of their first headings", () => {
    const titles = Object.fromEntries(pageGroups().flatMap(({ items }) => items.map(({ link, text }) => [link, text])))
    expect(titles["/errors"]).toBe("Errors")
    expect(titles["/decisions/0001-facade-and-driver"]).toBe(
      "1. Two interfaces: a facade for apps, a driver for adapters",
    )
  })
})

describe("a link of a page, on the site,", () => {
  it("stays one of the site if it leads to a page", () => {
    expect(siteLink("errors.md", "adapters/s3.md#options")).toBe("adapters/s3.md#options")
    expect(siteLink("adapters/s3.md", "../decisions/README.md")).toBe("../decisions/index.md")
    expect(siteLink("errors.md", "https://example.com/README.md")).toBe("https://example.com/README.md")
    expect(siteLink("errors.md", "#codes")).toBe("#codes")
  })

  it("leads to the repository if it leads to a source, an example or a package", () => {
    expect(siteLink("adapters/s3.md", "../../CONTRIBUTING.md#ceph")).toBe(
      `${REPOSITORY}/blob/main/CONTRIBUTING.md#ceph`,
    )
    expect(siteLink("serving.md", "examples/web/README.md")).toBe(`${REPOSITORY}/blob/main/docs/examples/web/README.md`)
    expect(siteLink("serving.md", "../packages/http")).toBe(`${REPOSITORY}/tree/main/packages/http`)
  })

  it("is refused if there is nothing there", () => {
    expect(() => siteLink("serving.md", "../packages/htp")).toThrow("docs/serving.md links to ../packages/htp")
  })
})
