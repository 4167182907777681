import { crc32, deflateSync } from "node:zlib"
import { sampleBytes } from "../../sample-bytes.ts"

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)

/** A picture in PNG, of one colour. With `bytes` it is so long: by a chunk that decoders skip. */
export function picture(width = 2, height = 2, bytes?: number): Uint8Array<ArrayBuffer> {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  // 8 bits in greyscale.
  header[8] = 8
  const rows = deflateSync(Buffer.alloc((width + 1) * height, 0x60))
  const parts = [SIGNATURE, chunk("IHDR", header), chunk("IDAT", rows), chunk("IEND", new Uint8Array())]
  const size = parts.reduce((sum, part) => sum + part.byteLength, 0)
  if (bytes !== undefined) parts.splice(2, 0, chunk("fiLl", sampleBytes(bytes - size - 12)))
  return new Uint8Array(Buffer.concat(parts))
}

/** https://www.w3.org/TR/png-3/#5Chunk-layout */
function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(data.byteLength + 12)
  bytes.writeUInt32BE(data.byteLength, 0)
  bytes.write(type, 4, "latin1")
  bytes.set(data, 8)
  bytes.writeUInt32BE(crc32(bytes.subarray(4, -4)), bytes.byteLength - 4)
  return bytes
}
