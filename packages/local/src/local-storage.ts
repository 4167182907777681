import { resolve } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { checkOptions, DriverStorage, type Duration, seconds, StorageError } from "@node-storages/core"
import { errorCode } from "./errors.ts"
import { LocalDriver, type SweepResult } from "./local-driver.ts"
import { driverOptions, invalid, type LocalStorageOptions } from "./options.ts"

/** What `sweep` may remove. */
export interface SweepOptions {
  /**
   * Only what nothing was written to for this long; a shorter time may hit uploads that pause. Default: 1 hour, and a day
   * for uploads in parts.
   */
  readonly olderThan?: Duration | undefined
}

/**
 * Files in a folder of this machine, or of a network file system that has hard links.
 *
 * Every save is one atomic act: readers see the old file or the new one, whole, and a process that is killed leaves
 * nothing under the name. Headers and metadata that the extension does not tell are kept in `.node-storages` at the
 * root, which a web server must not serve.
 */
export class LocalStorage extends DriverStorage {
  readonly #driver: LocalDriver

  /**
   * Touches no file: the folder is made by the first save.
   * @param root a path, relative to the working directory of now, or a `file:` URL
   * @throws StorageError `invalid-option` for a root that is empty or no path, and for unknown or malformed options
   */
  constructor(root: string | URL, options: LocalStorageOptions = {}) {
    const checked = driverOptions(options)
    const path = rootPath(root)
    const target = pathToFileURL(path).href
    const driver = new LocalDriver(path, { ...checked, name: "local", target, service: "file" })
    super(driver, { ...options, signedUrls: options.signedUrls ?? (checked.signingKeys && true) })
    this.#driver = driver
  }

  /**
   * Removes what processes that were killed have left behind: temporary files, and metadata records that no file
   * matches; and uploads in parts of which nothing has arrived for a day. Temporary files older than an hour are swept by
   * themselves, once, at a storage's first write.
   */
  async sweep(options: SweepOptions = {}): Promise<SweepResult> {
    checkOptions("sweep()", options, { olderThan: true })
    const age = seconds(options.olderThan ?? "1h", "olderThan") * 1000
    const uploadAge = seconds(options.olderThan ?? "1d", "olderThan") * 1000
    try {
      return await this.#driver.sweep(age, uploadAge)
    } catch (error) {
      if (StorageError.is(error)) throw error
      throw new StorageError(
        errorCode(error) ?? "unknown",
        `sweep of ${this.#driver.target} failed: ${String(error)}`,
        {
          operation: "sweep",
          storage: this.#driver.target,
          cause: error,
        },
      )
    }
  }
}

function rootPath(root: unknown): string {
  if (root instanceof URL || (typeof root === "string" && /^file:\/\//i.test(root))) {
    try {
      return resolve(fileURLToPath(root))
    } catch (error) {
      throw invalid(
        `the root is no file: URL of this machine (${error instanceof Error ? error.message : String(error)})`,
      )
    }
  }
  if (typeof root !== "string") throw invalid(`the root must be a path or a file: URL, not ${typeof root}`)
  if (root === "") throw invalid('the root is empty; "." is the working directory')
  if (root.includes("\0")) throw invalid("the root holds a NUL character")
  return resolve(root)
}
