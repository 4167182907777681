import type { Storage } from "./storage.ts"

/** Whether it is a storage, of whatever making: also one of another installed copy of this package. */
export function isStorage(value: unknown): value is Storage {
  if (typeof value !== "object" || value === null) return false
  const { save, write, open, list } = value as Partial<Record<keyof Storage, unknown>>
  return [save, write, open, list].every((method) => typeof method === "function")
}
