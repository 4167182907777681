import type { StaticSource } from "../source.ts"
import { StaticError } from "../static-error.ts"
import { type FolderOptions, folder } from "./folder.ts"
import { checkKnown } from "../option-checks.ts"
import { shown } from "./option-checks.ts"

/** A folder with what `folder()` takes. */
export interface FolderSourceOption extends FolderOptions {
  readonly folder: string | URL
}

/** Where static files come from, as a configuration gives it: a string is the path of a folder. */
export type SourceOption = string | URL | FolderSourceOption | StaticSource

const OPTIONS = { folder: true, prefix: true, ignore: true } satisfies Record<keyof FolderSourceOption, true>

/** The sources of a configuration. @throws StaticError `invalid-option` */
export function sourcesOf(given: readonly SourceOption[]): StaticSource[] {
  if (!Array.isArray(given)) {
    throw new StaticError(
      "invalid-option",
      `sources must be an array, not ${shown(given)}. Give a list of folders, like ["assets"].`,
    )
  }
  if (given.length === 0) {
    throw new StaticError(
      "invalid-option",
      `sources is empty: there is nothing to gather. Give a folder, like ["assets"].`,
    )
  }
  return (given as readonly SourceOption[]).map(sourceOf)
}

function sourceOf(given: SourceOption, index: number): StaticSource {
  const subject = `sources[${index}]`
  if (typeof given === "string" || given instanceof URL) return folder(given)
  if (typeof given === "object" && given !== null) {
    if (isSource(given)) return given
    if ("folder" in given) {
      checkKnown(subject, given, OPTIONS)
      const { folder: path, ...options } = given
      return folder(path, options)
    }
  }
  throw new StaticError(
    "invalid-option",
    `${subject} is ${shown(given)}, which is no source. ` +
      "Give the path of a folder, { folder, prefix }, or what folder(), packages(), bundle() or source() returns.",
  )
}

function isSource(given: FolderSourceOption | StaticSource): given is StaticSource {
  return "files" in given && typeof given.files === "function" && "find" in given && typeof given.find === "function"
}
