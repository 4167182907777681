import { existsSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { configError } from "../command-error.ts"

/** What a configuration is called, the first that is there is used. */
export const CONFIG_NAMES: readonly string[] = ["ts", "mts", "js", "mjs"].map(
  (extension) => `storages.config.${extension}`,
)

/**
 * The configuration of a folder: its own, or that of the nearest folder above.
 * @param given what `--config` names, relative to the folder
 * @returns its absolute path; undefined where there is none and none was named
 */
export function findConfig(folder: string, given?: string): string | undefined {
  if (given !== undefined) {
    const file = resolve(folder, given)
    if (existsSync(file)) return file
    throw configError(`There is no ${file}, which --config names.`)
  }
  for (let current = resolve(folder); ; current = dirname(current)) {
    const found = CONFIG_NAMES.map((name) => join(current, name)).find((file) => existsSync(file))
    if (found !== undefined || dirname(current) === current) return found
  }
}

/** No configuration, where one is needed. */
export function noConfig(folder: string): Error {
  return configError(
    `There is no storages.config.ts in ${folder} or a folder above it. "storages init" writes one; ` +
      "--config names one elsewhere; --storage takes a URL instead: --storage file:///srv/media.",
  )
}
