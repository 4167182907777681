import type { S3Client } from "@aws-sdk/client-s3"
import { type BucketEndpoint, clientEndpoint } from "./endpoint.ts"
import { Signer } from "./signature.ts"

/** The SDK's provider asks for new credentials this long before the old ones end. In milliseconds. */
const RENEWED_BEFORE = 300_000

/**
 * Who signs for a bucket, and where it is: by the client's credentials, region and endpoint, each looked up as seldom as
 * possible.
 */
export class BucketAccess {
  readonly #client: () => S3Client
  readonly #bucket: string
  #endpoint: Promise<BucketEndpoint> | undefined
  #signer: Signer | undefined
  /** Whose credentials the signer has, and until when they need not be asked for again. */
  #provider: unknown
  #validUntil = 0

  constructor(client: () => S3Client, bucket: string) {
    this.#client = client
    this.#bucket = bucket
  }

  /** Who signs now, where that is known without asking. */
  get knownSigner(): Signer | undefined {
    if (this.#signer === undefined || this.#client().config.credentials !== this.#provider) return undefined
    return this.#validUntil === Infinity || Date.now() < this.#validUntil ? this.#signer : undefined
  }

  /** The SDK's provider caches and renews credentials; the signer (and its key) is kept while they stay the same. */
  async signer(): Promise<Signer> {
    const known = this.knownSigner
    if (known) return known
    const provider = this.#client().config.credentials
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = await provider()
    const kept = this.#signer?.credentials
    if (
      kept?.accessKeyId !== accessKeyId ||
      kept.secretAccessKey !== secretAccessKey ||
      kept.sessionToken !== sessionToken
    ) {
      this.#signer = new Signer({ accessKeyId, secretAccessKey, sessionToken })
    }
    this.#provider = provider
    // As the SDK does: without an end they are never asked for again.
    this.#validUntil = expiration === undefined ? Infinity : expiration.getTime() - RENEWED_BEFORE
    return this.#signer!
  }

  endpoint(): Promise<BucketEndpoint> {
    this.#endpoint ??= clientEndpoint(this.#client(), this.#bucket).catch((error: unknown) => {
      this.#endpoint = undefined
      throw error
    })
    return this.#endpoint
  }

  /** Looks the endpoint up anew: the client finds one in the shared configuration with its first request. */
  endpointAnew(): Promise<BucketEndpoint> {
    this.#endpoint = undefined
    return this.endpoint()
  }
}
