import { type CopyOptions, type FileInfo, throwIfAborted } from "@node-storages/core"
import type { Commits } from "./commit.ts"
import { codeOf, quietly, unlessMissing } from "./errors.ts"
import { fileInfo } from "./file-info.ts"
import { sameVersion, tokenOf } from "./file-version.ts"
import type { Folder, FoundFile } from "./folder.ts"
import { headersToRecord, type Records } from "./records.ts"

/**
 * Moves a file by one atomic act, its record carried before.
 * @returns undefined where that can't be done, so that the file has to be copied: across file systems, where its time
 * would have to change to have a record under the new name, where both names are one file
 */
export async function renameFile(
  { folder, records, commits, fsync }: { folder: Folder; records: Records; commits: Commits; fsync: boolean },
  source: FoundFile,
  info: FileInfo,
  to: string,
  { ifAbsent, signal }: CopyOptions,
): Promise<FileInfo | undefined> {
  const { fileSystem } = folder
  const root = await folder.makeRoot()
  const place = await folder.prepare(root, folder.place(root, to))
  const headers = headersToRecord(to, info)
  const token = tokenOf(source.stats)
  if (token === undefined && Object.keys(headers).length > 0) return undefined
  const previous = await unlessMissing(fileSystem.lstat(place.path))
  if (previous?.ino === source.stats.ino) return undefined
  let record: string | undefined
  if (token !== undefined) {
    record = (await records.claim(place.key, place.path, source.stats, headers))?.path
    if (record === undefined) return undefined
  }
  try {
    throwIfAborted(signal, "move")
    if (ifAbsent) await fileSystem.link(source.path, place.path)
    else await fileSystem.rename(source.path, place.path)
  } catch (error) {
    if (record !== undefined) await quietly(fileSystem.unlink(record))
    // Either name's directory or the source itself is gone meanwhile: copying finds out which.
    if (codeOf(error) === "EXDEV" || codeOf(error) === "ENOENT") return undefined
    throw await commits.explain(error, source.path, to)
  }
  if (fsync) await folder.syncDirectory(place.directory)
  if (previous && tokenOf(previous) !== token) await records.remove(place.key, previous)
  if (ifAbsent) {
    // What has been written under the old name meanwhile stays.
    const now = await unlessMissing(fileSystem.lstat(source.path))
    if (now && sameVersion(now, source.stats)) await unlessMissing(fileSystem.unlink(source.path))
  } else {
    const moved = await unlessMissing(fileSystem.lstat(place.path))
    if (moved?.isFile() && tokenOf(moved) !== undefined && !sameVersion(moved, source.stats)) {
      // The source was replaced right before it was renamed: its newer record follows it.
      const newer = await records.read(source.key, moved, false)
      await records.claim(place.key, place.path, moved, headersToRecord(to, newer))
      await records.remove(source.key, moved)
    }
  }
  await records.remove(source.key, source.stats)
  if (fsync && source.directory !== place.directory) await folder.syncDirectory(source.directory)
  return fileInfo(to, source.stats, info)
}
