import { pool } from "@node-storages/core/adapter"
import type { StaticConfig } from "../define-static.ts"
import { anyPattern } from "../name-pattern.ts"
import { readerOf } from "../references/index.ts"
import type { SourceFile } from "../source.ts"
import type { ReferenceProblem } from "../static-error.ts"
import { groupsInOrder, levelsOf } from "./groups.ts"
import type { Held, HeldBytes } from "./held-bytes.ts"
import { matchesIntegrity } from "./integrity.ts"
import { Memory } from "./memory.ts"
import { type Link, resolveReferences } from "./resolve.ts"
import { type TextEncoding, textFileOf } from "./text-file.ts"

/** A text file that was read, with the files that its references lead to. Its bytes wait until it can be named. */
export interface LinkedText {
  readonly file: SourceFile
  readonly encoding: TextEncoding
  readonly links: readonly Link[]
  readonly held: Held
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

/**
 * Reads the files that may refer to others, and finds out where each reference leads.
 * @param files all that are collected, by their names
 * @param held takes the texts
 */
export async function readTexts(
  files: ReadonlyMap<string, SourceFile>,
  held: HeldBytes,
  { base, concurrency, verbatim }: StaticConfig,
): Promise<LinkedTexts> {
  const read = new Map<string, LinkedText>()
  const problems: ReferenceProblem[] = []
  const memory = new Memory()
  await pool(readable(files, verbatim), concurrency, (file) =>
    memory.read(file, async (bytes) => {
      const text = textFileOf(file, bytes, readerOf(file.name)!)
      const { links, problems: found } = resolveReferences(text, files, base)
      problems.push(...found)
      read.set(file.name, { file, encoding: text.encoding, links, held: await held.hold(file.name, bytes) })
    }),
  )

  const linksOf = (name: string) => read.get(name)!.links.flatMap(({ target }) => (read.has(target) ? [target] : []))
  const groups = groupsInOrder(read.keys(), linksOf)
  const groupOf = new Map(groups.flatMap((group) => group.map((name) => [name, group] as const)))
  for (const [name, text] of read) {
    if (text.links.every(({ integrity }) => integrity === undefined)) continue
    const checked = await checkIntegrity(text, read, groupOf)
    read.set(name, { ...text, links: checked.links })
    problems.push(...checked.problems)
  }
  const inLevels = levelsOf(groups, linksOf).flat()
  const linked = new Set(inLevels.map((group) => group.map((name) => read.get(name)!)))
  return { names: new Set(read.keys()), groups: linked, problems: problems.toSorted(byPlace) }
}

function* readable(
  files: ReadonlyMap<string, SourceFile>,
  verbatim: readonly string[],
): Generator<SourceFile, void, undefined> {
  const isVerbatim = anyPattern(verbatim)
  for (const file of files.values()) {
    if (!file.hashed && readerOf(file.name) !== undefined && !isVerbatim(file.name)) yield file
  }
}

/**
 * Leaves the digests that are to be written anew: of files that are rewritten, and that had the digest until then. Any
 * other stays as it is: a file that is not what the page asks for must not pass from now on.
 */
async function checkIntegrity(
  { file, links }: LinkedText,
  texts: ReadonlyMap<string, LinkedText>,
  groupOf: ReadonlyMap<string, readonly string[]>,
): Promise<{ links: readonly Link[]; problems: readonly ReferenceProblem[] }> {
  const problems: ReferenceProblem[] = []
  const checked: Link[] = []
  for (const link of links) {
    const { integrity, ...rest } = link
    const target = texts.get(link.target)
    if (integrity === undefined || target === undefined || target.links.length === 0) {
      checked.push(rest)
      continue
    }
    const matches = matchesIntegrity(integrity.value, await target.held.read())
    const inCircle = groupOf.get(file.name) === groupOf.get(link.target)
    if (matches && !inCircle) {
      checked.push(link)
      continue
    }
    checked.push(rest)
    problems.push({
      file: file.name,
      ...integrity.position,
      reference: integrity.value,
      reason: matches
        ? `no digest of "${link.target}" can be written here, since that file refers back to this one`
        : `it is not the digest of "${link.target}"`,
      // Browsers refuse the source alike.
      warning: !matches,
    })
  }
  return { links: checked, problems }
}

function byPlace(one: ReferenceProblem, other: ReferenceProblem): number {
  if (one.file !== other.file) return one.file < other.file ? -1 : 1
  return one.line - other.line || one.column - other.column
}
