import { type Storage, storageFromUrl } from "@node-storages/core"
import { usageError } from "../command-error.ts"
import { importFrom, NotInstalled } from "../import-from.ts"

/** Which package has the adapter of a scheme. Others are imported by the configuration, or named by `--import`. */
const PACKAGES: Readonly<Record<string, string>> = {
  s3: "@node-storages/s3",
  gs: "@node-storages/gcs",
  azblob: "@node-storages/azure",
  memory: "@node-storages/memory",
}

/**
 * The storage of a URL on the command line. The adapter is imported from where the command runs, as the app would.
 * @throws CommandError where the adapter is not installed; StorageError `invalid-option` for a wrong URL
 */
export async function storageOfUrl(url: string, folder: string): Promise<Storage> {
  const scheme = /^[a-z][a-z\d+.-]*(?=:)/i.exec(url)?.[0].toLowerCase() ?? ""
  const name = Object.hasOwn(PACKAGES, scheme) ? PACKAGES[scheme] : undefined
  if (name !== undefined) {
    try {
      await importFrom(folder, name)
    } catch (error) {
      if (!(error instanceof NotInstalled)) throw error
      throw usageError(`${scheme}: URLs need the adapter ${name}, which is not installed: npm install ${name}`)
    }
  }
  return storageFromUrl(url)
}
