import { lstatSync, realpathSync, type Stats, statSync } from "node:fs"
import { readdir, rmdir } from "node:fs/promises"
import { basename, dirname, join, resolve, sep } from "node:path"
import { type Layer, OCTET_STREAM, passThrough, type PutOptions, StorageError, typeOfName } from "@node-storages/core"
import { LocalStorage } from "@node-storages/local"
import { usageError } from "../command-error.ts"
import { baseOf, type Place, type Wanted } from "./place.ts"

/** A place of this machine. */
export interface LocalPlace extends Place {
  /** The root of its storage. */
  readonly folder: string
}

/** Whether it is one: they alone can be folders that are empty. */
export function isLocalPlace(place: Place): place is LocalPlace {
  return place.local
}

/**
 * A file or folder of this machine as a place in a storage: the folder itself, or the folder of the file. What a link
 * leads to is meant, unless the link itself is wanted.
 * @param folder what a relative path is relative to
 * @throws CommandError for a file where a folder is wanted; StorageError `invalid-name`
 */
export function localPlace(path: string, folder: string, wanted: Wanted = "any"): LocalPlace {
  const slashed = sep === "\\" ? /[/\\]$/.test(path) : path.endsWith("/")
  const full = resolve(folder, path)
  const linkItself = wanted === "link" && !slashed && existing(full, lstatSync)?.isSymbolicLink() === true
  const real = linkItself ? `${realOf(dirname(full)).replace(/[/\\]$/, "")}${sep}${basename(full)}` : realOf(full)
  const found = existing(real, linkItself ? lstatSync : statSync)
  const directory = slashed || wanted === "directory" || found?.isDirectory() === true
  if (directory && found !== undefined && !found.isDirectory()) {
    throw usageError(`${path} is a file, where a folder is meant.`)
  }
  const root = directory ? real : dirname(real)
  const storage = new LocalStorage(root).with(plainFiles)
  const name = directory ? "" : legalName(basename(real))
  const base = baseOf(path, sep === "\\" ? /[/\\]/ : /\//)
  return { storage, name, title: path, local: true, base: base === "" ? "" : legalName(base), directory, folder: root }
}

function existing(path: string, look: (path: string) => Stats): Stats | undefined {
  try {
    return look(path)
  } catch {
    return undefined
  }
}

/** A storage would read a backslash as a slash, and so another file. */
function legalName(name: string): string {
  if (sep === "\\" || !name.includes("\\")) return name
  throw new StorageError(
    "invalid-name",
    `${JSON.stringify(name)} holds a backslash, which storages read as a slash. Rename the file first.`,
    { key: name },
  )
}

/** A link is what it leads to: its folder is the storage, so that it does not lead out. */
function realOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

/**
 * Files without headers: a folder that somebody copies files into gets the files, and no records of headers beside
 * them. What the name's extension tells is all that is known of them.
 */
const plainFiles: Layer = (next) => {
  const members = passThrough(next)
  const plain = (key: string, { ifAbsent, ifMatch, nextKey, signal }: PutOptions): PutOptions => ({
    contentType: typeOfName(key) ?? OCTET_STREAM,
    ifAbsent,
    ifMatch,
    nextKey,
    signal,
  })
  return { ...members, put: (key, body, options) => members.put(key, body, plain(key, options)) }
}

/**
 * Removes a folder whose files are gone, with the folders in it. What holds anything still stays.
 * @returns whether it is gone
 */
export async function removeEmptyFolders(path: string): Promise<boolean> {
  try {
    for (const entry of await readdir(path, { withFileTypes: true })) {
      if (entry.isDirectory()) await removeEmptyFolders(join(path, entry.name))
    }
    await rmdir(path)
    return true
  } catch {
    return false
  }
}
