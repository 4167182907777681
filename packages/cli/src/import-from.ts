import nodeModule, { createRequire } from "node:module"
import { join } from "node:path"
import { pathToFileURL } from "node:url"

/** A module that is not there. */
export class NotInstalled extends Error {}

/**
 * Imports a module as a file of this folder would: a package that is installed there, or a path.
 * @throws NotInstalled
 */
export async function importFrom(folder: string, specifier: string): Promise<unknown> {
  const parent = join(folder, "storages.js")
  let path: string
  try {
    path = createRequire(parent).resolve(specifier)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // Node 22.15 and later.
    const hasHooks = "registerHooks" in nodeModule
    if (code === "ERR_PACKAGE_PATH_NOT_EXPORTED" && hasHooks)
      return await importAs(pathToFileURL(parent).href, specifier)
    throw new NotInstalled(`${specifier} is not installed in ${folder}`, { cause: error })
  }
  return await import(pathToFileURL(path).href)
}

/** For packages that can only be imported, and not be required. */
async function importAs(parentURL: string, specifier: string): Promise<unknown> {
  const hooks = nodeModule.registerHooks({
    resolve: (asked, context, next) => next(asked, asked === specifier ? { ...context, parentURL } : context),
  })
  try {
    return await import(specifier)
  } finally {
    hooks.deregister()
  }
}
