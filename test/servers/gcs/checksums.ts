/** Checksums that a client tells of what it sends; a wrong one refuses the write. */
import type { Content } from "./content.ts"
import { invalid } from "./errors.ts"

/** Base64, as in the JSON API. */
export interface Checksums {
  md5?: string
  crc32c?: string
}

const BYTES = { md5: 16, crc32c: 4 }

/** Of `md5Hash` and `crc32c` in an object's JSON. */
export function checksumsOfMetadata(body: Record<string, unknown>): Checksums {
  const { md5Hash, crc32c } = body
  return { ...checksum("md5", md5Hash), ...checksum("crc32c", crc32c) }
}

/** Of the header `x-goog-hash: crc32c=…,md5=…`, which may come several times. */
export function checksumsOfHeader(header: string | undefined): Checksums {
  let checksums: Checksums = {}
  for (const each of (header ?? "").split(",").filter((part) => part.trim() !== "")) {
    const [, name, value] = /^\s*(md5|crc32c)=(.*?)\s*$/.exec(each) ?? []
    if (name === undefined) throw invalid(`Invalid x-goog-hash: ${each}`, "InvalidDigest")
    checksums = { ...checksums, ...checksum(name as keyof Checksums, value) }
  }
  return checksums
}

/** The codes are those of the XML API, which has one for each checksum. */
export function checkChecksums(content: Content, ...all: readonly Checksums[]): void {
  for (const { md5, crc32c } of all) {
    if (md5 !== undefined && md5 !== content.md5) {
      throw invalid(`Provided MD5 hash "${md5}" doesn't match calculated MD5 hash "${content.md5}".`, "BadDigest")
    }
    if (crc32c !== undefined && crc32c !== content.crc32c) {
      throw invalid(`Provided CRC32C "${crc32c}" doesn't match calculated CRC32C "${content.crc32c}".`, "CrcMismatch")
    }
  }
}

export function checksum(name: keyof Checksums, value: unknown): Checksums {
  if (value === undefined || value === null || value === "") return {}
  const bytes = typeof value === "string" ? Buffer.from(value, "base64") : undefined
  if (bytes?.length !== BYTES[name] || bytes.toString("base64") !== value) {
    throw invalid(`Invalid ${name}: ${JSON.stringify(value)} is not ${BYTES[name]} bytes in Base64.`, "InvalidDigest")
  }
  return { [name]: value }
}
