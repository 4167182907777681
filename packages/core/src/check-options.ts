import { StorageError } from "./errors.ts"

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(substitution, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}

/** The known name nearest to a mistyped one, or undefined where none is near. Case does not count. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined
  let bestDistance = (name.length < 4 ? 1 : Math.max(2, Math.floor(name.length / 3))) + 1
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance]
  }
  return best
}

/** A set of option names that the compiler holds equal to the keys of an options type. */
export type OptionNames<Options> = { readonly [Name in keyof Required<Options>]: true }

/**
 * Throws `invalid-option` for an option that is not known, naming the nearest known one.
 * @param subject who takes the options: `"S3Storage"`, `"save()"`
 */
export function checkOptions(subject: string, options: object | undefined, known: object): void {
  if (options === undefined) return
  if (typeof options !== "object" || options === null) {
    throw new StorageError("invalid-option", `${subject}: the options must be an object, not ${typeof options}.`)
  }
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(known, name)) continue
    const suggestion = nearest(name, Object.keys(known))
    const wayOut =
      suggestion === undefined ? `The options are: ${Object.keys(known).join(", ")}.` : `Did you mean "${suggestion}"?`
    throw new StorageError("invalid-option", `${subject} has no option "${name}". ${wayOut}`)
  }
}
