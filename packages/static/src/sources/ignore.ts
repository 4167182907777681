import picomatch from "picomatch"
import { checkPattern } from "../name-pattern.ts"
import { StaticError } from "../static-error.ts"
import { shown } from "./option-checks.ts"

/**
 * What is left out where nothing else is said: what operating systems, editors and version control leave behind.
 * `.well-known/` and other hidden files are published.
 */
export const DEFAULT_IGNORE: readonly string[] = [
  ".DS_Store",
  "Thumbs.db",
  // Copies, locks and swap files of editors.
  "*~",
  "#*#",
  ".#*",
  ".*.sw[a-p]",
  ".git",
  ".hg",
  ".svn",
  "CVS",
]

/** Something that was left out. */
export interface IgnoredFile {
  /** With a trailing slash where it is a directory that was not looked into. */
  readonly name: string
  readonly origin: string
  /** The pattern that it matched. */
  readonly pattern: string
}

/** Tells by which pattern a name is ignored. */
export interface Ignore {
  readonly patterns: readonly string[]
  /** The first pattern that a file's name, or a directory above it, matches; undefined where none does. */
  file(name: string): string | undefined
  /** The same for a directory, without a trailing slash: all below it is ignored too. */
  directory(name: string): string | undefined
}

/** Development asks for one file after the other. */
const compiled = new WeakMap<readonly string[], Ignore>()

/** Directories of which is remembered whether they are ignored. */
const MOST_KEPT = 10_000

interface Rule {
  readonly pattern: string
  readonly directoriesOnly: boolean
  /** Takes the last segment instead of the whole name. */
  readonly anywhere: boolean
  readonly matches: (text: string) => boolean
}

/**
 * Patterns as in a shell, matched against names, with `*` for hidden files too. One without a slash matches in every
 * directory; one with a slash is read from the root. A directory that matches is ignored with all below it, and
 * `drafts/` matches directories only.
 * @throws StaticError `invalid-option`
 */
export function ignoring(patterns: readonly string[]): Ignore {
  const known = compiled.get(patterns)
  if (known) return known
  if (!Array.isArray(patterns)) {
    throw new StaticError("invalid-option", `ignore must be an array of patterns, not ${shown(patterns)}.`)
  }
  const rules = patterns.map(ruleOf)
  const directories = new Map<string, string | undefined>()
  const directory = (name: string): string | undefined => {
    if (directories.has(name)) return directories.get(name)
    const pattern = match(rules, name, true, directory)
    // A development server is asked for whatever a browser makes up.
    if (directories.size > MOST_KEPT) directories.clear()
    directories.set(name, pattern)
    return pattern
  }
  const ignore: Ignore = { patterns, file: (name) => match(rules, name, false, directory), directory }
  compiled.set(patterns, ignore)
  return ignore
}

/** Ignores nothing. */
export const IGNORE_NOTHING: Ignore = ignoring([])

function match(
  rules: readonly Rule[],
  name: string,
  isDirectory: boolean,
  directory: (name: string) => string | undefined,
): string | undefined {
  if (rules.length === 0) return undefined
  const slash = name.lastIndexOf("/")
  const above = slash === -1 ? undefined : directory(name.slice(0, slash))
  if (above !== undefined) return above
  const last = name.slice(slash + 1)
  return rules.find((rule) => (isDirectory || !rule.directoriesOnly) && rule.matches(rule.anywhere ? last : name))
    ?.pattern
}

function ruleOf(pattern: unknown): Rule {
  checkPattern("ignore", pattern)
  // `css/**` is what is in the directory `css`: it need not be read, and a file `css` is not meant.
  const below = pattern.endsWith("/**") && !/^\/?(?:\*\*\/)*\*\*$/.test(pattern)
  const directoriesOnly = below || pattern.endsWith("/")
  const trimmed = pattern.replace(below ? /\/\*\*$/ : /\/$/, "")
  const matches = picomatch(trimmed.replace(/^\.?\//, ""), { dot: true, posix: true, windows: false })
  return { pattern, directoriesOnly, anywhere: !below && !trimmed.includes("/"), matches }
}
