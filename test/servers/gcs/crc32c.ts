/** CRC32C (Castagnoli, RFC 3720 appendix B.4), eight bytes a step ("slicing by 8"). */
const POLYNOMIAL_REVERSED = 0x82f63b78
const TABLES = makeTables()

/** The checksum of `bytes` put behind those that gave `before`; 0 for none. */
export function crc32c(bytes: Uint8Array, before = 0): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = TABLES
  let crc = ~before
  let at = 0
  for (const end = bytes.length - 7; at < end; at += 8) {
    const low = crc ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24))
    crc =
      t7[low & 0xff]! ^
      t6[(low >>> 8) & 0xff]! ^
      t5[(low >>> 16) & 0xff]! ^
      t4[low >>> 24]! ^
      t3[bytes[at + 4]!]! ^
      t2[bytes[at + 5]!]! ^
      t1[bytes[at + 6]!]! ^
      t0[bytes[at + 7]!]!
  }
  for (; at < bytes.length; at += 1) crc = t0[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8)
  return ~crc >>> 0
}

/** As Cloud Storage writes it: four bytes, the highest first, in Base64. */
export function crc32cToBase64(crc: number): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(crc)
  return bytes.toString("base64")
}

type Tables = [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array]

function makeTables(): Tables {
  const tables = Array.from({ length: 8 }, () => new Int32Array(256)) as Tables
  const [first] = tables
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL_REVERSED : crc >>> 1
    first[byte] = crc
  }
  for (let index = 1; index < 8; index += 1) {
    for (let byte = 0; byte < 256; byte += 1) {
      const previous = tables[index - 1]![byte]!
      tables[index]![byte] = first[previous & 0xff]! ^ (previous >>> 8)
    }
  }
  return tables
}
