import { compareKeys, type FileInfo } from "@node-storages/core"
import type { HeaderRecord } from "../manifest.ts"

/** What a file is stored with, as far as publishing decides it. */
export interface PublishedHeaders {
  readonly name: string
  readonly hashed: boolean
  readonly contentType: string
  readonly cacheControl: string
  readonly contentEncoding?: string | undefined
}

/** The ending by which headers are grouped: the extension, with that of a compressed sibling. */
const ENDING = /\.[^./]+(?:\.(?:br|gz|zst))?$/

/** The headers as one text, as the record keeps them. */
function textOf({ contentType, cacheControl, contentEncoding }: Omit<PublishedHeaders, "name" | "hashed">): string {
  return [contentType, cacheControl, contentEncoding].filter((header) => header !== undefined).join(" | ")
}

function endingOf(name: string): string {
  return ENDING.exec(name)?.[0] ?? ""
}

/** The headers of a file, as the record tells them. */
export interface RecordedHeaders {
  readonly hashed: boolean
  readonly text: string
}

/** Gives the same object to all files with the same headers. */
export class HeaderTexts {
  readonly #known = { hashed: new Map<string, RecordedHeaders>(), plain: new Map<string, RecordedHeaders>() }

  of(file: PublishedHeaders): RecordedHeaders {
    const { hashed } = file
    const text = textOf(file)
    const known = this.#known[hashed ? "hashed" : "plain"]
    const headers = known.get(text) ?? { hashed, text }
    known.set(text, headers)
    return headers
  }
}

type Files = ReadonlyMap<string, { readonly headers: RecordedHeaders }>

/**
 * The headers of files as a record: nearly all files of an ending have the same, so that a record of each would be
 * as long as the manifest and tell nothing.
 * @param files by their names
 */
export function recordHeaders(files: Files): HeaderRecord {
  const record = { hashed: mostCommon(files, true), plain: mostCommon(files, false) }
  const names: [name: string, text: string][] = []
  for (const [name, { headers }] of files) {
    const { hashed, text } = headers
    if (text !== record[hashed ? "hashed" : "plain"][endingOf(name)]) names.push([name, text])
  }
  return { ...record, names: Object.fromEntries(names) }
}

function mostCommon(files: Files, ofHashed: boolean): Readonly<Record<string, string>> {
  const counts = new Map<string, Map<string, number>>()
  for (const [name, { headers }] of files) {
    if (headers.hashed !== ofHashed) continue
    const ofEnding = counts.get(endingOf(name)) ?? new Map<string, number>()
    counts.set(endingOf(name), ofEnding.set(headers.text, (ofEnding.get(headers.text) ?? 0) + 1))
  }
  // Of equally many the first by its bytes: the record does not depend on the order of publishing.
  const first = (texts: Map<string, number>) =>
    [...texts].toSorted(([one, many], [other, more]) => more - many || compareKeys(one, other))[0]![0]
  return Object.fromEntries([...counts].map(([ending, texts]) => [ending, first(texts)]))
}

/**
 * Whether the stored file has these headers: by the listing where it tells them, else by the record. A hashed name of
 * which nothing is recorded (a collect before this one failed) is ours, and so are its headers.
 */
export function hasHeaders(file: PublishedHeaders, listed: FileInfo, record: HeaderRecord | undefined): boolean {
  // A listing tells all headers or none; the content type is one that every file has.
  const { contentType, cacheControl = "", contentEncoding } = listed
  if (contentType !== undefined) return textOf({ contentType, cacheControl, contentEncoding }) === textOf(file)
  const ofEnding = record?.[file.hashed ? "hashed" : "plain"]
  const recorded = own(record?.names, file.name) ?? own(ofEnding, endingOf(file.name))
  return recorded === undefined ? file.hashed : recorded === textOf(file)
}

function own(map: Readonly<Record<string, string>> | undefined, key: string): string | undefined {
  return map && Object.hasOwn(map, key) ? map[key] : undefined
}
