import { relativeUrl } from "../references/local-url.ts"
import { combinedHash, type Content, contentHash, contentOf, hashedName } from "./content-hash.ts"
import type { Link } from "./resolve.ts"
import { replaceParts, type TextFile } from "./text-file.ts"

/** A text file with the files that its references lead to. */
export interface LinkedText extends TextFile {
  readonly links: readonly Link[]
}

export interface FinalText {
  readonly name: string
  /** The name with the hash of the content. */
  readonly published: string
  readonly content: Content
}

/**
 * The final texts of a group, and their names. Of a file that no circle goes through, the name has the hash of the final
 * bytes. Files that refer to each other can't have each other's hashes in them before these are known: theirs are made of
 * all texts of the group with the names within it left as they were, so that the order of discovery changes nothing.
 *
 * @param publishedName the published name of a file outside of the group
 */
export function finishGroup(
  group: readonly LinkedText[],
  publishedName: (name: string) => string,
): readonly FinalText[] {
  const names = new Set(group.map(({ file }) => file.name))
  const inCircle = group.some(({ links }) => links.some(({ target }) => names.has(target)))
  // A file stays in its directory: relative URLs do not depend on its own hash.
  const write = (member: LinkedText, nameOf: (target: string) => string | undefined) =>
    replaceParts(
      member.text,
      member.links.flatMap((link) => {
        const target = nameOf(link.target)
        if (target === undefined) return []
        const url =
          relativeUrl(member.file.name, target, { dotted: link.kind.startsWith("js-") || link.url.startsWith("./") }) +
          link.suffix
        return [{ start: link.start, end: link.end, text: link.write(url) }]
      }),
    )
  if (!inCircle) {
    return group.map((member) => {
      const content = contentOf(member.encode(write(member, publishedName)))
      return { name: member.file.name, published: hashedName(member.file.name, contentHash(content)), content }
    })
  }
  const neutral = group.map((member) =>
    write(member, (target) => (names.has(target) ? undefined : publishedName(target))),
  )
  const whole = combinedHash(...group.flatMap(({ file }, index) => [file.name, neutral[index]!]))
  const published = new Map(
    group.map(({ file }, index) => [file.name, hashedName(file.name, combinedHash(whole, file.name, neutral[index]!))]),
  )
  return group.map((member) => ({
    name: member.file.name,
    published: published.get(member.file.name)!,
    content: contentOf(member.encode(write(member, (target) => published.get(target) ?? publishedName(target)))),
  }))
}
