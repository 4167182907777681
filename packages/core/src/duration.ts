import { StorageError } from "./errors.ts"

/** A length of time: seconds, or a number with a unit: `"500ms"`, `"30s"`, `"10m"`, `"12h"`, `"7d"`, `"2w"`. */
export type Duration = number | `${number}${"ms" | "s" | "m" | "h" | "d" | "w"}`

const SECONDS = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const
const PATTERN = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/

/**
 * A duration in seconds.
 * @throws StorageError `invalid-option` for anything that is not a finite, non-negative duration
 */
export function seconds(duration: Duration, option = "duration"): number {
  if (typeof duration === "number" && Number.isFinite(duration) && duration >= 0) return duration
  const match = typeof duration === "string" ? PATTERN.exec(duration) : null
  if (match) return Number(match[1]) * SECONDS[match[2] as keyof typeof SECONDS]
  throw new StorageError(
    "invalid-option",
    `${option}: ${JSON.stringify(duration) ?? String(duration)} is no duration. ` +
      `Give seconds as a number, or a number with a unit: "500ms", "30s", "10m", "12h", "7d".`,
  )
}
