import { StorageError } from "./errors.ts"

/** Shorter keys can be guessed. In characters; 32 random bytes in base64 are 44. */
const SHORTEST_KEY = 32

/**
 * Checks secrets of which the first one is used, and the others are good for what was made before. No message tells one.
 * @param option where they were given: `"LocalStorage: signingKeys"`
 * @param use what the first one does: `"signs"`
 * @throws StorageError `invalid-option` for no keys or short ones
 */
export function checkKeys(option: string, keys: readonly string[], use: string): readonly string[] {
  const invalid = (problem: string) => new StorageError("invalid-option", `${option}${problem}`)
  if (!Array.isArray(keys) || keys.length === 0)
    throw invalid(` must be a list of keys, of which the first one ${use}.`)
  for (const [index, key] of (keys as readonly unknown[]).entries()) {
    if (typeof key === "string" && key.length >= SHORTEST_KEY) continue
    const length = typeof key === "string" ? `of ${key.length} characters` : typeof key
    throw invalid(
      `[${index}] is ${length}; at least ${SHORTEST_KEY} are needed: crypto.randomBytes(32).toString("base64").`,
    )
  }
  return keys
}
