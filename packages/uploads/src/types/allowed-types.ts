import { StorageError } from "@node-storages/core"
import { isActiveType } from "./detect-type.ts"

const PATTERN = /^(?:\*\/\*|[\w.+-]+\/(?:\*|[\w.+-]+))$/

/** The patterns as given. @throws StorageError `invalid-option` for what is no media type and no pattern of them */
export function checkTypes(option: string, types: readonly string[]): readonly string[] {
  if (!Array.isArray(types)) {
    throw new StorageError("invalid-option", `${option} must be a list of media types, not ${typeof types}.`)
  }
  for (const type of types as readonly unknown[]) {
    if (typeof type === "string" && PATTERN.test(type)) continue
    throw new StorageError(
      "invalid-option",
      `${option}: ${JSON.stringify(type)} is no media type. Give types and patterns: "application/pdf", "image/*".`,
    )
  }
  return types
}

/**
 * Whether a type is among the allowed ones. A pattern never lets in what browsers run: `"image/*"` is without SVG,
 * which has to be named (`"image/svg+xml"`). No list allows everything.
 */
export function isAllowed(type: string, allowed: readonly string[] | undefined): boolean {
  if (allowed === undefined) return true
  const lower = type.toLowerCase()
  return allowed.some((pattern) => {
    const wanted = pattern.toLowerCase()
    if (wanted === lower) return true
    if (!wanted.endsWith("/*") || isActiveType(lower)) return false
    return wanted === "*/*" || lower.startsWith(wanted.slice(0, -1))
  })
}
