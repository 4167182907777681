import { CRC32C_DEFAULT_VALIDATOR_GENERATOR, type Storage as Client } from "@google-cloud/storage"

/** CRC-32C (Castagnoli), reversed. RFC 3720, appendix B.4. */
const POLYNOMIAL = 0x82f63b78

/** Eight tables, so that eight bytes are taken in one step ("slicing by 8"): six times as fast as one by one. */
const TABLES = makeTables()

function makeTables(): Int32Array[] {
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let value = byte
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1
    return value
  })
  const tables = [first]
  for (let slice = 1; slice < 8; slice++) {
    const last = tables[slice - 1]!
    tables.push(last.map((value) => (value >>> 8) ^ first[value & 255]!))
  }
  return tables
}

/** A running CRC32C. */
export class Crc32c {
  #value = -1

  update(bytes: Uint8Array): void {
    const [t0, t1, t2, t3, t4, t5, t6, t7] = TABLES as [
      Int32Array,
      Int32Array,
      Int32Array,
      Int32Array,
      Int32Array,
      Int32Array,
      Int32Array,
      Int32Array,
    ]
    let crc = this.#value
    let index = 0
    for (const end = bytes.length - 7; index < end; index += 8) {
      crc ^= bytes[index]! | (bytes[index + 1]! << 8) | (bytes[index + 2]! << 16) | (bytes[index + 3]! << 24)
      crc =
        t7[crc & 255]! ^
        t6[(crc >>> 8) & 255]! ^
        t5[(crc >>> 16) & 255]! ^
        t4[crc >>> 24]! ^
        t3[bytes[index + 4]!]! ^
        t2[bytes[index + 5]!]! ^
        t1[bytes[index + 6]!]! ^
        t0[bytes[index + 7]!]!
    }
    for (; index < bytes.length; index++) crc = (crc >>> 8) ^ t0[(crc ^ bytes[index]!) & 255]!
    this.#value = crc
  }

  /** In Base64, most significant byte first, as the service writes it. */
  toString(): string {
    const bytes = Buffer.alloc(4)
    bytes.writeInt32BE(~this.#value)
    return bytes.toString("base64")
  }
}

export interface RunningChecksum {
  update(bytes: Uint8Array): void
  toString(): string
}

/** By the client's own implementation where it was given one; the one that it comes with is slow. */
export function startChecksum(client: Client): RunningChecksum {
  const { crc32cGenerator } = client
  if (crc32cGenerator === CRC32C_DEFAULT_VALIDATOR_GENERATOR) return new Crc32c()
  const given = crc32cGenerator()
  return {
    update: (bytes) => given.update(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
    toString: () => given.toString(),
  }
}
