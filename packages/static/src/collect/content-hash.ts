import { splitExtension } from "@node-storages/core"
import { digestOf } from "../publishing/comparison.ts"

/** Characters of a name's hash: 48 bits, so that a million files of one name meet by chance once in 500 releases. */
const HASH_LENGTH = 12

/** Bytes with their digest, which names, manifest, cache and target ask for: it is computed once. */
export interface Content {
  readonly bytes: Uint8Array
  /** In hexadecimal digits. */
  readonly sha256: string
}

export function contentOf(bytes: Uint8Array): Content {
  return { bytes, sha256: digestOf("sha256", bytes) }
}

/** The beginning of the SHA-256 in hexadecimal, as `sha256sum` prints it. */
export function contentHash({ sha256 }: Content): string {
  return sha256.slice(0, HASH_LENGTH)
}

/** One hash of several texts, each with its length: texts that are cut in another place are other texts. */
export function combinedHash(...texts: readonly string[]): string {
  return contentHash(contentOf(Buffer.from(texts.map((text) => `${text.length}:${text}`).join(""))))
}

/** `css/app.css` gives `css/app.3f9a1c0b2d4e.css`, `app.min.js` gives `app.3f9a1c0b2d4e.min.js`. */
export function hashedName(name: string, hash: string): string {
  const slash = name.lastIndexOf("/") + 1
  const [stem, extension] = splitExtension(name.slice(slash))
  return `${name.slice(0, slash)}${stem}.${hash}${extension}`
}
