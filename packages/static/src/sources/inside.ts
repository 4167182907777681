import { realpath } from "node:fs/promises"
import { dirname, join, relative, resolve, sep, isAbsolute, basename } from "node:path"
import type { StaticSource } from "../source.ts"
import { StaticError } from "../static-error.ts"
import { WalkedSource } from "./walked-source.ts"

/** The absolute paths of the folders that sources read from. Of sources that are functions there are none. */
export async function foldersOf(sources: readonly StaticSource[]): Promise<string[]> {
  const folders: string[] = []
  for (const source of sources) if (source instanceof WalkedSource) folders.push(...(await source.folders()))
  return folders
}

/**
 * What is published must not be gathered again, and a target that is cleared must not take a source with it.
 * Symbolic links are resolved; what does not exist yet is taken as written.
 * @throws StaticError `source-in-target`
 */
export async function checkOutside(sourceFolders: readonly string[], targetFolder: string): Promise<void> {
  const target = await realPlace(resolve(targetFolder))
  for (const folder of sourceFolders) {
    const source = await realPlace(resolve(folder))
    const problem =
      source === target
        ? "are the same folder"
        : isInside(target, source)
          ? "lie one in the other: the source is in the target"
          : isInside(source, target)
            ? "lie one in the other: the target is in the source"
            : undefined
    if (problem === undefined) continue
    throw new StaticError(
      "source-in-target",
      `The source ${written(folder, source)} and the target ${written(targetFolder, target)} ${problem}. ` +
        "Publish into a folder beside the sources.",
      { file: folder },
    )
  }
}

function written(given: string, real: string): string {
  return resolve(given) === real ? given : `${given} (which is ${real})`
}

function isInside(outer: string, inner: string): boolean {
  const way = relative(outer, inner)
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

/** The real path of what exists, and below it what does not. */
async function realPlace(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    const above = dirname(path)
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || above === path) return path
    return join(await realPlace(above), basename(path))
  }
}
