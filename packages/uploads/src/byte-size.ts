import { StorageError } from "@node-storages/core"

type Unit = "B" | "KB" | "MB" | "GB" | "TB" | "KiB" | "MiB" | "GiB" | "TiB"

const UNITS: Readonly<Record<Unit, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
}

/** A number of bytes, or one with a unit: `"500 KB"`, `"5 MB"` (5,000,000), `"5MiB"` (5,242,880). */
export type ByteSize = number | `${number}${"" | " "}${Unit}`

const PATTERN = /^(\d+(?:\.\d+)?) ?([KMGT]i?B|B)$/

/**
 * A size in bytes, rounded down.
 * @throws StorageError `invalid-option` for anything that is no size
 */
export function bytes(option: string, size: ByteSize): number {
  const match = typeof size === "string" ? PATTERN.exec(size) : null
  const value = match ? Math.floor(Number(match[1]) * UNITS[match[2] as Unit]) : size
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number
  const shown = typeof size === "string" ? JSON.stringify(size) : String(size)
  throw new StorageError(
    "invalid-option",
    `${option}: ${shown} is no size. Give a whole number of bytes, or a number with a unit: "500 KB", "5 MB", "5 MiB".`,
  )
}
