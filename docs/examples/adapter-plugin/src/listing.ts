import {
  compareKeys,
  type FileInfo,
  type ListPage,
  nameProblem,
  type PageOptions,
  throwIfAborted,
} from "@node-storages/core"
import { pool } from "@node-storages/core/adapter"
import type { Stats } from "ssh2"
import { STATUS, statusOf } from "./errors.ts"
import { fileInfo } from "./file-info.ts"
import type { Folder } from "./folder.ts"
import { RESERVED } from "./options.ts"
import type { Session } from "./session.ts"

/** Files and folders of one page. */
const PAGE_SIZE = 1000
/** Folders and links that are looked into at once. */
const PARALLEL_CALLS = 32
/** What a name's bytes that are no UTF-8 are read as: such a name can't be asked for. */
const UNREADABLE = "\ufffd"

/** A file, or a folder, whose name ends with a slash. */
interface Entry {
  readonly name: string
  readonly stats: Stats
}

/** A folder on the way, with its entries in order, and how many of them have been visited. */
interface Level {
  readonly prefix: string
  readonly entries: readonly Entry[]
  readonly visited: number
}

/** Where a listing stands: the folders from the prefix down. Never changed, so that a page can be asked for again. */
type Cursor = readonly Level[]

/** One page of a depth-first walk, in which each folder is read once. */
export async function listPage(folder: Folder, session: Session, options: PageOptions): Promise<ListPage> {
  const { prefix, recursive, signal } = options
  const levels =
    options.cursor === undefined ? await readLevel(folder, session, prefix) : [...(options.cursor as Cursor)]
  const files: FileInfo[] = []
  const prefixes: string[] = []
  while (levels.length > 0 && files.length + prefixes.length < PAGE_SIZE) {
    throwIfAborted(signal, "list")
    const level = levels.pop()!
    const entry = level.entries[level.visited]
    if (entry === undefined) continue
    levels.push({ ...level, visited: level.visited + 1 })
    const name = level.prefix + entry.name
    if (!name.endsWith("/")) files.push(fileInfo(name, entry.stats))
    else if (recursive) levels.push(...(await readLevel(folder, session, name)))
    else prefixes.push(name)
  }
  const more = levels.some(({ entries, visited }) => visited < entries.length)
  const held = await inParallel(prefixes, (name) => holdsFile(folder, session, name))
  return {
    files,
    prefixes: prefixes.filter((_, index) => held[index]),
    ...(more && { cursor: levels satisfies Cursor }),
  }
}

async function readLevel(folder: Folder, session: Session, prefix: string): Promise<Level[]> {
  if (prefix === `${RESERVED}/`) return []
  const found: Entry[] = []
  for await (const entries of batches(folder, session, prefix)) found.push(...entries)
  const resolved = await inParallel(found, (entry) => resolve(folder, session, prefix, entry))
  const entries = resolved.filter((entry) => entry !== undefined).toSorted((a, b) => compareKeys(a.name, b.name))
  return [{ prefix, entries, visited: 0 }]
}

/** What is in a folder that a name can be of; nothing where it is no folder, or is gone. */
async function* batches(folder: Folder, session: Session, prefix: string): AsyncGenerator<Entry[]> {
  try {
    for await (const entries of session.readdir(folder.directory(prefix))) {
      yield entries
        .filter(({ filename }) => isListed(filename, prefix))
        .map(({ filename, attrs }) => ({ name: filename, stats: attrs }))
    }
  } catch (error) {
    if (statusOf(error) !== STATUS.noSuchFile) throw error
  }
}

/** Files and folders as they are; a link as the file that it leads to. A link to a folder is not followed. */
async function resolve(folder: Folder, session: Session, prefix: string, entry: Entry): Promise<Entry | undefined> {
  const { name, stats } = entry
  if (stats.isFile()) return entry
  if (stats.isDirectory()) return { name: `${name}/`, stats }
  if (!stats.isSymbolicLink()) return undefined
  const target = await session.stat(folder.path(prefix + name)).catch((error: unknown) => {
    // It leads nowhere, in circles, or where the user may not look.
    if (statusOf(error) === undefined) throw error
    return undefined
  })
  return target?.isFile() ? { name, stats: target } : undefined
}

/** Looks no further than the first file: a folder without any is no part of a name, as in a bucket. */
async function holdsFile(folder: Folder, session: Session, prefix: string): Promise<boolean> {
  const below: string[] = []
  for await (const entries of batches(folder, session, prefix)) {
    for (const entry of entries) {
      const found = await resolve(folder, session, prefix, entry)
      if (found?.name.endsWith("/")) below.push(prefix + found.name)
      else if (found !== undefined) return true
    }
  }
  for (const name of below) if (await holdsFile(folder, session, name)) return true
  return false
}

async function inParallel<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = Array.from({ length: items.length })
  await pool(items.entries(), PARALLEL_CALLS, async ([index, item]) => {
    results[index] = await work(item)
  })
  return results
}

/** Not every name on a server is one that a storage can open: `a\b` would be read as `a/b`. */
function isListed(name: string, prefix: string): boolean {
  if (name === "." || name === ".." || name.includes("\\") || name.includes(UNREADABLE)) return false
  return nameProblem(name) === undefined && !(prefix === "" && name === RESERVED)
}

/** Why a key can't be one here, beside what makes a name illegal everywhere. */
export function keyProblem(key: string): string | undefined {
  return key.includes(UNREADABLE) ? "a name must not hold U+FFFD here, which stands for what is no UTF-8" : undefined
}
