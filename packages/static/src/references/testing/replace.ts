import type { Reference, ReferenceReader } from "../reference.ts"

/** A text with each reference replaced, as `collect` does it. */
export const replaceAll = (
  text: string,
  references: readonly Reference[],
  urlFor: (reference: Reference) => string,
): string => {
  let result = ""
  let position = 0
  for (const reference of references) {
    if (reference.start < position) throw new Error(`The reference ${reference.url} overlaps the one before it.`)
    result += text.slice(position, reference.start) + reference.write(urlFor(reference))
    position = reference.end
  }
  return result + text.slice(position)
}

/** The URLs that a reader finds in a text. */
export const urlsIn = (reader: ReferenceReader, text: string): readonly string[] =>
  reader.read(text).map(({ url }) => url)
