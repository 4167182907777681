/** `ifGenerationMatch` and its kin. The store checks them in the same synchronous step in which it changes an object. */
import { conditionNotMet, invalid, notModified } from "./errors.ts"

export interface Conditions {
  generationMatch?: number
  generationNotMatch?: number
  metagenerationMatch?: number
  metagenerationNotMatch?: number
}

interface Versions {
  generation: number
  metageneration: number
}

const NAMES = {
  GenerationMatch: "generationMatch",
  GenerationNotMatch: "generationNotMatch",
  MetagenerationMatch: "metagenerationMatch",
  MetagenerationNotMatch: "metagenerationNotMatch",
} as const

/** From the parameters of the JSON API; `ifSource` is the prefix of those about the source of a rewrite. */
export function conditionsOf(query: URLSearchParams, prefix: "if" | "ifSource" = "if"): Conditions {
  const conditions: Conditions = {}
  for (const [suffix, name] of Object.entries(NAMES)) {
    const value = query.get(prefix + suffix)
    if (value !== null) conditions[name] = parseVersion(value, prefix + suffix)
  }
  return conditions
}

export function conditionsOfHeaders(header: (name: string) => string | undefined): Conditions {
  const conditions: Conditions = {}
  const generation = header("x-goog-if-generation-match")
  const metageneration = header("x-goog-if-metageneration-match")
  if (generation !== undefined) conditions.generationMatch = parseVersion(generation, "x-goog-if-generation-match")
  if (metageneration !== undefined) {
    conditions.metagenerationMatch = parseVersion(metageneration, "x-goog-if-metageneration-match")
  }
  return conditions
}

/** `object` is undefined when there is none: generation 0. */
export function checkConditions(conditions: Conditions, object: Versions | undefined, access: "read" | "write"): void {
  const { generationMatch, generationNotMatch, metagenerationMatch, metagenerationNotMatch } = conditions
  const { generation, metageneration } = object ?? { generation: 0, metageneration: 0 }
  if (generationMatch !== undefined && generationMatch !== generation) throw conditionNotMet()
  if (metagenerationMatch !== undefined && metagenerationMatch !== metageneration) throw conditionNotMet()
  if (generationNotMatch === generation || metagenerationNotMatch === metageneration) {
    throw access === "read" ? notModified() : conditionNotMet()
  }
}

export function parseVersion(value: string, name: string): number {
  const number = Number(value)
  if (!/^\d{1,19}$/.test(value)) throw invalid(`Invalid value '${value}' of ${name}: not a number.`)
  return number
}
