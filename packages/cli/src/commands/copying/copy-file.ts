import { chmod, stat } from "node:fs/promises"
import {
  driverOf,
  type FileHeaders,
  type FileInfo,
  type Progress,
  StorageError,
  StorageFile,
} from "@node-storages/core"
import { withoutDerivedType } from "../../locations/derived-type.ts"
import type { End, Job } from "./jobs.ts"
import { localPath } from "./local-path.ts"

export interface CopySettings {
  readonly signal: AbortSignal
  /** Fail with `already-exists` rather than replace. */
  readonly ifAbsent: boolean
  /** In place of those of the source. */
  readonly headers: FileHeaders
}

/** What was copied, and what became of it. */
export interface Copied {
  readonly source: FileInfo | undefined
  readonly target: FileInfo
}

type OnProgress = (progress: Progress) => void

/**
 * Copies one file, with headers and metadata: by the storage or service where both ends are of one, else as a stream in
 * bounded memory that is compared with the digest that the source tells.
 */
export async function copyFile({ from, to }: Job, settings: CopySettings, onProgress: OnProgress): Promise<Copied> {
  const { signal, ifAbsent, headers } = settings
  if (Object.keys(headers).length === 0) {
    if (from.storage === to.storage) {
      return { source: undefined, target: await from.storage.copy(from.name, to.name, { signal, ifAbsent }) }
    }
    const target = await copyByService(from, to, settings)
    if (target !== undefined) return { source: undefined, target }
  }
  const file = from.storage.open(from.name, { signal })
  const source = await file.stat()
  const told = from.local ? withoutDerivedType(source) : source
  // Asked once: the headers, the announced size and the digest are those of one version.
  const content = new StorageFile(from.name, {
    stat: async () => told,
    read: async () => ({ info: told, length: undefined, chunks: file }),
  })
  const checksum = source.decoded ? undefined : source.checksum
  const target = await to.storage.write(to.name, content, { ...headers, signal, ifAbsent, checksum, onProgress })
  await keepMode(from, to)
  return { source, target }
}

/** Answers after which the bytes are streamed: the service can't, or may not read the source. */
const REFUSALS: ReadonlySet<string> = new Set([
  "permission-denied",
  "unauthenticated",
  "unsupported",
  "bucket-not-found",
  "wrong-region",
])

/** A copy that the service makes between two of its buckets; undefined where it can't. */
async function copyByService(from: End, to: End, { signal, ifAbsent }: CopySettings): Promise<FileInfo | undefined> {
  const [source, target] = [driverOf(from.storage), driverOf(to.storage)]
  if (!target?.copyFrom || (ifAbsent && !target.features.conditionalCopy)) return undefined
  const place = source?.place?.(from.name)
  if (place === undefined || place.service !== target.place?.(to.name)?.service) return undefined
  try {
    return await target.copyFrom(place, to.name, { signal, ifAbsent })
  } catch (error) {
    if (!StorageError.is(error) || !REFUSALS.has(error.code)) throw error
    return undefined
  }
}

const PERMISSIONS = 0o777

/** Between folders of this machine, programs stay programs, as far as the umask allows. */
async function keepMode(from: End, to: End): Promise<void> {
  const [source, target] = [localPath(from), localPath(to)]
  if (source === undefined || target === undefined || process.platform === "win32") return
  const { mode } = await stat(source)
  await chmod(target, mode & PERMISSIONS & ~process.umask())
}
