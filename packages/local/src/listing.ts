import {
  compareKeys,
  type FileInfo,
  type ListPage,
  nameProblem,
  type NamesPage,
  type PageOptions,
  StorageError,
} from "@node-storages/core"
import { codeOf, unlessMissing } from "./errors.ts"
import type { LocalDirectoryEntry } from "./file-system.ts"
import { type Folder, type FoundFile, pathBelow, type Place, RESERVED } from "./folder.ts"

/** Files and directories of one page. */
const PAGE_SIZE = 1000
/** Files and directories that are looked at at once; Node's thread pool has 4 threads by default. */
const PARALLEL_CALLS = 64

/** A directory on the way: its entries, sorted, directories with a trailing slash, and how many have been visited. */
interface Level {
  readonly path: string
  readonly prefix: string
  /** The prefix with symbolic links resolved: where the listing was begun through one it differs. */
  readonly realPrefix: string
  readonly entries: readonly string[]
  /** Those of them that are symbolic links. */
  readonly links: ReadonlySet<string>
  readonly visited: number
}

/** Where a listing stands: the directories from the prefix down. Never changed, so that a page can be asked for again. */
type Cursor = readonly Level[]

interface Named {
  readonly name: string
  readonly place: Place
  readonly isLink: boolean
}

/** Tells of a file what is known of it; undefined where it is gone. */
type Describe = (name: string, file: FoundFile) => Promise<FileInfo | undefined>

/** One page of a depth-first walk in which no directory is read twice. */
export async function listPage(folder: Folder, options: PageOptions, describe: Describe): Promise<ListPage> {
  const walked = await walk(folder, options)
  if (walked === undefined) return { files: [], prefixes: [] }
  const { root, found, directories, cursor } = walked
  const infos = await inParallel(found, async ({ name, place }) => {
    const file = await findFile(folder, root, place)
    return file && describe(name, file)
  })
  const files = infos.filter((info) => info !== undefined)
  const prefixes = await withFiles(folder, root, directories)
  return { files, prefixes, ...(cursor && { cursor }) }
}

/** The same, names only: what a directory tells of its entries is enough, but for symbolic links. */
export async function listNamesPage(folder: Folder, options: PageOptions): Promise<NamesPage> {
  const walked = await walk(folder, options)
  if (walked === undefined) return { names: [] }
  const { root, found, cursor } = walked
  const names: string[] = []
  for (const { name, place, isLink } of found) {
    if (!isLink || (await findFile(folder, root, place)) !== undefined) names.push(name)
  }
  return { names, ...(cursor && { cursor }) }
}

interface Walked {
  readonly root: string
  readonly found: readonly Named[]
  readonly directories: readonly Named[]
  readonly cursor: Cursor | undefined
}

/** Goes on with a walk, up to a page's size. Undefined where there is no root. */
async function walk(folder: Folder, { prefix, recursive, signal, cursor }: PageOptions): Promise<Walked | undefined> {
  const root = await folder.realRoot()
  if (root === undefined) return undefined
  const levels = cursor === undefined ? await firstLevel(folder, root, prefix) : [...(cursor as Cursor)]
  const found: Named[] = []
  const directories: Named[] = []
  while (levels.length > 0 && found.length + directories.length < PAGE_SIZE) {
    signal?.throwIfAborted()
    const level = levels.pop()!
    const room = PAGE_SIZE - found.length - directories.length
    const { visited, below } = visit(level, room, recursive, found, directories)
    if (visited < level.entries.length) levels.push({ ...level, visited })
    if (below !== undefined) levels.push(...(await readLevel(folder, level, below)))
  }
  return { root, found, directories, cursor: levels.length > 0 ? levels : undefined }
}

/** Takes entries of a level up to the next directory to go down to, or to the page's end. */
function visit(
  { path, prefix, realPrefix, entries, links, visited }: Level,
  room: number,
  recursive: boolean,
  found: Named[],
  directories: Named[],
): { visited: number; below?: string } {
  let taken = 0
  for (let index = visited; index < entries.length; index++) {
    const entry = entries[index]!
    const isDirectory = entry.endsWith("/")
    if (isDirectory && recursive) return { visited: index + 1, below: entry }
    if (taken++ === room) return { visited: index }
    const place = { key: realPrefix + entry, directory: path, path: pathBelow(path, entry) }
    const taker = isDirectory ? directories : found
    taker.push({ name: prefix + entry, place, isLink: links.has(entry) })
  }
  return { visited: entries.length }
}

