import { CRC32C, Storage as Client } from "@google-cloud/storage"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { Crc32c, startChecksum } from "./crc32c.ts"

function digest(...parts: Uint8Array[]): string {
  const crc32c = new Crc32c()
  for (const part of parts) crc32c.update(part)
  return Buffer.from(crc32c.toString(), "base64").toString("hex")
}

describe("CRC32C", () => {
  // RFC 3720, appendix B.4, whose bytes are written least significant first.
  it.each<[string, Uint8Array, string]>([
    ["nothing", new Uint8Array(), "00000000"],
    ["32 zeros", new Uint8Array(32), "8a9136aa"],
    ["32 bytes of ones", new Uint8Array(32).fill(255), "62a8ab43"],
    ["0 to 31", Uint8Array.from({ length: 32 }, (_, index) => index), "46dd794e"],
    ["31 to 0", Uint8Array.from({ length: 32 }, (_, index) => 31 - index), "113fdb5c"],
    ["the usual digits", Buffer.from("123456789"), "e3069283"],
  ])("of %s is the published one", (_, bytes, expected) => {
    expect(digest(bytes)).toBe(expected)
  })

  it("is that of the official client for any bytes, however they are cut", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 6 }), (parts) => {
        const official = new CRC32C()
        official.update(Buffer.concat(parts))
        const ours = new Crc32c()
        for (const part of parts) ours.update(part)
        expect(ours.toString()).toBe(official.toString())
      }),
    )
  })

  it("is by the implementation that a client was given", () => {
    const mine = { update() {}, toString: () => "mine", validate: () => true }
    expect(startChecksum(new Client({ crc32cGenerator: () => mine })).toString()).toBe("mine")
    expect(startChecksum(new Client())).toBeInstanceOf(Crc32c)
  })
})
