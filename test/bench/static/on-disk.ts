import { rm } from "node:fs/promises"
import { join } from "node:path"
import { filesIn } from "./by-hand.ts"
import type { Collecting, Collector } from "./collecting.ts"
import { makeTree } from "./tree.ts"

/** From this number of files on the tree has a tenth of the bytes: it would have gigabytes. */
const LARGE_TREE = 50_000

export interface Folders {
  readonly source: string
  readonly target: string
  /** For whatever else is needed. */
  readonly folder: string
}

/** Makes the sources. @returns how many files these are */
export type Fill = (source: string, size: number) => number

/** As many files as the size tells. */
const MIXED: Fill = (source, size) => makeTree(source, size, size < LARGE_TREE ? 1 : 0.1).files

/**
 * A generated tree that goes into a folder.
 * @param isGood of the paths of all files that were made, and the number of sources
 */
export function onDisk(
  make: (folders: Folders) => Collecting["collect"],
  isGood: (paths: readonly string[], sources: number) => boolean,
  fill: Fill = MIXED,
): Collector {
  return async ({ folder, size }) => {
    const source = join(folder, "source")
    const target = join(folder, "target")
    const sources = fill(source, size)
    return {
      collect: make({ source, target, folder }),
      empty: () => rm(target, { recursive: true, force: true }),
      check: async () => {
        const paths = filesIn(target)
        if (!isGood(paths, sources)) throw new Error(`${paths.length} files were made of ${sources}.`)
      },
    }
  }
}
