import { globSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

export const ROOT: string = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

const DOCUMENTS = ["README.md", "CONTRIBUTING.md", "AGENTS.md", "docs/**/*.md", "packages/*/README.md"]

export interface CodeBlock {
  /** The words after the fence: `["ts", "run"]`. */
  readonly info: readonly string[]
  /** Of its first line of code, counted from 1. */
  readonly line: number
  readonly code: readonly string[]
  /** What the last `<!-- preamble: … -->` before it declares, and the line on which that begins. */
  readonly preamble: { readonly line: number; readonly code: readonly string[] } | undefined
  /** What a `text` block right behind it shows. */
  readonly output: string | undefined
}

export interface MarkdownDocument {
  readonly path: string
  readonly blocks: readonly CodeBlock[]
  /** The lines outside of code blocks, by their number minus 1; the others are empty. */
  readonly prose: readonly string[]
}

/** Every document of the project that people write: the reference is made of docstrings. */
export function readDocuments(): MarkdownDocument[] {
  const paths = globSync(DOCUMENTS, { cwd: ROOT, exclude: ["**/node_modules/**", "docs/api/**"] }).map((path) =>
    path.replaceAll("\\", "/"),
  )
  return paths.toSorted().map((path) => parseDocument(path, readFileSync(join(ROOT, path), "utf8")))
}

export function parseDocument(path: string, text: string): MarkdownDocument {
  const lines = text.split("\n")
  const blocks: (Omit<CodeBlock, "output"> & { output: string | undefined; end: number })[] = []
  const prose: string[] = []
  let preamble: CodeBlock["preamble"]
  for (let index = 0; index < lines.length; index++) {
    const fence = /^```(.*)$/.exec(lines[index]!)
    const comment = /^<!-- preamble:(.*)$/.exec(lines[index]!)
    if (!fence && !comment) {
      prose[index] = lines[index]!
      continue
    }
    const isEnd = (line: string) => (fence ? line === "```" : line.endsWith("-->"))
    const end = lines.findIndex((line, at) => (fence ? at > index : at >= index) && isEnd(line))
    if (end === -1) throw new Error(`${path}:${index + 1}: a ${fence ? "code block" : "preamble"} has no end.`)
    for (let at = index; at <= end; at++) prose[at] = ""
    if (comment) {
      const code = lines.slice(index, end + 1).map((line) => line.replace("<!-- preamble:", "").replace(/-->$/, ""))
      preamble = { line: index + 1, code }
    } else {
      const info = fence![1]!.trim().split(/\s+/)
      const code = lines.slice(index + 1, end)
      const last = blocks.at(-1)
      const follows = last && lines.slice(last.end + 1, index).every((line) => line.trim() === "")
      if (info[0] === "text" && follows) last.output = code.join("\n")
      blocks.push({ info, line: index + 2, code, preamble, output: undefined, end })
    }
    index = end
  }
  return { path, blocks, prose }
}

/** The anchors that GitHub makes of a document's headings. */
export function anchorsOf({ prose }: MarkdownDocument): Set<string> {
  const anchors = new Set<string>()
  for (const line of prose) {
    const heading = /^#{1,6}\s+(.*?)\s*$/.exec(line)?.[1]
    if (heading === undefined) continue
    const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase()
    const anchor = text.replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, "").replaceAll(" ", "-")
    let free = anchor
    for (let number = 1; anchors.has(free); number++) free = `${anchor}-${number}`
    anchors.add(free)
  }
  return anchors
}

export interface Link {
  readonly line: number
  readonly target: string
}

/** The links in a document's text, code left out. */
export function linksOf({ prose }: MarkdownDocument): Link[] {
  return prose.flatMap((text, index) =>
    [...text.replace(/`[^`]*`/g, "code").matchAll(/\]\(<?([^)\s>]+)>?\)/g)].map((match) => ({
      line: index + 1,
      target: match[1]!,
    })),
  )
}
