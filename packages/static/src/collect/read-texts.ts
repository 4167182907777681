import { pool } from "@node-storages/core/adapter"
import type { StaticConfig } from "../define-static.ts"
import { anyPattern } from "../name-pattern.ts"
import { readerOf } from "../references/index.ts"
import { positionOf } from "../references/lines.ts"
import type { SourceFile } from "../source.ts"
import type { ReferenceProblem } from "../static-error.ts"
import { groupsInOrder, levelsOf } from "./groups.ts"
import { matchesIntegrity } from "./integrity.ts"
import { type Link, resolveReferences } from "./resolve.ts"
import { readTextFile, type TextFile } from "./text-file.ts"

/** A text file with the files that its references lead to. */
export interface LinkedText extends TextFile {
  readonly links: readonly Link[]
}

export interface LinkedTexts {
  readonly names: ReadonlySet<string>
  /**
   * Each text alone, or those that refer to each other in a circle. Level by level: those of one level refer to earlier
   * levels only, but for members of the same group.
   */
  readonly groups: Set<readonly LinkedText[]>
  /** By file and place. */
  readonly problems: readonly ReferenceProblem[]
}

/** Reads the files that may refer to others, and finds out where each reference leads. */
export async function readTexts(
  files: readonly SourceFile[],
  names: ReadonlySet<string>,
  { base, concurrency, verbatim }: StaticConfig,
): Promise<LinkedTexts> {
  const read = new Map<string, LinkedText>()
  const problems: ReferenceProblem[] = []
  const isVerbatim = anyPattern(verbatim)
  const readable = files.filter(({ name, hashed }) => !hashed && readerOf(name) !== undefined && !isVerbatim(name))
  await pool(readable, concurrency, async (file) => {
    const text = await readTextFile(file, readerOf(file.name)!)
    const resolved = resolveReferences(text, names, base)
    read.set(file.name, { ...text, links: resolved.links })
    problems.push(...resolved.problems)
  })

  const linksOf = (name: string) => read.get(name)!.links.flatMap(({ target }) => (read.has(target) ? [target] : []))
  const groups = groupsInOrder(read.keys(), linksOf)
  const groupOf = new Map(groups.flatMap((group) => group.map((name) => [name, group] as const)))
  const texts = new Map<string, LinkedText>()
  for (const [name, text] of read) {
    const checked = checkIntegrity(text, read, groupOf)
    texts.set(name, { ...text, links: checked.links })
    problems.push(...checked.problems)
  }
  const inLevels = levelsOf(groups, linksOf).flat()
  const linked = new Set(inLevels.map((group) => group.map((name) => texts.get(name)!)))
  return { names: new Set(texts.keys()), groups: linked, problems: problems.toSorted(byPlace) }
}

/**
 * Leaves the digests that are to be written anew: of files that are rewritten, and that had the digest until then. Any
 * other stays as it is: a file that is not what the page asks for must not pass from now on.
 */
function checkIntegrity(
  { file, text, links }: LinkedText,
  texts: ReadonlyMap<string, LinkedText>,
  groupOf: ReadonlyMap<string, readonly string[]>,
): { links: readonly Link[]; problems: readonly ReferenceProblem[] } {
  const problems: ReferenceProblem[] = []
  const checked = links.map((link) => {
    const { integrity, ...rest } = link
    const target = texts.get(link.target)
    if (integrity === undefined || target === undefined || target.links.length === 0) return rest
    const matches = matchesIntegrity(integrity.value, target.encode(target.text))
    const inCircle = groupOf.get(file.name) === groupOf.get(link.target)
    if (matches && !inCircle) return link
    problems.push({
      file: file.name,
      ...positionOf(text, integrity.start),
      reference: integrity.value,
      reason: matches
        ? `no digest of "${link.target}" can be written here, since that file refers back to this one`
        : `it is not the digest of "${link.target}"`,
      // Browsers refuse the source alike.
      warning: !matches,
    })
    return rest
  })
  return { links: checked, problems }
}

function byPlace(one: ReferenceProblem, other: ReferenceProblem): number {
  if (one.file !== other.file) return one.file < other.file ? -1 : 1
  return one.line - other.line || one.column - other.column
}
