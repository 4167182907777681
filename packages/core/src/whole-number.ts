import { StorageError } from "./errors.ts"

/** An option that is a whole number within limits. @throws StorageError `invalid-option` */
export function wholeNumber(option: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw new StorageError("invalid-option", `${option} must be a whole number from ${least} to ${most}, not ${value}.`)
}
