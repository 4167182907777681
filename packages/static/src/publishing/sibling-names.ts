import type { Encoding, ManifestEntry } from "../manifest.ts"

/** What a compressed sibling's name ends with: where nginx (`gzip_static`), Caddy and our own server look for it. */
export const SIBLING_ENDINGS: Readonly<Record<Encoding, string>> = { br: ".br", gzip: ".gz", zstd: ".zst" }

/** The encodings, in the order in which manifests tell them. */
export const ENCODINGS: readonly Encoding[] = ["br", "gzip", "zstd"]

/** The published name of an entry, and those of its compressed siblings. */
export function namesOfEntry({ name, encodings = {} }: ManifestEntry): string[] {
  const siblings = ENCODINGS.filter((encoding) => encodings[encoding] !== undefined)
  return [name, ...siblings.map((encoding) => name + SIBLING_ENDINGS[encoding])]
}
