import { type ReferenceProblem, StaticError } from "../static-error.ts"

const MOST_SHOWN = 20

/** One error for all of them: whoever mends them wants to do it at once. */
export function unresolvedReferences(problems: readonly ReferenceProblem[]): StaticError {
  const shown = problems
    .slice(0, MOST_SHOWN)
    .map(({ file, line, column, reference, reason }) => `  ${file}:${line}:${column} ${reference}: ${reason}`)
  const more = problems.length > MOST_SHOWN ? [`  and ${problems.length - MOST_SHOWN} more`] : []
  return new StaticError(
    "unresolved-references",
    [
      `${problems.length} reference${problems.length === 1 ? " leads" : "s lead"} nowhere, and nothing was published:`,
      ...shown,
      ...more,
      "Mend them, or add the missing files. To publish files as they are, name them by a pattern of verbatim; to leave " +
        "only these references as they are, collect with strict: false.",
    ].join("\n"),
    { problems },
  )
}
