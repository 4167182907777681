import { existsSync, globSync, readFileSync } from "node:fs"
import { join, posix } from "node:path"
import { type DefaultTreeAdapterTypes, parse } from "parse5"
import { sourceUrl } from "../../docs/.vitepress/repository.ts"
import { ROOT } from "./markdown.ts"

type Node = DefaultTreeAdapterTypes.Node

export interface BuiltPage {
  /** Below the folder of the site: "adapters/s3.html". */
  readonly path: string
  readonly ids: ReadonlySet<string>
  /** What it links to and loads, as it is written there. */
  readonly targets: readonly string[]
}

export function readSite(folder: string): Map<string, BuiltPage> {
  const paths = globSync("**/*.html", { cwd: folder }).map((path) => path.replaceAll("\\", "/"))
  return new Map(paths.map((path) => [path, readPage(path, readFileSync(join(folder, path), "utf8"))]))
}

export function readPage(path: string, html: string): BuiltPage {
  const ids = new Set<string>()
  const targets: string[] = []
  const nodes: Node[] = [parse(html)]
  for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
    if ("childNodes" in node) nodes.push(...node.childNodes)
    for (const { name, value } of "attrs" in node ? node.attrs : []) {
      if (name === "id") ids.add(value)
      if (name === "href" || name === "src") targets.push(value)
    }
  }
  return { path, ids, targets }
}

/** What is wrong with a link or a file that a page loads, or undefined. Other sites are not asked. */
export function problemOf(target: string, page: BuiltPage, site: ReadonlyMap<string, BuiltPage>, folder: string) {
  if (target.startsWith(sourceUrl("")) || target.startsWith(sourceUrl("", "tree"))) return sourceProblem(target)
  if (/^[a-z]+:/.test(target)) return undefined
  const url = new URL(target, `http://site/${page.path}`)
  const file = decodeURIComponent(url.pathname).slice(1) + (url.pathname.endsWith("/") ? "index.html" : "")
  const found = site.get(file)
  if (found === undefined) return existsSync(join(folder, file)) ? undefined : "there is no such file"
  const anchor = decodeURIComponent(url.hash.slice(1))
  return anchor === "" || found.ids.has(anchor) ? undefined : `${file} has nothing with the id ${anchor}`
}

/** The repository is the one of this test: what is shown there is here. */
function sourceProblem(target: string): string | undefined {
  const { pathname, hash } = new URL(target)
  const path = decodeURIComponent(pathname).split("/main/")[1]!
  const file = join(ROOT, path)
  if (!existsSync(file)) return `the repository has no ${posix.normalize(path)}`
  const line = /^#L(\d+)$/.exec(hash)?.[1]
  if (line === undefined) return undefined
  return Number(line) <= readFileSync(file, "utf8").split("\n").length ? undefined : `${path} has no line ${line}`
}
