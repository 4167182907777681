import { createHash } from "node:crypto"
import { StorageError } from "@node-storages/core"
import ssh2 from "ssh2"

/** Whole keys and fingerprints by which a server is known. */
export interface HostKeys {
  /** As OpenSSH prints them: `SHA256:` and base64 without padding. */
  readonly fingerprints: ReadonlySet<string>
  /** The signature algorithms to ask for, so that a server with several keys shows one of these; undefined: any. */
  readonly algorithms: readonly string[] | undefined
}

const FINGERPRINT = /^SHA256:[A-Za-z0-9+/]{43}$/
/** An RSA key signs by three algorithms; the oldest one, on SHA-1, is not asked for. */
const RSA_ALGORITHMS = ["rsa-sha2-512", "rsa-sha2-256"]

/**
 * Reads the option `hostKey`: fingerprints (`SHA256:…`), or keys as in `known_hosts` behind the host.
 * @throws StorageError `invalid-option`
 */
export function readHostKeys(given: string | readonly string[]): HostKeys {
  const texts = typeof given === "string" ? [given] : given
  if (!Array.isArray(texts) || texts.length === 0) throw invalid("must be a text or a list of texts")
  const fingerprints = new Set<string>()
  const types: string[] = []
  for (const text of texts as readonly unknown[]) {
    if (typeof text !== "string") throw invalid(`must be a text, not ${typeof text}`)
    if (FINGERPRINT.test(text)) {
      fingerprints.add(text)
      continue
    }
    const key = ssh2.utils.parseKey(text)
    if (key instanceof Error || key.isPrivateKey()) {
      throw invalid(`${key instanceof Error ? JSON.stringify(text) : "a private key"} is no fingerprint or public key`)
    }
    fingerprints.add(fingerprintOf(key.getPublicSSH()))
    types.push(...(key.type === "ssh-rsa" ? RSA_ALGORITHMS : [key.type]))
  }
  return { fingerprints, algorithms: types.length === texts.length ? types : undefined }
}

/** @param key in the binary form of RFC 4253 */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`
}

function invalid(problem: string): StorageError {
  return new StorageError(
    "invalid-option",
    `SftpStorage: hostKey ${problem}. It looks like "SHA256:…" (ssh-keygen -lf) or "ssh-ed25519 AAAA…" (ssh-keyscan).`,
  )
}
