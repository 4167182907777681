import { nearest } from "@node-storages/core"
import { isLocal, resolveFrom, splitUrl } from "../references/local-url.ts"
import { positionOf } from "../references/lines.ts"
import type { Reference } from "../references/reference.ts"
import type { ReferenceProblem } from "../static-error.ts"
import type { TextFile } from "./text-file.ts"

/** A reference that leads to a file of the collection. */
export interface Link extends Reference {
  /** The name that it leads to. */
  readonly target: string
  /** Query and fragment, kept as they are. */
  readonly suffix: string
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
  names: ReadonlySet<string>,
  base: string | undefined,
): Resolved {
  const links: Link[] = []
  const problems: ReferenceProblem[] = []
  for (const reference of references) {
    if (!isLocal(reference.url)) continue
    const { path, suffix } = splitUrl(reference.url)
    const target = targetOf(file.name, path, base)
    if (target === "elsewhere") continue
    if (target !== undefined && names.has(target.name)) {
      links.push({ ...reference, target: target.name, suffix })
      continue
    }
    if (reference.unresolved === "ignored") continue
    problems.push({
      file: file.name,
      ...positionOf(text, reference.start),
      reference: reference.url,
      reason: target === undefined ? "it leads out of the static files" : missing(target.name, names),
      warning: reference.unresolved === "warning",
    })
  }
  return { links, problems }
}

function targetOf(from: string, path: string, base: string | undefined): { name: string } | "elsewhere" | undefined {
  const resolved = resolveFrom(from, path)
  if (resolved === undefined) return undefined
  if (typeof resolved === "string") return { name: resolved }
  if (base === undefined || !resolved.path.startsWith(base)) return "elsewhere"
  return { name: resolved.path.slice(base.length) }
}

function missing(name: string, names: ReadonlySet<string>): string {
  const sameCase = [...names].find((each) => each.toLowerCase() === name.toLowerCase())
  if (sameCase !== undefined) return `there is "${sameCase}", whose letters differ in case`
  const folder = name.slice(0, name.lastIndexOf("/") + 1)
  const close = nearest(
    name,
    [...names].filter((each) => each.startsWith(folder)),
  )
  return `there is no "${name}"${close === undefined ? "" : `; did you mean "${close}"?`}`
}
