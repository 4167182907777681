import type { Checksums } from "./file-info.ts"

export type Algorithm = keyof Checksums

interface Hash {
  update(data: Uint8Array): unknown
  digest(encoding: "hex"): string
}
export type NamedHash = readonly [Algorithm, Hash]

/** The algorithms of digests, those first that say more. */
export const ALGORITHMS: readonly Algorithm[] = ["sha512", "sha256", "sha1", "md5"]

/** A hash for each digest that is given; undefined where no digests are expected at all. */
export function startHashes(checksum: Checksums | undefined): readonly NamedHash[] | undefined {
  if (checksum === undefined) return undefined
  return ALGORITHMS.filter((algorithm) => checksum[algorithm] !== undefined).map((algorithm) => [
    algorithm,
    startHash(algorithm),
  ])
}

/** The digest of a stream in hexadecimal, in constant memory. */
export async function digestOf(chunks: AsyncIterable<Uint8Array>, algorithm: Algorithm): Promise<string> {
  const hash = startHash(algorithm)
  for await (const chunk of chunks) hash.update(chunk)
  return hash.digest("hex")
}

function startHash(algorithm: Algorithm): Hash {
  // Web Crypto can't hash a stream; the runtimes that can have Node's module built in.
  return process.getBuiltinModule("node:crypto").createHash(algorithm)
}
