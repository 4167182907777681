import picomatch from "picomatch"

/**
 * A pattern (picomatch) of names in sources; one without a slash is matched against the last segment. With "basename"
 * picomatch looks at the last segment only, also for a pattern with slashes, which then matches nothing. Negation as in
 * "!a" would match nearly everything, by a slip of the finger.
 */
export function namePattern(pattern: string): (name: string) => boolean {
  return picomatch(pattern, { dot: true, basename: !pattern.includes("/"), nonegate: true })
}
