import picomatch from "picomatch"

/**
 * A pattern (picomatch) of names in sources; one without a slash is matched against the last segment. With "basename"
 * picomatch looks at the last segment only, also for a pattern with slashes, which then matches nothing. Negation as in
 * "!a" would match nearly everything, by a slip of the finger.
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
