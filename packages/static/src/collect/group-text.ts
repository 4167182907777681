import { relativeUrl } from "../references/local-url.ts"
import type { SourceFile } from "../source.ts"
import { combinedHash, type Content, contentHash, contentOf } from "./content-hash.ts"
import type { LinkedText } from "./read-texts.ts"
import { replaceParts, type Replacement } from "./text-file.ts"

export interface FinalText {
  readonly text: LinkedText
  /** The name that it gets. */
  readonly published: string
  readonly content: Content
}

/** What a text has to know of a file that it refers to. */
export interface Target {
  readonly name: string
  readonly integrity: string
}

/**
 * The final texts of a group, and their names. Of a file that no circle goes through, the name has the hash of the final
 * bytes. Files that refer to each other can't have each other's hashes in them before these are known: theirs are made of
 * all texts of the group with the names within it left as they were, so that the order of discovery changes nothing.
 *
 * @param targetOf a file outside of the group
 * @param nameOf the name that a file of this hash gets
 */
export function finishGroup(
  group: readonly LinkedText[],
  targetOf: (name: string) => Target,
  nameOf: (file: SourceFile, hash: string) => string,
): readonly FinalText[] {
  const names = new Set(group.map(({ file }) => file.name))
  const inCircle = group.some(({ links }) => links.some(({ target }) => names.has(target)))
  if (!inCircle) {
    return group.map((text) => {
      const content = contentOf(text.encode(written(text, targetOf)))
      return { text, published: nameOf(text.file, contentHash(content)), content }
    })
  }
  const neutral = group.map((text) => written(text, (target) => (names.has(target) ? undefined : targetOf(target))))
  const whole = combinedHash(...group.flatMap(({ file }, index) => [file.name, neutral[index]!]))
  const published = new Map(
    group.map(({ file }, index) => [file.name, nameOf(file, combinedHash(whole, file.name, neutral[index]!))]),
  )
  return group.map((text) => {
    const final = written(text, (target) => {
      const name = published.get(target)
      return name === undefined ? targetOf(target) : { name }
    })
    return { text, published: published.get(text.file.name)!, content: contentOf(text.encode(final)) }
  })
}

/** A text with its references to these targets; those to others, and to files that keep their names, stay as they are. */
function written(
  { file, text, links }: LinkedText,
  targetOf: (name: string) => Pick<Target, "name"> | Target | undefined,
): string {
  const parts: Replacement[] = []
  for (const link of links) {
    const target = targetOf(link.target)
    if (target === undefined) continue
    if (target.name !== link.target) {
      const dotted = link.kind.startsWith("js-") || link.url.startsWith("./")
      // A file stays in its directory: relative URLs do not depend on its own hash.
      const url = relativeUrl(file.name, target.name, { dotted }) + link.suffix
      parts.push({ start: link.start, end: link.end, text: link.write(url) })
    }
    const { integrity } = link
    if (integrity && "integrity" in target) {
      parts.push({ start: integrity.start, end: integrity.end, text: integrity.write(target.integrity) })
    }
  }
  return replaceParts(
    text,
    parts.toSorted((one, other) => one.start - other.start),
  )
}
