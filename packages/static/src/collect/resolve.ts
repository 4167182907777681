import { nearest } from "@node-storages/core"
import { isLocal, resolveFrom, splitUrl } from "../references/local-url.ts"
import { type Position, positionOf } from "../references/lines.ts"
import type { IntegrityPlace, Reference } from "../references/reference.ts"
import type { SourceFile } from "../source.ts"
import type { ReferenceProblem } from "../static-error.ts"
import type { TextFile } from "./text-file.ts"

/** A reference that leads to a file of the collection. It keeps nothing of the text in memory. */
export interface Link extends Pick<Reference, "start" | "end" | "kind" | "write"> {
  /** The name that it leads to. */
  readonly target: string
  /** Query and fragment, kept as they are. */
  readonly suffix: string
  /** The URL in its place begins with `./` or `../`: modules need that, and it may have been so. */
  readonly dotted: boolean
  readonly integrity?: (IntegrityPlace & { readonly position: Position }) | undefined
}

export interface Resolved {
  readonly links: readonly Link[]
  readonly problems: readonly ReferenceProblem[]
}

/**
 * Where a file's references lead. What is another site's, or an absolute path outside of the base, is left as it is.
 * @param base the path under which the collection is served, with slashes at both ends: `"/static/"`
 */
export function resolveReferences(
  { file, text, references }: TextFile,
  files: ReadonlyMap<string, SourceFile>,
  base: string | undefined,
): Resolved {
  const links: Link[] = []
  const problems: ReferenceProblem[] = []
  for (const reference of references) {
    if (!isLocal(reference.url)) continue
    const { path, suffix } = splitUrl(reference.url)
    const target = targetOf(file.name, path, base)
    if (target === "elsewhere") continue
    const found = target && files.get(target.name)
    if (found !== undefined) {
      links.push(linkTo(found, suffix, reference, text))
      continue
    }
    if (reference.unresolved === "ignored") continue
    problems.push({
      file: file.name,
      ...positionOf(text, reference.start),
      reference: detached(reference.url),
      reason: target === undefined ? "it leads out of the static files" : missing(target.name, [...files.keys()]),
      warning: reference.unresolved === "warning",
    })
  }
  return { links, problems }
}

function linkTo(
  { name: target }: SourceFile,
  suffix: string,
  { start, end, kind, write, url, integrity }: Reference,
  text: string,
): Link {
  const dotted = kind.startsWith("js-") || url.startsWith("./")
  const link = { start, end, kind, write, target, suffix: detached(suffix), dotted }
  if (integrity === undefined) return link
  const position = positionOf(text, integrity.start)
  return { ...link, integrity: { ...integrity, value: detached(integrity.value), position } }
}

/** The same text in memory of its own: a part of a text, as `slice` gives it, keeps the whole text. */
function detached(part: string): string {
  return part === "" ? "" : (JSON.parse(JSON.stringify(part)) as string)
}

function targetOf(from: string, path: string, base: string | undefined): { name: string } | "elsewhere" | undefined {
  const resolved = resolveFrom(from, path)
  if (resolved === undefined) return undefined
  if (typeof resolved === "string") return { name: resolved }
  if (base === undefined || !resolved.path.startsWith(base)) return "elsewhere"
  return { name: resolved.path.slice(base.length) }
}

function missing(name: string, names: readonly string[]): string {
  const sameCase = names.find((each) => each.toLowerCase() === name.toLowerCase())
  if (sameCase !== undefined) return `there is "${sameCase}", whose letters differ in case`
  const folder = name.slice(0, name.lastIndexOf("/") + 1)
  const close = nearest(
    name,
    names.filter((each) => each.startsWith(folder)),
  )
  return `there is no "${name}"${close === undefined ? "" : `; did you mean "${close}"?`}`
}
