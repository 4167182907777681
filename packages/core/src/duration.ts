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
  const match = typeof duration === "string" ? PATTERN.exec(duration) : null
  const value = match ? Number(match[1]) * SECONDS[match[2] as keyof typeof SECONDS] : duration
  if (typeof value === "number" && Number.isFinite(value) && value >= 0) return value
  const shown = typeof duration === "string" ? JSON.stringify(duration) : String(duration)
  throw new StorageError(
    "invalid-option",
    `${option}: ${shown} is no duration. ` +
      `Give seconds as a number, or a number with a unit: "500ms", "30s", "10m", "12h", "7d".`,
  )
}