/** The directory of a prefix. It may be reached through links that stay inside the root; the walk follows none. */
async function firstLevel(folder: Folder, root: string, prefix: string): Promise<Level[]> {
  if (isReserved(prefix.slice(0, prefix.indexOf("/")))) return []
  // The place of any file in the directory tells where the directory is.
  const place = await folder.resolve(
    root,
    prefix === "" ? { key: "", directory: root, path: root } : folder.place(root, `${prefix}-`),
  )
  if (place === undefined) return []
  const entries = await unlessMissing(folder.fileSystem.readdir(place.directory, { withFileTypes: true }))
  const realPrefix = prefix === "" ? "" : place.key.slice(0, -1)
  return entries === undefined ? [] : levelOf(entries, { path: place.directory, prefix, realPrefix })
}

/** A directory below: none where it is gone, or has become a link since its name was read. */
async function readLevel(folder: Folder, { path, prefix, realPrefix }: Level, below: string): Promise<Level[]> {
  const directory = pathBelow(path, below.slice(0, -1))
  const [entries, real] = await Promise.all([
    unlessMissing(folder.fileSystem.readdir(directory, { withFileTypes: true })),
    unlessMissing(folder.fileSystem.realpath(directory)),
  ])
  if (entries === undefined || real !== directory) return []
  return levelOf(entries, { path: directory, prefix: prefix + below, realPrefix: realPrefix + below })
}

/** What needs more than a look at UTF-16 units to be sorted by its bytes in UTF-8. */
const BEYOND = /[\ud800-\uffff]/

function levelOf(
  entries: readonly LocalDirectoryEntry[],
  level: Pick<Level, "path" | "prefix" | "realPrefix">,
): Level[] {
  const names: string[] = []
  const links = new Set<string>()
  let plain = true
  for (const entry of entries) {
    const { name } = entry
    if (!isListed(name, level.realPrefix)) continue
    if (BEYOND.test(name)) plain = false
    if (entry.isDirectory()) names.push(`${name}/`)
    else if (entry.isFile()) names.push(name)
    else if (entry.isSymbolicLink()) {
      names.push(name)
      links.add(name)
    }
  }
  names.sort(plain ? undefined : compareKeys)
  return names.length === 0 ? [] : [{ ...level, entries: names, links, visited: 0 }]
}

/** Not every name on disk is one that a storage can open: `a\b` would be read as `a/b`. */
function isListed(name: string, prefix: string): boolean {
  return !name.includes("\\") && nameProblem(name) === undefined && !(prefix === "" && isReserved(name))
}

function isReserved(segment: string): boolean {
  return segment.toLowerCase() === RESERVED
}

/** The directories that hold files, however deep: an empty one is no part of any name, as in a bucket. */
async function withFiles(folder: Folder, root: string, directories: readonly Named[]): Promise<string[]> {
  const holds = await inParallel(directories, ({ place }) => holdsFile(folder, root, place.path, place.key))
  return directories.filter((_, index) => holds[index]).map(({ name }) => name)
}

/** Looks no further than the first file. */
async function holdsFile(folder: Folder, root: string, path: string, prefix: string): Promise<boolean> {
  const below: string[] = []
  for await (const entry of (await unlessMissing(folder.fileSystem.opendir(path))) ?? []) {
    const { name } = entry
    if (!isListed(name, prefix)) continue
    if (entry.isDirectory()) below.push(name)
    const place = { key: prefix + name, directory: path, path: pathBelow(path, name) }
    if (entry.isFile() || (entry.isSymbolicLink() && (await findFile(folder, root, place)))) return true
  }
  for (const name of below) {
    if (await holdsFile(folder, root, pathBelow(path, name), `${prefix}${name}/`)) return true
  }
  return false
}

async function inParallel<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = Array.from({ length: items.length })
  let next = 0
  const worker = async () => {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index]!)
  }
  await Promise.all(Array.from({ length: Math.min(PARALLEL_CALLS, items.length) }, worker))
  return results
}

/** The file of an entry; undefined where it is gone, no regular file, or a link that leads nowhere or out of the root. */
async function findFile(folder: Folder, root: string, place: Place): Promise<FoundFile | undefined> {
  const stats = await unlessMissing(folder.fileSystem.lstat(place.path))
  if (stats === undefined) return undefined
  if (stats.isFile()) return { ...place, stats, isLink: false }
  if (!stats.isSymbolicLink()) return undefined
  try {
    return await folder.followLink(root, place)
  } catch (error) {
    if (StorageError.is(error, "permission-denied") || codeOf(error) === "ELOOP") return undefined
    throw error
  }
}
