import type { BlobServiceClient } from "@azure/storage-blob"
import { abortError, StorageError } from "@node-storages/core"
import { orAborted } from "@node-storages/core/adapter"
import type { DelegatedSigner } from "./sas.ts"
import { delegatedSigner } from "./text-signers.ts"

/** The service's limit on the life of a user delegation key, in milliseconds. */
const LONGEST = 7 * 24 * 3600 * 1000
/** By how much the service's clock may differ from this machine's, in milliseconds. */
const CLOCK_SKEW = 15 * 60 * 1000

/** A key, and until when it may be used, in milliseconds since 1970. */
interface KeptKey {
  readonly signer: DelegatedSigner
  readonly expiresAt: number
}

/**
 * User delegation keys, with which URLs are signed without a key of the account. One is asked for at a time, shared by all
 * that wait, and used until a URL would outlive it.
 */
export class DelegationKeys {
  readonly #service: () => BlobServiceClient
  /** Oldest first: as long as a key covers a URL, the same signature is made for it again. */
  #keys: KeptKey[] = []
  #asked: Promise<void> | undefined

  constructor(service: () => BlobServiceClient) {
    this.#service = service
  }

  /** What signs with a key that is valid until then. */
  async validUntil(expiresAt: Date, signal: AbortSignal | undefined): Promise<DelegatedSigner> {
    for (;;) {
      const now = Date.now()
      const end = expiresAt.getTime()
      if (end > now + LONGEST) throw tooLong()
      if (this.#keys.some((key) => key.expiresAt <= now)) this.#keys = this.#keys.filter((key) => key.expiresAt > now)
      const kept = this.#keys.find((key) => key.expiresAt >= end)
      if (kept) return kept.signer
      // What is asked for already may end too early for this URL: then one more is asked for after it.
      this.#asked ??= this.#ask(now, expiresAt)
      await orAborted(this.#asked, signal, (aborted) => abortError(aborted, "url"))
    }
  }

  async #ask(now: number, expiresAt: Date): Promise<void> {
    try {
      // Both ends keep off what a clock that differs would refuse; only a URL for the whole week needs its last minutes.
      const end = Math.max(now + LONGEST - CLOCK_SKEW, Math.ceil(expiresAt.getTime() / 1000) * 1000)
      const key = await this.#service().getUserDelegationKey(new Date(now - CLOCK_SKEW), new Date(end))
      this.#keys.push({ signer: delegatedSigner(key), expiresAt: key.signedExpiresOn.getTime() })
    } finally {
      this.#asked = undefined
    }
  }
}

function tooLong(): StorageError {
  return new StorageError(
    "invalid-option",
    "A URL signed by user delegation is valid for at most 7 days (expiresIn and roundTo together). Sign with an accountKey for longer.",
  )
}
