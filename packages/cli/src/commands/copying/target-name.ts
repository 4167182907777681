import { below } from "../../locations/place.ts"

/** What of a place decides how copies are called in it. */
export interface Target {
  readonly name: string
  /** A root, a folder that is there, or with a slash at its end: copies go into it. */
  readonly directory: boolean
}

/**
 * What a source is called at the target, by the rules of Unix' `cp`: into a directory it goes by its own name, and so do
 * several sources; else it gets exactly the target's name. The root of a storage has no name: what is in it goes
 * straight into the target.
 * @param base what the source is called where it is, `""` for a root
 * @returns `""` where the target is a root that takes what is in another one
 */
export function targetName(base: string, target: Target, several: boolean): string {
  return below(target.name, target.directory || several ? base : "")
}
