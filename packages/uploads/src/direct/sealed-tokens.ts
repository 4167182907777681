import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto"
import { checkKeys } from "@node-storages/core"

/** Longer is no token of ours, and not worth the work. In characters: metadata may be some KiB. */
const LONGEST_TOKEN = 32_768
/** What is sealed is never taken for what another use of the same key has made. */
const CONTEXT = "node-storages direct upload 1"
const CIPHER = "aes-256-gcm"
const NONCE_BYTES = 12
const TAG_BYTES = 16

/**
 * Texts that a client keeps and can neither read nor change (AES-256-GCM, NIST SP 800-38D). The first key seals; each of
 * them opens, so that a new key can be put in front while tokens of the old one are still out.
 */
export class SealedTokens {
  readonly #keys: readonly Buffer[]

  /** @throws StorageError `invalid-option` for no keys or short ones */
  constructor(keys: readonly string[], subject: string) {
    this.#keys = checkKeys(`${subject}: keys`, keys, "is used for new uploads").map((key) =>
      Buffer.from(hkdfSync("sha256", key, "", CONTEXT, 32)),
    )
  }

  seal(text: string): string {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv(CIPHER, this.#keys[0]!, nonce)
    return Buffer.concat([nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]).toString(
      "base64url",
    )
  }

  /** The text, or undefined where it was not sealed by one of our keys. */
  open(token: string): string | undefined {
    if (token.length > LONGEST_TOKEN || !/^[\w-]+$/.test(token)) return undefined
    const sealed = Buffer.from(token, "base64url")
    // Two texts of base64 can mean the same bytes: only the one that we write counts.
    if (sealed.length <= NONCE_BYTES + TAG_BYTES || sealed.toString("base64url") !== token) return undefined
    for (const key of this.#keys) {
      const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES))
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
      const text = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES))
      try {
        return Buffer.concat([text, decipher.final()]).toString()
      } catch {
        // Sealed by another key, or by nobody.
      }
    }
    return undefined
  }
}
