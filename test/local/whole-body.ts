import { createHash } from "node:crypto"

/** A body that begins with the digest of the rest. */
export function wholeBody(label: string, length: number): Uint8Array {
  const rest = Buffer.alloc(length, `${label}.`)
  return Buffer.concat([createHash("sha256").update(rest).digest(), rest])
}

/** The label of a body that is whole, or undefined for one that is cut or mixed. */
export function labelOf(body: Uint8Array): string | undefined {
  const [digest, rest] = [body.subarray(0, 32), Buffer.from(body.subarray(32))]
  if (!createHash("sha256").update(rest).digest().equals(digest)) return undefined
  return rest.toString("utf8", 0, rest.indexOf("."))
}
