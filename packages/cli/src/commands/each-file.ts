import { StorageError } from "@node-storages/core"
import { usageError } from "../command-error.ts"
import { EXIT, type ExitCode } from "../exit-codes.ts"
import type { Place } from "../locations/place.ts"
import { tellError } from "../output/tell-error.ts"
import type { Session } from "../session.ts"
import { holdsFiles } from "./copying/jobs.ts"

/**
 * Does something for each file that the command line names. What one of them fails with is told, and the others follow.
 * @returns the code of the first failure
 */
export async function eachFile(
  session: Session,
  texts: readonly string[],
  work: (place: Place) => Promise<void>,
): Promise<ExitCode> {
  const places: Place[] = []
  for (const text of texts) places.push(await session.place(text, "storage", "file"))
  const root = places.find(({ name }) => name === "")
  if (root) throw usageError(`${root.title} is a directory, not a file. "storages ls ${root.title}" shows its files.`)
  let exitCode: ExitCode = EXIT.done
  for (const place of places) {
    try {
      await work(place)
    } catch (thrown) {
      const error = await explained(session, place, thrown)
      // The only one is told as every error is.
      if (session.signal.aborted || places.length === 1) throw error
      const failed = tellError(session.output, error)
      if (exitCode === EXIT.done) exitCode = failed
    }
  }
  return exitCode
}

/** A directory is told as one. */
async function explained({ signal }: Session, { storage, name, title }: Place, error: unknown): Promise<unknown> {
  if (!StorageError.is(error, "not-found") || !(await holdsFiles(storage, name, signal))) return error
  return new StorageError("not-found", `${title} is a directory, not a file.`, { key: name, cause: error })
}
