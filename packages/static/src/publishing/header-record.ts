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

/**
 * The headers of files as a record: nearly all files of an ending have the same, so that a record of each would be
 * as long as the manifest and tell nothing.
 */
export function recordHeaders(files: readonly PublishedHeaders[]): HeaderRecord {
  const record = { hashed: mostCommon(files, true), plain: mostCommon(files, false) }
  const names = files
    .filter((file) => textOf(file) !== record[file.hashed ? "hashed" : "plain"][endingOf(file.name)])
    .map((file) => [file.name, textOf(file)] as const)
  return { ...record, names: Object.fromEntries(names) }
}

function mostCommon(files: readonly PublishedHeaders[], hashed: boolean): Readonly<Record<string, string>> {
  const counts = new Map<string, Map<string, number>>()
  for (const file of files) {
    if (file.hashed !== hashed) continue
    const ofEnding = counts.get(endingOf(file.name)) ?? new Map<string, number>()
    counts.set(endingOf(file.name), ofEnding.set(textOf(file), (ofEnding.get(textOf(file)) ?? 0) + 1))
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
