import { checkOptions, DriverStorage, type Duration, seconds, StorageError } from "@node-storages/core"
import { Connection } from "./connection.ts"
import { errorCode } from "./errors.ts"
import { readOptions, type SftpStorageOptions } from "./options.ts"
import { SftpDriver } from "./sftp-driver.ts"

export interface SweepOptions {
  /** Only what nothing was written to for this long; a shorter time may hit uploads that pause. Default: 1 day. */
  readonly olderThan?: Duration | undefined
}

/**
 * Files in a folder of an SFTP server, such as OpenSSH. Connects when it is first used, and again when the connection
 * was lost. Every save is one atomic act: readers see the old file or the new one, whole.
 */
export class SftpStorage extends DriverStorage {
  readonly #driver: SftpDriver

  /**
   * Makes no connection.
   * @param root a folder on the server: `"/srv/media"`, or `"media"` below the folder of the login. The first save makes it
   * @throws StorageError `invalid-option`
   */
  constructor(root: string, options: SftpStorageOptions) {
    const { connection, folder, target } = readOptions(root, options)
    const { location, baseUrl, signer, signedUrls, defaults } = options
    const driver = new SftpDriver(new Connection(connection), folder, target)
    super(driver, { location, baseUrl, signer, signedUrls, defaults })
    this.#driver = driver
  }

  /**
   * Removes the temporary files of uploads that never ended. Those older than a day are swept by themselves, once, at a
   * storage's first write. @returns how many were removed
   */
  async sweep(options: SweepOptions = {}): Promise<number> {
    checkOptions("sweep()", options, { olderThan: true })
    try {
      return await this.#driver.sweep(seconds(options.olderThan ?? "1d", "olderThan"))
    } catch (error) {
      if (StorageError.is(error)) throw error
      const { target } = this.#driver
      throw new StorageError(errorCode(error) ?? "unknown", `sweep of ${target} failed: ${String(error)}`, {
        operation: "sweep",
        storage: target,
        cause: error,
      })
    }
  }
}
