import { nameProblem } from "@node-storages/core"
import { StaticError } from "../static-error.ts"

/** A value as an error message shows it: short, and never an object's insides. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 200 ? `${value.slice(0, 200)}…` : value)
  if (value === null || typeof value === "number" || typeof value === "boolean") return String(value)
  return Array.isArray(value) ? "an array" : typeof value === "object" ? "an object" : typeof value
}

/** A prefix with its trailing slash, or `""` where there is none. @throws StaticError `invalid-option` */
export function checkedPrefix(subject: string, prefix: unknown): string {
  if (prefix === undefined || prefix === "") return ""
  const trimmed = typeof prefix === "string" ? prefix.replace(/\/$/, "") : prefix
  const problem = typeof trimmed === "string" ? nameProblem(trimmed) : "it must be a string"
  if (problem === undefined) return `${trimmed as string}/`
  throw new StaticError(
    "invalid-option",
    `${subject}: the prefix ${shown(prefix)} can't begin a name: ${problem}. Give one like "vendor/bootstrap".`,
  )
}

/** @throws StaticError `invalid-name`, by the rules that hold for published names */
export function checkName(name: unknown, what: string, wayOut: string): asserts name is string {
  const problem = typeof name === "string" ? nameProblem(name) : `a name must be a string, not ${shown(name)}`
  if (problem === undefined) return
  throw new StaticError("invalid-name", `${what} is no legal name: ${problem}. ${wayOut}`, {
    file: typeof name === "string" ? name : undefined,
  })
}
