/** Pages of `objects.list`. https://cloud.google.com/storage/docs/json_api/v1/objects/list */
import { invalid } from "./errors.ts"
import { compareNames } from "./object-names.ts"

export const LARGEST_PAGE = 1000

export interface ListOptions {
  prefix: string
  delimiter: string
  startOffset: string
  endOffset: string | undefined
  includeTrailingDelimiter: boolean
  /** Of items and prefixes together. */
  maxResults: number
  pageToken: string | undefined
}

export interface ListPage {
  items: string[]
  prefixes: string[]
  nextPageToken?: string
}

export function listOptionsOf(query: URLSearchParams): ListOptions {
  const maxResults = query.get("maxResults")
  if (maxResults !== null && !/^[1-9]\d{0,9}$/.test(maxResults)) {
    throw invalid(`Invalid value '${maxResults}' for maxResults. Values must be within the range: [1, 4294967295]`)
  }
  return {
    prefix: query.get("prefix") ?? "",
    delimiter: query.get("delimiter") ?? "",
    startOffset: query.get("startOffset") ?? "",
    endOffset: query.get("endOffset") ?? undefined,
    includeTrailingDelimiter: query.get("includeTrailingDelimiter") === "true",
    maxResults: Math.min(Number(maxResults ?? LARGEST_PAGE), LARGEST_PAGE),
    pageToken: query.get("pageToken") ?? undefined,
  }
}

/** `names` are sorted. */
export function listPage(names: readonly string[], options: ListOptions): ListPage {
  const { prefix, endOffset, maxResults, pageToken } = options
  const last = pageToken ? parseToken(pageToken) : undefined
  const page: ListPage = { items: [], prefixes: [] }
  let latest = last
  for (let index = firstIndex(names, options, last); index < names.length; index += 1) {
    const name = names[index]!
    if (!name.startsWith(prefix) || (endOffset && compareNames(name, endOffset) >= 0)) break
    const group = groupOf(name, options)
    const isNewGroup = group !== undefined && latest?.group !== group
    const isItem = group === undefined || (options.includeTrailingDelimiter && group === name)
    const more = Number(isNewGroup) + Number(isItem)
    if (more === 0) continue
    if (page.items.length + page.prefixes.length + more > maxResults && latest !== last) {
      return { ...page, nextPageToken: makeToken(latest!) }
    }
    if (isNewGroup) page.prefixes.push(group)
    if (isItem) page.items.push(name)
    latest = { name, ...(group === undefined ? {} : { group }) }
  }
  return page
}

/** Where a page ended: at this name, or at this group of names, which was given and is not to be given again. */
interface Position {
  name: string
  group?: string
}

function groupOf(name: string, { prefix, delimiter }: ListOptions): string | undefined {
  const at = delimiter === "" ? -1 : name.indexOf(delimiter, prefix.length)
  return at < 0 ? undefined : name.slice(0, at + delimiter.length)
}

/** The first name that is not before the prefix or the start offset, and is behind the position. */
function firstIndex(
  names: readonly string[],
  { prefix, startOffset }: ListOptions,
  last: Position | undefined,
): number {
  const from = compareNames(prefix, startOffset) > 0 ? prefix : startOffset
  let [low, high] = [0, names.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const name = names[middle]!
    const isBefore = compareNames(name, from) < 0 || (last !== undefined && compareNames(name, last.name) <= 0)
    if (isBefore) low = middle + 1
    else high = middle
  }
  return low
}

function makeToken(position: Position): string {
  return Buffer.from(JSON.stringify(position)).toString("base64")
}

function parseToken(token: string): Position {
  try {
    const position = JSON.parse(Buffer.from(token, "base64").toString()) as Position
    if (typeof position.name === "string") return position
  } catch {
    // It is none of ours.
  }
  throw invalid(`Invalid page token '${token}'`)
}
