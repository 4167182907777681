import { existsSync, statSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { type StorageDriver, StorageError } from "@node-storages/core"
import { CheckProblem, type CheckContext, type CheckStep, ok, type Outcome, warning } from "../step.ts"

/** The first request: somebody answers, knows the credentials, and has the bucket. */
export const connection: CheckStep<CheckContext> = {
  name: "connection",
  doing: "asking for a file that is not there",
  needs: [],
  async run(context, signal) {
    const { storage, driver, files } = context
    const folder = localFolder(driver)
    if (folder !== undefined) return folderIsThere(folder)
    const name = `${files.directory}/missing.txt`
    try {
      // Not a HEAD: its answer has no body, and a refusal without one does not tell unknown credentials from missing rights.
      await storage.open(name, { signal }).bytes()
    } catch (error) {
      if (StorageError.is(error, "not-found"))
        return ok("the service answers, the credentials are valid, the bucket is there")
      if (StorageError.is(error, "permission-denied")) {
        return warning(error.code, `a file that is not there is refused rather than not found: ${error.message}`)
      }
      context.unreachable = StorageError.is(error, "network") || signal.aborted
      throw error
    }
    throw new CheckProblem("unexpected", `${name} can be read, although nobody has written it.`)
  },
}

/** The folder of a storage on this machine. */
export function localFolder(driver: StorageDriver | undefined): string | undefined {
  return driver?.target.startsWith("file:") ? fileURLToPath(driver.target) : undefined
}

function folderIsThere(folder: string): Outcome {
  if (!existsSync(folder)) {
    return warning(
      "folder-not-found",
      `there is no folder ${folder} yet: the first file that is saved makes it`,
      "Where it should be there already (a disk that is mounted), look at its path and at the working directory.",
    )
  }
  if (statSync(folder).isDirectory()) return ok(`the folder ${folder} is there`)
  throw new CheckProblem("not-a-folder", `${folder} is a file, not a folder.`)
}
