import { createRequire } from "node:module"
import { join } from "node:path"
import { pathToFileURL } from "node:url"

/** A module that is not there. */
export class NotInstalled extends Error {}

/**
 * Imports a module as a file of this folder would: a package that is installed there, or a path.
 * @throws NotInstalled
 */
export async function importFrom(folder: string, specifier: string): Promise<unknown> {
  let path: string
  try {
    path = createRequire(join(folder, "storages.js")).resolve(specifier)
  } catch (error) {
    throw new NotInstalled(`${specifier} is not installed in ${folder}`, { cause: error })
  }
  return await import(pathToFileURL(path).href)
}
