import { existsSync, realpathSync, statSync } from "node:fs"
import { basename, dirname, resolve, sep } from "node:path"
import { type Layer, OCTET_STREAM, passThrough, type PutOptions, typeOfName } from "@node-storages/core"
import { LocalStorage } from "@node-storages/local"
import type { Place } from "./place.ts"

/**
 * A file or folder of this machine as a place in a storage: the folder itself, or the folder of the file.
 * @param folder what a relative path is relative to
 * @returns with the folder that is the storage's root
 */
export function localPlace(path: string, folder: string): Place & { readonly folder: string } {
  const full = realOf(resolve(folder, path))
  const isFolder = /[/\\]$/.test(path) || (existsSync(full) && statSync(full).isDirectory())
  const root = isFolder ? full : dirname(full)
  const storage = new LocalStorage(root).with(plainFiles)
  return { storage, name: isFolder ? "" : basename(full), title: path, local: true, folder: root }
}

/** A link is what it leads to: its folder is the storage, so that it does not lead out. */
function realOf(path: string): string {
  const bare = path.endsWith(sep) && path.length > 1 ? path.slice(0, -1) : path
  try {
    return realpathSync(bare)
  } catch {
    return bare
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
