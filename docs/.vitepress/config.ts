import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { defineConfig, type DefaultTheme } from "vitepress"
import { extendMarkdown, slugify } from "./markdown.ts"
import { linkOf, pageGroups } from "./pages.ts"
import { REPOSITORY } from "./repository.ts"

interface ReferencePage {
  readonly title: string
  readonly path?: string
  readonly children?: readonly ReferencePage[]
}

/** What api.ts wrote: one group for each entry of a package, closed. */
function reference(): DefaultTheme.SidebarItem[] {
  const file = fileURLToPath(new URL("../api/navigation.json", import.meta.url))
  if (!existsSync(file)) return []
  const item = ({ title, path, children }: ReferencePage, depth: number): DefaultTheme.SidebarItem => ({
    text: depth === 0 ? title.replace("@node-storages/", "") : title,
    ...(path === undefined ? {} : { link: linkOf(`api/${path}`) }),
    ...(children === undefined ? {} : { collapsed: depth === 0, items: inOrder(children, depth) }),
  })
  const inOrder = (children: readonly ReferencePage[], depth: number) => {
    // Names are looked up; kinds and modules have an order of their own.
    const sorted = depth === 0 ? children : children.toSorted((a, b) => (a.title < b.title ? -1 : 1))
    return sorted.map((child) => item(child, depth + 1))
  }
  const entries = JSON.parse(readFileSync(file, "utf8")) as readonly ReferencePage[]
  return [{ text: "API reference", link: "/api/", items: entries.map((entry) => item(entry, 0)) }]
}

const groups = pageGroups()
const first = (title: string) => groups.find(({ text }) => text === title)?.items[0]?.link ?? "/"

export default defineConfig({
  title: "node-storages",
  description: "One Storage interface for files in Node: local disk, memory, S3, Google Cloud Storage, Azure.",
  lang: "en",
  srcExclude: ["examples/**"],
  rewrites: { "decisions/README.md": "decisions/index.md" },
  head: [["link", { rel: "icon", href: "/logo.svg", type: "image/svg+xml" }]],
  // The search index is one file, asked for when somebody searches.
  vite: { build: { chunkSizeWarningLimit: 4096 } },
  markdown: {
    anchor: { slugify },
    toc: { slugify },
    languageAlias: { caddy: "nginx" },
    config: extendMarkdown,
  },
  themeConfig: {
    logo: "/logo.svg",
    nav: [
      { text: "Start", link: first("Start") },
      { text: "Static files", link: first("Static files") },
      { text: "Media", link: first("Media") },
      { text: "Adapters", link: first("Adapters"), activeMatch: "^/(adapters/|write-an-adapter)" },
      { text: "API", link: "/api/", activeMatch: "^/api/" },
    ],
    sidebar: { "/": groups as DefaultTheme.SidebarItem[], "/api/": reference() },
    outline: [2, 3],
    search: { provider: "local" },
    socialLinks: [{ icon: "github", link: REPOSITORY }],
    docFooter: { prev: "Before", next: "Next" },
  },
})
