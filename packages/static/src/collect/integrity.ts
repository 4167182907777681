import { createHash } from "node:crypto"
import type { Content } from "./content-hash.ts"

/** Subresource Integrity of the bytes. https://www.w3.org/TR/SRI/ */
export function integrityOf({ sha256 }: Content): string {
  return `sha256-${Buffer.from(sha256, "hex").toString("base64")}`
}

/** The algorithms that browsers know, the strongest first. */
const ALGORITHMS = ["sha512", "sha384", "sha256"] as const

const DIGEST = /^(sha256|sha384|sha512)-([A-Za-z0-9+/_-]+={0,2})(?:\?.*)?$/

/**
 * Whether browsers take the bytes for what the text asks for: of the strongest algorithm in it, any digest. Digests
 * that they don't know count for nothing, and where there is no other, everything is taken.
 * https://www.w3.org/TR/SRI/#does-response-match-metadatalist
 */
export function matchesIntegrity(integrity: string, bytes: Uint8Array): boolean {
  const asked = integrity
    .trim()
    .split(/\s+/)
    .map((text) => DIGEST.exec(text))
    .filter((match) => match !== null)
  const strongest = ALGORITHMS.find((algorithm) => asked.some((match) => match[1] === algorithm))
  if (strongest === undefined) return true
  const digest = createHash(strongest).update(bytes).digest()
  return asked.some((match) => match[1] === strongest && digest.equals(Buffer.from(match[2]!, "base64")))
}
