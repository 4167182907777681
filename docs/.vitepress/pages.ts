// The one list of pages: sidebar and nav are made of it. A page that is missing here fails test/docs/pages.test.ts.
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { ROOT } from "./repository.ts"

export const DOCS: string = join(ROOT, "docs")

interface Group {
  readonly title: string
  /** Below docs/. */
  readonly pages: readonly string[]
  /** All pages of this folder, in the order of their names, after the others. */
  readonly folder?: string
  /** Shown closed, unless one of its pages is read. */
  readonly collapsed?: boolean
}

interface PageLink {
  readonly text: string
  readonly link: string
}

export interface PageGroup {
  readonly text: string
  readonly collapsed?: boolean
  readonly items: readonly PageLink[]
}

const GROUPS: readonly Group[] = [
  { title: "Start", pages: ["start.md", "concepts.md", "configuration.md"] },
  { title: "Static files", pages: ["static.md", "deploy/nginx.md", "deploy/caddy.md", "deploy/cloudfront.md"] },
  { title: "Media", pages: ["media.md", "serving.md", "uploads.md", "direct-uploads.md", "transfer.md"] },
  { title: "Command line", pages: ["cli.md"] },
  {
    title: "Adapters",
    pages: [
      "adapters/local.md",
      "adapters/s3.md",
      "adapters/gcs.md",
      "adapters/azure.md",
      "adapters/memory.md",
      "adapters/differences.md",
      "write-an-adapter.md",
    ],
  },
  {
    title: "Coming from",
    pages: [
      "migrate/django.md",
      "migrate/multer-s3.md",
      "migrate/flydrive.md",
      "migrate/flystorage.md",
      "migrate/files-sdk.md",
    ],
  },
  { title: "Reference", pages: ["errors.md", "performance.md", "measurements.md", "security.md", "architecture.md"] },
  { title: "Decisions", pages: ["decisions/README.md"], folder: "decisions", collapsed: true },
]

/** Pages below docs/ that are in no list: the front page, which is where all lists begin. */
export const UNLISTED: readonly string[] = ["index.md"]

function pagesOf({ pages, folder }: Group): string[] {
  if (folder === undefined) return [...pages]
  const files = readdirSync(join(DOCS, folder)).filter((file) => file.endsWith(".md"))
  return [...new Set([...pages, ...files.toSorted().map((file) => `${folder}/${file}`)])]
}

/** Where the site has a page: "/decisions/" for decisions/README.md. */
export function linkOf(path: string): string {
  return `/${path.replace(/(^|\/)(README|index)\.md$/, "$1").replace(/\.md$/, "")}`
}

/** What a page calls itself in its first heading, without marks. */
function titleOf(path: string): string {
  const heading = /^# (.+)$/m.exec(readFileSync(join(DOCS, path), "utf8"))?.[1]
  if (heading === undefined) throw new Error(`docs/${path} has no heading.`)
  const number = /^decisions\/(\d+)-/.exec(path)?.[1]
  const title = heading.replaceAll("`", "").replace(/^\d+\. /, "")
  return number === undefined ? title : `${Number(number)}. ${title}`
}

/** The groups of the sidebar. @throws Error for a page that is not there */
export function pageGroups(): PageGroup[] {
  return GROUPS.map((group) => ({
    text: group.title,
    ...(group.collapsed === true ? { collapsed: true } : {}),
    items: pagesOf(group).map((path) => ({ text: titleOf(path), link: linkOf(path) })),
  }))
}
