import { usageError } from "../../command-error.ts"

/** Help of the operands of cp and mv. Commander takes many of the last operand only. */
export const SOURCES_AND_TARGET: string =
  "the sources, directories with -r, and last the target: what ends with a slash, is a root or a folder gets " +
  "the sources into it, else it is the exact name"

/** @throws CommandError where there are not both */
export function sourcesAndTarget(given: readonly string[], command: string): { texts: string[]; target: string } {
  const [target, ...others] = given.toReversed()
  if (target !== undefined && others.length > 0) return { texts: others.toReversed(), target }
  throw usageError(`${command} takes a source and a target: storages ${command} ${target ?? "me.png"} media:avatars/`)
}
