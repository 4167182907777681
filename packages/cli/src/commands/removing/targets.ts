import { lstat } from "node:fs/promises"
import { StorageError } from "@node-storages/core"
import { usageError } from "../../command-error.ts"
import { below, type Place, titleBelow } from "../../locations/place.ts"
import type { Session } from "../../session.ts"
import { holdsFiles } from "../copying/jobs.ts"
import { localPath } from "../copying/local-path.ts"

/** A file that is to be deleted. */
export interface Doomed {
  readonly name: string
  readonly title: string
  readonly size: number
}

/** What one operand of rm names. */
export interface Target {
  readonly place: Place
  /** Undefined for a directory. */
  readonly file: Doomed | undefined
}

/** What is to be deleted, and the operands that name nothing. */
export interface Targets {
  readonly found: readonly Target[]
  readonly missing: readonly string[]
}

/**
 * Looks at every operand before anything is deleted.
 * @throws CommandError for directories without `recursive`, and for `.`, `..` and the root of this machine
 */
export async function findTargets(
  session: Session,
  texts: readonly string[],
  { recursive }: { recursive: boolean },
): Promise<Targets> {
  const found: Target[] = []
  const missing: string[] = []
  for (const text of texts) {
    const place = await session.place(text, "storage", "link")
    const file = await fileAt(session, place)
    if (file !== undefined) found.push({ place, file })
    else if (place.name !== "" && !(await holdsFiles(place.storage, below(place.name, ""), session.signal))) {
      missing.push(place.title)
    } else {
      checkDirectory(place, recursive)
      found.push({ place, file: undefined })
    }
  }
  return { found, missing }
}

/** The files of a target, as they are listed. */
export async function* filesOf({ place, file }: Target, signal: AbortSignal): AsyncGenerator<Doomed> {
  if (file !== undefined) {
    yield file
    return
  }
  for await (const { name, size } of place.storage.list(below(place.name, ""), { signal })) {
    yield { name, title: titleOf(place, name), size }
  }
}

/** As people write a name that is the place's own or below it. */
export function titleOf(place: Place, name: string): string {
  const own = below(place.name, "")
  return titleBelow(place.title, own === "" ? name : name.slice(own.length + 1))
}

/** A link of this machine is deleted itself, wherever it leads. */
async function fileAt({ signal }: Session, place: Place): Promise<Doomed | undefined> {
  const { storage, name, title } = place
  if (place.directory) return undefined
  try {
    const path = localPath(place)
    const { size } = path === undefined ? await storage.stat(name, { signal }) : await lstat(path)
    return { name, title, size }
  } catch (error) {
    if (StorageError.is(error, "not-found") || (error as NodeJS.ErrnoException).code === "ENOENT") return undefined
    throw error
  }
}

function checkDirectory({ title, local, base }: Place, recursive: boolean): void {
  if (!recursive) throw usageError(`${title} is a directory. With -r all that is in it is deleted.`)
  if (!local || base !== "") return
  throw usageError(`rm deletes no folder that is named by ".", ".." or "/", but by its own name: not ${title}.`)
}
