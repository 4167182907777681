import { createHash } from "node:crypto"
import { splitExtension } from "@node-storages/core"

/** Characters of a name's hash: 48 bits, so that a million files of one name meet by chance once in 500 releases. */
const HASH_LENGTH = 12

/** The beginning of the SHA-256 in hexadecimal, as `sha256sum` prints it. */
export function contentHash(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex").slice(0, HASH_LENGTH)
}

/** One hash of several texts, each with its length: texts that are cut in another place are other texts. */
export function combinedHash(...texts: readonly string[]): string {
  return contentHash(Buffer.from(texts.map((text) => `${text.length}:${text}`).join("")))
}

/** `css/app.css` gives `css/app.3f9a1c0b2d4e.css`, `app.min.js` gives `app.3f9a1c0b2d4e.min.js`. */
export function hashedName(name: string, hash: string): string {
  const slash = name.lastIndexOf("/") + 1
  const [stem, extension] = splitExtension(name.slice(slash))
  return `${name.slice(0, slash)}${stem}.${hash}${extension}`
}

/** Subresource Integrity of the bytes. https://www.w3.org/TR/SRI/ */
export function integrityOf(bytes: Uint8Array): string {
  return `sha256-${createHash("sha256").update(bytes).digest("base64")}`
}
