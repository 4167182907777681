import { link, mkdir, rename, unlink } from "node:fs/promises"
import { dirname } from "node:path"
import { type Checksums, type FileInfo, type Progress, StorageError } from "@node-storages/core"
import { type CopySettings, copyFile } from "./copy-file.ts"
import type { Job } from "./jobs.ts"
import { localPath } from "./local-path.ts"

/**
 * Moves one file: by the storage, or by a rename between folders of this machine; else it is copied, the copy is
 * compared with the source, and the source deleted only where both are as they should be.
 */
export async function moveFile(
  job: Job,
  settings: CopySettings,
  onProgress: (progress: Progress) => void,
): Promise<void> {
  const { from, to } = job
  const { signal, ifAbsent } = settings
  if (from.storage === to.storage) {
    await from.storage.move(from.name, to.name, { signal, ifAbsent })
    return
  }
  if (await renamed(job, ifAbsent)) return
  const before = await from.storage.stat(from.name, { signal })
  await copyFile(job, settings, onProgress)
  const [after, copy] = await Promise.all([
    from.storage.stat(from.name, { signal }),
    to.storage.stat(to.name, { signal }),
  ])
  const problem = changed(before, after) ?? differs(before, copy)
  if (problem !== undefined) {
    throw new StorageError("conflict", `${problem}: ${to.title} has a copy, and ${from.title} was left where it is.`, {
      operation: "move",
      key: from.name,
    })
  }
  await from.storage.delete(from.name, { signal })
}

function changed(before: FileInfo, after: FileInfo): string | undefined {
  const same =
    before.size === after.size && before.etag === after.etag && before.modified.getTime() === after.modified.getTime()
  return same ? undefined : "The source changed while it was copied"
}

/** Of what is decoded on its way, size and digests are those of other bytes. */
function differs(source: FileInfo, copy: FileInfo): string | undefined {
  if (source.decoded || copy.decoded) return undefined
  if (source.size !== copy.size) return `The copy has ${copy.size} bytes, and the source ${source.size}`
  for (const [algorithm, digest] of Object.entries(source.checksum ?? {})) {
    const other = copy.checksum?.[algorithm as keyof Checksums]
    if (other !== undefined && other.toLowerCase() !== digest.toLowerCase()) return `The copy has another ${algorithm}`
  }
  return undefined
}

/** A rename, which keeps time and mode; false where the file has to be copied, as across file systems. */
async function renamed({ from, to }: Job, ifAbsent: boolean): Promise<boolean> {
  const [source, target] = [localPath(from), localPath(to)]
  if (source === undefined || target === undefined) return false
  await mkdir(dirname(target), { recursive: true })
  try {
    if (!ifAbsent) {
      await rename(source, target)
      return true
    }
    await link(source, target)
  } catch (error) {
    if (["EXDEV", "EPERM", "ENOTSUP"].includes(String((error as NodeJS.ErrnoException).code))) return false
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
    throw new StorageError("already-exists", `${to.title} is there already.`, { key: to.name })
  }
  await unlink(source)
  return true
}
