import picomatch from "picomatch"
import { StaticError } from "./static-error.ts"

/** @throws StaticError `invalid-option` for what is no pattern, or would match something else than it seems to */
export function checkPattern(option: string, pattern: unknown): asserts pattern is string {
  const shown = JSON.stringify(pattern) ?? String(pattern)
  const refused = (rule: string) => new StaticError("invalid-option", `${option}: ${shown} ${rule}`)
  if (typeof pattern !== "string" || pattern === "" || pattern === "/") {
    throw refused('is no pattern. Give one like "*.psd" or "src/**".')
  }
  // A negated pattern would match everything else, which nobody means who writes one.
  if (/^!(?!\()/.test(pattern)) {
    throw refused('begins with "!", and patterns can\'t take names back in. Write patterns of what is meant.')
  }
  if (pattern.includes("\\")) {
    throw refused(
      'holds a backslash. Names are written with "/", and what is meant literally stands in brackets: "[[]id].js".',
    )
  }
}

/**
 * A pattern (picomatch) of names in sources; one without a slash is matched against the last segment. With "basename"
 * picomatch looks at the last segment only, also for a pattern with slashes, which then matches nothing.
 */
export function namePattern(pattern: string): (name: string) => boolean {
  return picomatch(pattern, { dot: true, basename: !pattern.includes("/"), nonegate: true })
}

/** Whether a name matches one of the patterns; true and false stand for all names and none. */
export function anyPattern(patterns: boolean | readonly string[]): (name: string) => boolean {
  if (typeof patterns === "boolean") return () => patterns
  const compiled = patterns.map(namePattern)
  return (name) => compiled.some((matches) => matches(name))
}
