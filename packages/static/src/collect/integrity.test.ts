import { createHash } from "node:crypto"
import { describe, expect, it } from "vitest"
import { contentOf } from "./content-hash.ts"
import { integrityOf, matchesIntegrity } from "./integrity.ts"

const BYTES = Buffer.from("abc")
const digest = (algorithm: string, bytes: Uint8Array = BYTES) =>
  `${algorithm}-${createHash(algorithm).update(bytes).digest("base64")}`

describe("integrity", () => {
  it("is the SHA-256 of the bytes as browsers compare it", () => {
    expect(integrityOf(contentOf(BYTES))).toBe("sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=")
  })

  it.each([
    ["one digest", digest("sha384")],
    ["one digest of several", ` ${digest("sha512", Buffer.from("x"))}\n${digest("sha512")} `],
    ["the strongest algorithm", `${digest("sha256", Buffer.from("x"))} ${digest("sha512")}`],
    ["a digest with options", `${digest("sha256")}?ct=text/css`],
    ["the alphabet of URLs", digest("sha256").replaceAll("+", "-").replaceAll("/", "_")],
    ["nothing that browsers know", "md5-kAFQmDzST7DWlj99KOF/cg=="],
    ["nothing at all", ""],
  ])("matches by %s", (_, integrity) => {
    expect(matchesIntegrity(integrity, BYTES)).toBe(true)
  })

  it.each([
    ["another digest", digest("sha384", Buffer.from("abd"))],
    ["only a weaker algorithm", `${digest("sha256")} ${digest("sha384", Buffer.from("x"))}`],
    ["a digest cut short", digest("sha256").slice(0, -8)],
  ])("does not match by %s", (_, integrity) => {
    expect(matchesIntegrity(integrity, BYTES)).toBe(false)
  })
})
