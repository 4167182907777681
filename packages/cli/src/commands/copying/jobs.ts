import type { FileInfo, Storage } from "@node-storages/core"
import { StorageError } from "@node-storages/core"
import { usageError } from "../../command-error.ts"
import { below, type Place, titleBelow } from "../../locations/place.ts"
import type { Session } from "../../session.ts"
import { checkEnds } from "./check-ends.ts"
import { targetName } from "./target-name.ts"

/** One end of a copy. */
export interface End {
  readonly storage: Storage
  readonly name: string
  readonly title: string
  /** In a folder of this machine, which keeps no headers. */
  readonly local: boolean
}

/** One file that is to be copied or moved. */
export interface Job {
  readonly from: End
  readonly to: End
  /** In bytes, when it was looked at. */
  readonly size: number
}

/** A file, or all that is in a directory. */
interface Source {
  readonly place: Place
  readonly target: string
  /** Of a file; a directory's are listed when they are copied. */
  readonly info: FileInfo | undefined
}

/** What the command line asks to be copied: checked as a whole before anything is done. */
export interface Plan {
  readonly sources: readonly Source[]
  readonly to: Place
  /** How many files and bytes, where that is known without listing. */
  readonly total: { readonly files: number; readonly bytes: number } | undefined
}

interface Wish {
  readonly recursive: boolean
  /** What is done to files: `"copied"`. */
  readonly done: string
}

/**
 * Looks at every source.
 * @throws CommandError for directories without `recursive`, and targets that are the source or within it; StorageError
 * `not-found`
 */
export async function plan(
  session: Session,
  from: readonly Place[],
  to: Place,
  { recursive, done }: Wish,
): Promise<Plan> {
  const sources: Source[] = []
  for (const place of from) {
    const info = await fileOf(session, place, { recursive, done })
    const target = targetName(place.base, to, from.length > 1)
    if (target === "" && info !== undefined) throw usageError(`${to.title} needs a name for ${place.title}.`)
    checkEnds(place, to, target, done)
    const other = sources.find((source) => source.target === target)
    if (other !== undefined) {
      throw usageError(`${other.place.title} and ${place.title} would both be ${done} to ${titleOf(to, target)}.`)
    }
    sources.push({ place, target, info })
  }
  const infos = sources.map(({ info }) => info).filter((info) => info !== undefined)
  const bytes = infos.reduce((sum, { size }) => sum + size, 0)
  return { sources, to, total: infos.length === sources.length ? { files: infos.length, bytes } : undefined }
}

/** The files of a plan, directories as they are listed. */
export async function* jobsOf({ sources, to }: Plan, signal: AbortSignal): AsyncGenerator<Job> {
  for (const { place, target, info } of sources) {
    const { storage, name, local } = place
    const toTitle = titleOf(to, target)
    if (info !== undefined) {
      const end = { storage: to.storage, name: target, title: toTitle, local: to.local }
      yield { from: { storage, name, title: place.title, local }, to: end, size: info.size }
      continue
    }
    const directory = below(name, "")
    for await (const file of storage.list(directory, { signal })) {
      const rest = directory === "" ? file.name : file.name.slice(directory.length + 1)
      yield {
        from: { storage, name: file.name, title: titleBelow(place.title, rest), local },
        to: { storage: to.storage, name: below(target, rest), title: titleBelow(toTitle, rest), local: to.local },
        size: file.size,
      }
    }
  }
}

/** The title of a name in the target's storage: it begins with the target's own. */
function titleOf(to: Place, name: string): string {
  const own = below(to.name, "")
  return titleBelow(to.title, own === "" ? name : name.slice(own.length + 1))
}

/** What is known of a source that is a file; undefined for a directory. */
async function fileOf(session: Session, place: Place, { recursive, done }: Wish): Promise<FileInfo | undefined> {
  const { storage, name, title } = place
  const { signal } = session
  if (!place.directory) {
    try {
      return await storage.stat(name, { signal })
    } catch (error) {
      if (!StorageError.is(error, "not-found")) throw error
      if (!(await holdsFiles(storage, name, signal))) throw error
      if (place.local)
        throw usageError(`${title} is a link to a folder. Name the folder itself: what is in it is ${done}.`)
    }
  }
  if (!recursive) throw usageError(`${title} is a directory. With -r all that is in it is ${done}.`)
  if (place.local || (await holdsFiles(storage, below(name, ""), signal))) return undefined
  if (name === "") return undefined
  throw new StorageError("not-found", `There are no files in ${title}.`, { key: name })
}

/** Whether there is any file below a directory. */
export async function holdsFiles(storage: Storage, directory: string, signal: AbortSignal): Promise<boolean> {
  for await (const _ of storage.list(directory, { signal })) return true
  return false
}
