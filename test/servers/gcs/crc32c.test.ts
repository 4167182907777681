import { randomBytes } from "node:crypto"
import { expect, test } from "vitest"
import { crc32c, crc32cToBase64 } from "./crc32c.ts"

test.each([
  ["nothing", Buffer.alloc(0), 0],
  ["the digits", Buffer.from("123456789"), 0xe3069283],
  // RFC 3720, B.4
  ["32 zeros", Buffer.alloc(32), 0x8a9136aa],
  ["32 ones", Buffer.alloc(32, 0xff), 0x62a8ab43],
  ["32 rising bytes", Buffer.from(Array.from({ length: 32 }, (_, index) => index)), 0x46dd794e],
  ["32 falling bytes", Buffer.from(Array.from({ length: 32 }, (_, index) => 31 - index)), 0x113fdb5c],
])("the checksum of %s is that of the published vector", (_, bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected)
})

test("the checksum of parts, one behind the other, is that of the whole wherever it is cut", () => {
  const bytes = randomBytes(61)
  const whole = crc32c(bytes)
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    expect(crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut)))).toBe(whole)
  }
})

test("the service writes it in Base64, the highest byte first", () => {
  expect(crc32cToBase64(0xe3069283)).toBe("4waSgw==")
})
