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
  // The directory is checked while the file is opened: nothing is read before both are known.
  const [place, opened] = await Promise.allSettled([folder.resolve(root, lexical), openAt(folder, lexical)])
  if (place.status === "rejected" || place.value === undefined) {
    if (opened.status === "fulfilled" && opened.value) await quietly(opened.value.handle.close())
    if (place.status === "rejected") throw place.reason
    return undefined
  }
  if (opened.status === "fulfilled") {
    return opened.value && { ...opened.value, file: { ...opened.value.file, ...place.value } }
  }
  // The name is a symbolic link: ELOOP, or EMLINK on FreeBSD.
  const code = codeOf(opened.reason)
  if (code !== "ELOOP" && code !== "EMLINK") throw opened.reason
  const target = await folder.followLink(root, place.value)
  return target && openAt(folder, target)
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
