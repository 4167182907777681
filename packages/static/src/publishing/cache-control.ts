import { checkPattern, namePattern } from "../name-pattern.ts"
import { StaticError } from "../static-error.ts"

/** A year is what HTTP calls for ever; `immutable` spares the revalidation on reload. RFC 8246 */
const HASHED = "public, max-age=31536000, immutable"
/**
 * A plain name gives other content tomorrow: after a minute browsers and CDNs ask again, and are answered with 304.
 * Not `no-cache`: a burst of requests for `favicon.ico` or `robots.txt` shall not reach the storage one by one.
 */
const PLAIN = "public, max-age=60"

/** Values of `Cache-Control` by patterns (picomatch); one without a slash is matched against the last segment. */
export type CacheControlOverrides = Readonly<Record<string, string>>

/** What decides the `Cache-Control` of a published file. */
export interface CacheControlOptions {
  /** Whether the name changes with the content. */
  readonly hashed: boolean
  /** The first pattern that matches decides, in the order of the properties. Default: none. */
  readonly overrides?: CacheControlOverrides | undefined
}

type Rule = readonly [matches: (name: string) => boolean, value: string]

/** Compiled once for all files: compiling a pattern takes longer than many matches. */
const compiled = new WeakMap<CacheControlOverrides, readonly Rule[]>()

/**
 * The `Cache-Control` that a file is published with.
 * @param name the name that patterns are written for: as in the sources, without hash
 * @throws StaticError `invalid-option` for an empty pattern, or a value that is no header
 */
export function cacheControlOf(name: string, { hashed, overrides }: CacheControlOptions): string {
  const rule = overrides && rulesOf(overrides).find(([matches]) => matches(name))
  return rule?.[1] ?? (hashed ? HASHED : PLAIN)
}

function rulesOf(overrides: CacheControlOverrides): readonly Rule[] {
  const known = compiled.get(overrides)
  if (known) return known
  const rules = Object.entries(overrides).map(([pattern, value]): Rule => {
    checkPattern("cacheControl", pattern)
    if (typeof value !== "string" || !/^[\x20-\x7e]+$/.test(value)) {
      throw invalid(`the value of ${JSON.stringify(pattern)} must be the text of a header, like "no-cache"`)
    }
    return [namePattern(pattern), value]
  })
  compiled.set(overrides, rules)
  return rules
}

function invalid(rule: string): StaticError {
  return new StaticError("invalid-option", `Cache-Control by patterns: ${rule}.`)
}
