import { nameProblem, nearest } from "@node-storages/core"
import { StaticError } from "../static-error.ts"

/** What a template asked for, taken apart. */
export interface StaticName {
  /** The file's, or the directory's without its slash. */
  readonly name: string
  /** Query and fragment as they were written: `"?v=1#icon"`, or `""`. */
  readonly suffix: string
  readonly directory: boolean
}

const SHOWN_CHARACTERS = 200
/** How many names are compared with one that is unknown: a large manifest must not make an error slow. */
const MOST_CANDIDATES = 2000
/** A text of nothing but `#` would take a look-up for each. */
const MOST_CUTS = 16
/** A scheme with an authority, and the schemes without one that stand in pages. `a:b.css` is a legal name. */
const ABSOLUTE_URL = /^(?:[a-z][a-z0-9+.-]*:\/\/|\/\/|(?:data|blob|javascript|mailto|about):)/i

/**
 * Takes a name of a template apart: the longest name that is known goes before, so that a file may hold `?` and `#` in its
 * own name; else it ends at the first of them.
 * @throws StaticError `invalid-name`: what no storage takes as a name is refused whatever is known
 */
export function parseStaticName(written: string, knows: (name: string) => boolean): StaticName {
  if (typeof written !== "string") {
    throw new StaticError(
      "invalid-name",
      `A name of a static file must be a string, not ${written === null ? "null" : typeof written}.`,
    )
  }
  const found = knownName(written, knows)
  if (found !== undefined) {
    refuse(written, suffixProblem(found.suffix))
    return found
  }
  const first = cutsOf(written)[0] ?? written.length
  refuse(written, pathProblem(written.slice(0, first)) ?? suffixProblem(written.slice(first)))
  const path = written.slice(0, first)
  const directory = path.endsWith("/")
  return { name: directory ? path.slice(0, -1) : path, suffix: written.slice(first), directory }
}

/** What is known of all that stands before a `?`, a `#` or the end: `.#lock.css` too, whose `.` is no name. */
function knownName(written: string, knows: (name: string) => boolean): StaticName | undefined {
  for (const end of [written.length, ...cutsOf(written).toReversed()]) {
    const name = written.slice(0, end)
    if (knows(name) && nameProblem(name) === undefined) return { name, suffix: written.slice(end), directory: false }
  }
  return undefined
}

/** Where a query or a fragment may begin. */
function cutsOf(written: string): number[] {
  const cuts: number[] = []
  for (let index = 0; index < written.length && cuts.length < MOST_CUTS; index++) {
    if (written[index] === "?" || written[index] === "#") cuts.push(index)
  }
  return cuts
}

function refuse(written: string, problem: string | undefined): void {
  if (problem === undefined) return
  throw new StaticError(
    "invalid-name",
    `${shown(written)} is no name of a static file: ${problem}. ` +
      `Names are relative to the static root, like "css/app.css".`,
    { file: written },
  )
}

function pathProblem(path: string): string | undefined {
  if (ABSOLUTE_URL.test(path)) return "it is a URL already, which needs no staticUrl"
  // A slash alone is an absolute path, not a directory without a name.
  return nameProblem(path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path)
}

// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/

function suffixProblem(suffix: string): string | undefined {
  if (CONTROL.test(suffix)) return "a query or a fragment must not hold control characters"
  if (suffix.includes("\\")) return "a query or a fragment must not hold backslashes (they are read as slashes)"
  return suffix.isWellFormed() ? undefined : "it must be well-formed Unicode (it holds half of a surrogate pair)"
}

/** The refusal of a directory where only a file will do. */
export function notAFile(name: StaticName): StaticError {
  return new StaticError("invalid-name", `${shown(`${name.name}/`)} is a directory: give the name of a file.`, {
    file: name.name,
  })
}

/**
 * The error for a name that no file has.
 * @param place where it was looked for, and the way out, as in `{ place: "the manifest", remedy: "Run collect." }`
 */
export function unknownName(
  name: string,
  known: Iterable<string>,
  { place, remedy }: { place: string; remedy: string },
): StaticError {
  const suggestion = suggestedName(name, known)
  const question = suggestion === undefined ? "" : `Did you mean ${shown(suggestion)}? `
  return new StaticError("unknown-name", `No static file ${shown(name)} is in ${place}. ${question}${remedy}`, {
    file: name,
  })
}

function suggestedName(name: string, known: Iterable<string>): string | undefined {
  if (name.length > SHOWN_CHARACTERS) return undefined
  // The distance is at least the difference in length: names that can't be near cost nothing.
  const room = Math.max(2, Math.floor(name.length / 3))
  const near: string[] = []
  let below: string | undefined
  for (const candidate of known) {
    if (Math.abs(candidate.length - name.length) <= room) near.push(candidate)
    if (below === undefined && candidate.endsWith(`/${name}`)) below = candidate
  }
  const candidates = near.length > MOST_CANDIDATES ? near.filter((candidate) => isAkin(candidate, name)) : near
  return nearest(name, candidates.slice(0, MOST_CANDIDATES)) ?? below
}

/** In the same directory, or the same file in another one. */
function isAkin(one: string, other: string): boolean {
  const [a, b] = [one.lastIndexOf("/") + 1, other.lastIndexOf("/") + 1]
  return one.slice(0, a) === other.slice(0, b) || one.slice(a) === other.slice(b)
}

function shown(name: string): string {
  return JSON.stringify(name.length > SHOWN_CHARACTERS ? `${name.slice(0, SHOWN_CHARACTERS)}…` : name)
}
