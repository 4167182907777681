import { withoutSpace } from "./white-space.ts"

/** A content coding and how much the client wants it, from 0 (not at all) to 1. */
interface Preference {
  readonly coding: string
  readonly quality: number
}

/** `coding;q=0.5`. RFC 9110, 12.4.2 and 12.5.3 */
const PREFERENCE = /^([!#$%&'*+.^_`|~\w-]+)[ \t]*(?:;[ \t]*q[ \t]*=[ \t]*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)[ \t]*)?$/i

/** Names that mean another coding. RFC 9110, 8.4.1.3 */
const ALIASES: Readonly<Record<string, string>> = { "x-gzip": "gzip" }

/**
 * The content coding in which to send a representation: of those there are the one that the client wants most, and the
 * first of them where it wants several alike. RFC 9110, section 12.5.3.
 *
 * Without the header nothing is encoded: the RFC allows any coding then, and clients that send none understand none.
 * An element that can't be understood counts as not there.
 * @param header `Accept-Encoding` as it came; several headers joined by commas
 * @param available in the order in which the server likes them: `["br", "gzip"]`
 * @returns undefined for the representation as it is, also where the client refuses that: there is no other to send
 */
export function negotiateEncoding(header: string | undefined, available: readonly string[]): string | undefined {
  if (header === undefined || available.length === 0) return undefined
  const preferences = header.split(",").flatMap((text) => preferenceOf(text))
  const qualityOf = (coding: string) => preferences.find((preference) => preference.coding === coding)?.quality
  const others = qualityOf("*")
  // Not encoded at all: wanted least of what is not named, but never refused in silence.
  const identity = qualityOf("identity") ?? (others === 0 ? 0 : undefined)
  let chosen: string | undefined
  let most = identity ?? 0
  for (const coding of available) {
    const quality = qualityOf(coding) ?? others ?? 0
    const isWanted = chosen === undefined ? quality > 0 && quality >= most : quality > most
    if (!isWanted) continue
    chosen = coding
    most = quality
  }
  return chosen
}

function preferenceOf(text: string): readonly Preference[] {
  const [, coding, quality] = PREFERENCE.exec(withoutSpace(text)) ?? []
  if (coding === undefined) return []
  const name = coding.toLowerCase()
  return [{ coding: ALIASES[name] ?? name, quality: quality === undefined ? 1 : Number(quality) }]
}
