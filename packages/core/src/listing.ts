import type { PageOptions, StorageDriver } from "./driver.ts"
import type { FileInfo } from "./file-info.ts"
import { compareKeys, nameProblem, normalizeDirectory } from "./names.ts"
import type { DirectoryListing } from "./storage.ts"

/** Every file below a directory, page by page. Keys that could not be opened by name are skipped. */
export async function* listFiles(
  driver: StorageDriver,
  directory: string,
  options: Pick<PageOptions, "headers" | "signal">,
): AsyncGenerator<FileInfo, void, undefined> {
  const prefix = normalizeDirectory(directory)
  let cursor: unknown
  do {
    const page = await driver.page({ ...options, prefix, recursive: true, cursor })
    for (const info of page.files) if (nameProblem(info.name, driver.limits) === undefined) yield info
    cursor = page.cursor
  } while (cursor !== undefined)
}

/** The names of every file below a directory. */
export async function* listNames(
  driver: StorageDriver,
  directory: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<string, void, undefined> {
  if (!driver.pageNames) {
    for await (const { name } of listFiles(driver, directory, { headers: false, signal })) yield name
    return
  }
  const prefix = normalizeDirectory(directory)
  let cursor: unknown
  do {
    const page = await driver.pageNames({ prefix, recursive: true, cursor, signal })
    for (const name of page.names) if (nameProblem(name, driver.limits) === undefined) yield name
    cursor = page.cursor
  } while (cursor !== undefined)
}

/** One level of a storage. */
export async function listLevel(
  driver: StorageDriver,
  directory: string,
  signal: AbortSignal | undefined,
): Promise<DirectoryListing> {
  const prefix = normalizeDirectory(directory)
  const directories: string[] = []
  const files: FileInfo[] = []
  let cursor: unknown
  do {
    const page = await driver.page({ prefix, recursive: false, cursor, signal })
    for (const info of page.files) if (nameProblem(info.name, driver.limits) === undefined) files.push(info)
    for (const key of page.prefixes) {
      const name = key.slice(0, -1)
      if (nameProblem(name, driver.limits) === undefined) directories.push(name)
    }
    cursor = page.cursor
  } while (cursor !== undefined)
  return { directories: directories.toSorted(compareKeys), files }
}
