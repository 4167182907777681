import { StorageError } from "@node-storages/core"
import { sameBytes } from "../http.ts"
import { CheckProblem, type CheckContext, type CheckStep, ok, skipped, warning } from "../step.ts"

/** More than the adapters send in one request by default, in bytes. */
const LARGE = 9 * 1024 * 1024

const UNIQUE_NAMES = "Use save(…, { overwrite: true }) or write() with names that are unique, like UUIDs."

/** `save` stands on it: two that save under one name at once must not replace each other's file. */
export const create: CheckStep<CheckContext> = {
  name: "create",
  doing: "creating the file again, which must be refused",
  needs: ["write"],
  async run({ storage, driver, files }, signal) {
    const { name, bytes } = files.sample!
    if (driver?.features.conditionalCreate === false) {
      return warning(
        "unsupported",
        "save() is refused here without overwrite: the storage can't create only if absent",
        UNIQUE_NAMES,
      )
    }
    const again = Buffer.from("Another file under the same name.\n")
    if (await isRefused(storage.write(name, again, { ifAbsent: true, contentType: "text/plain", signal }))) {
      return ok("a second file of the same name is refused: save() is safe")
    }
    const now = await storage.open(name, { signal }).bytes()
    files.sample = { name, bytes: now }
    const became = sameBytes(bytes!, now) ? "answered as if it had stored" : "replaced it by"
    throw new CheckProblem(
      "overwritten",
      `the service has a file of this name and ${became} a second one: save() would lose files`,
      `It does not honour If-None-Match. Set conditionalCreate: "none", which makes save() refuse. ${UNIQUE_NAMES}`,
    )
  },
}

/**
 * Some services hold the condition for small files, and not where an upload in parts is completed. Both are under way at
 * once: the adapter itself asks whether the name is taken before it sends so much.
 */
export const createLarge: CheckStep<CheckContext> = {
  name: "create-large",
  doing: "creating a file of 9 MiB twice at once, of which one must be refused",
  needs: ["create"],
  async run({ storage, driver, files, large }, signal) {
    if (!large) return skipped("not asked", "--large tells whether that holds for files that go up in parts, too.")
    if (driver?.features.conditionalCreate === false) return skipped("the storage can't create only if absent")
    const name = files.add("large.bin")
    const contentType = "application/octet-stream"
    const twice = [1, 2].map((fill) =>
      isRefused(storage.write(name, Buffer.alloc(LARGE, fill), { ifAbsent: true, contentType, signal })),
    )
    // Both have ended before anything is told: what is written is removed after that.
    await Promise.allSettled(twice)
    const refused = await Promise.all(twice)
    if (refused.includes(true)) return ok("of two large files of the same name one is refused")
    throw new CheckProblem(
      "overwritten",
      "the service has taken two large files of the same name, of which one is lost: save() would lose files",
      'It honours If-None-Match for PutObject only: set conditionalCreate: "put".',
    )
  },
}

async function isRefused(writing: Promise<unknown>): Promise<boolean> {
  try {
    await writing
    return false
  } catch (error) {
    if (StorageError.is(error, "already-exists")) return true
    if (StorageError.is(error, "unsupported")) throw new CheckProblem(error.code, error.message, UNIQUE_NAMES)
    throw error
  }
}
