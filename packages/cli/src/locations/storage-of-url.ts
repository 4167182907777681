import { SCHEME_PACKAGES, type Storage, storageFromUrl } from "@node-storages/core"
import { usageError } from "../command-error.ts"
import { importFrom, NotInstalled } from "../import-from.ts"

/**
 * The storage of a URL on the command line. The adapter is imported from where the command runs, as the app would.
 * @throws CommandError where the adapter is not installed; StorageError `invalid-option` for a wrong URL
 */
export async function storageOfUrl(url: string, folder: string): Promise<Storage> {
  const scheme = /^[a-z][a-z\d+.-]*(?=:)/i.exec(url)?.[0].toLowerCase() ?? ""
  const name = Object.hasOwn(SCHEME_PACKAGES, scheme) ? SCHEME_PACKAGES[scheme] : undefined
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
