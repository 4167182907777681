import { codeOf, quietly, unlessMissing } from "./errors.ts"
import { type LocalFileHandle, READ_FLAGS } from "./file-system.ts"
import type { Folder, FoundFile, Place } from "./folder.ts"

export interface OpenFile {
  readonly handle: LocalFileHandle
  readonly file: FoundFile
}

/**
 * Opens the regular file of a key to be read; undefined where there is none.
 * @throws StorageError `permission-denied` where a symbolic link leads out of the root
 */
export async function openFile(folder: Folder, key: string): Promise<OpenFile | undefined> {
  const root = await folder.realRoot()
  if (root === undefined) return undefined
  if (READ_FLAGS === undefined) {
    const file = await folder.find(key)
    return file && openAt(folder, file)
  }
  const lexical = folder.place(root, key)
  if (lexical.directory === root) return openOrFollow(folder, root, lexical, openAt(folder, lexical))
  // The directory is checked while the file is opened: nothing is read before both are known.
  const [place, opened] = await Promise.allSettled([folder.resolve(root, lexical), openAt(folder, lexical)])
  if (place.status === "fulfilled" && place.value !== undefined) {
    const again = opened.status === "fulfilled" ? Promise.resolve(opened.value) : Promise.reject(opened.reason as Error)
    return openOrFollow(folder, root, place.value, again)
  }
  if (opened.status === "fulfilled" && opened.value) await quietly(opened.value.handle.close())
  if (place.status === "rejected") throw place.reason
  return undefined
}

async function openOrFollow(
  folder: Folder,
  root: string,
  place: Place,
  opening: Promise<OpenFile | undefined>,
): Promise<OpenFile | undefined> {
  try {
    const opened = await opening
    return opened && { handle: opened.handle, file: { ...opened.file, ...place } }
  } catch (error) {
    // The name is a symbolic link: ELOOP, or EMLINK on FreeBSD.
    if (codeOf(error) !== "ELOOP" && codeOf(error) !== "EMLINK") throw error
    const target = await folder.followLink(root, place)
    return target && openAt(folder, target)
  }
}

async function openAt({ fileSystem }: Folder, place: Place): Promise<OpenFile | undefined> {
  let handle
  try {
    handle = await unlessMissing(fileSystem.open(place.path, READ_FLAGS ?? "r"))
  } catch (error) {
    // A socket, or a directory on Windows: no file.
    if (codeOf(error) === "ENXIO" || codeOf(error) === "EISDIR") return undefined
    throw error
  }
  if (handle === undefined) return undefined
  try {
    const stats = await handle.stat()
    if (stats.isFile()) return { handle, file: { ...place, stats, isLink: false } }
  } catch (error) {
    await quietly(handle.close())
    throw error
  }
  await handle.close()
  return undefined
}
