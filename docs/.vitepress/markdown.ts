// What makes the same Markdown work on the site as it does where the repository is shown.
import { existsSync, statSync } from "node:fs"
import { join, posix } from "node:path"
import type { MarkdownRenderer } from "vitepress"
import { ROOT, sourceUrl } from "./repository.ts"

/** Headings get the anchors that GitHub gives them, so that a link with one holds in both places. */
export function slugify(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, "")
    .replaceAll(" ", "-")
}

/** A link of a page, by its path below docs/: what is no page of the site is shown in the repository. */
export function siteLink(page: string, href: string): string {
  if (/^([a-z]+:|#|\/)/.test(href)) return href
  const [path = "", ...rest] = href.split(/(?=[#?])/)
  const file = posix.normalize(posix.join("docs", posix.dirname(page), decodeURIComponent(path)))
  const isPage = /^docs\/(?!examples\/).*\.md$/.test(file)
  if (isPage) return href.replace(/(^|\/)README\.md/, "$1index.md")
  if (!existsSync(join(ROOT, file))) throw new Error(`docs/${page} links to ${href}, and there is no ${file}.`)
  return sourceUrl(file, statSync(join(ROOT, file)).isDirectory() ? "tree" : "blob") + rest.join("")
}

export function extendMarkdown(md: MarkdownRenderer): void {
  // Braces are text: pages are compiled as templates of Vue, which would take them for expressions.
  const { rules } = md.renderer
  for (const name of ["text", "code_inline"] as const) {
    const render = rules[name]!
    rules[name] = (...args) => render(...args).replaceAll("{{", "&#123;&#123;")
  }
  // What the tests read and nobody should: it would be found by the search.
  md.core.ruler.push("preambles", (state) => {
    state.tokens = state.tokens.filter(({ type, content }) => type !== "html_block" || !content.startsWith("<!--"))
  })
  // Written by TypeDoc above what a name means, which is what is read first.
  md.core.ruler.push("sources", ({ tokens }) => {
    tokens.forEach(({ type, content }, index) => {
      if (type === "inline" && content.startsWith("Defined in: ")) tokens[index - 1]!.attrJoin("class", "source")
    })
  })
  md.core.ruler.push("links", (state) => {
    const page: unknown = state.env.relativePath
    if (typeof page !== "string") return
    for (const token of state.tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.type === "link_open" ? token.attrGet("href") : null
      if (href !== null) token.attrSet("href", siteLink(page.replace(/(^|\/)index\.md$/, "$1README.md"), href))
    }
  })
}
