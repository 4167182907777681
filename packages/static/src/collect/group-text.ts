import { relativeUrl } from "../references/local-url.ts"
import type { SourceFile } from "../source.ts"
import { combinedHash, type Content, contentHash, contentOf } from "./content-hash.ts"
import type { LinkedText } from "./read-texts.ts"
import { replaceParts, type Replacement, textOf } from "./text-file.ts"

/** A text with its bytes, as they are in the source. */
export interface OpenText {
  readonly text: LinkedText
  readonly bytes: Uint8Array
}

export interface FinalText extends OpenText {
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
  group: readonly OpenText[],
  targetOf: (name: string) => Target,
  nameOf: (file: SourceFile, hash: string) => string,
): readonly FinalText[] {
  const names = new Set(group.map(({ text }) => text.file.name))
  const inCircle = group.some(({ text }) => text.links.some(({ target }) => names.has(target)))
  if (!inCircle) {
    return group.map((open) => {
      const content = contentOf(finished(open, targetOf))
      return { ...open, published: nameOf(open.text.file, contentHash(content)), content }
    })
  }
  const neutral = group.map((open) => written(open, (target) => (names.has(target) ? undefined : targetOf(target))))
  const whole = combinedHash(...group.flatMap(({ text }, index) => [text.file.name, neutral[index]!]))
  const published = new Map(
    group.map(({ text: { file } }, index) => [
      file.name,
      nameOf(file, combinedHash(whole, file.name, neutral[index]!)),
    ]),
  )
  return group.map((open) => {
    const bytes = finished(open, (target) => {
      const name = published.get(target)
      return name === undefined ? targetOf(target) : { name }
    })
    return { ...open, published: published.get(open.text.file.name)!, content: contentOf(bytes) }
  })
}

type TargetOf = (name: string) => Pick<Target, "name"> | Target | undefined

function finished(open: OpenText, targetOf: TargetOf): Uint8Array {
  const { bytes, text } = open
  return text.links.length === 0 ? bytes : Buffer.from(written(open, targetOf), text.encoding)
}

/** A text with its references to these targets; those to others, and to files that keep their names, stay as they are. */
function written({ bytes, text: { file, encoding, links } }: OpenText, targetOf: TargetOf): string {
  const parts: Replacement[] = []
  for (const link of links) {
    const target = targetOf(link.target)
    if (target === undefined) continue
    if (target.name !== link.target) {
      // A file stays in its directory: relative URLs do not depend on its own hash.
      const url = relativeUrl(file.name, target.name, link) + link.suffix
      parts.push({ start: link.start, end: link.end, text: link.write(url) })
    }
    const { integrity } = link
    if (integrity && "integrity" in target) {
      parts.push({ start: integrity.start, end: integrity.end, text: integrity.write(target.integrity) })
    }
  }
  return replaceParts(
    textOf(bytes, encoding),
    parts.toSorted((one, other) => one.start - other.start),
  )
}
