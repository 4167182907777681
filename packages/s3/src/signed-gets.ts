import { hash } from "node:crypto"
import type { SignedUrlOptions } from "@node-storages/core"
import type { BucketEndpoint } from "./endpoint.ts"
import { ALGORITHM, checkExpiry, encodePath, encodeStrictly, type Signer, timestamp } from "./signature.ts"

/** How many URLs of one rounding window are kept. */
const KEPT_URLS = 10_000

/** What the URLs of one moment and validity have in common. */
interface Terms {
  readonly signedAt: number
  readonly expiresIn: number
  readonly time: string
  readonly scope: string
  /** The query in the order of the signature, before and behind the place where the signature stands in the URL. */
  readonly before: string
  readonly behind: string
}

/**
 * Signed GET URLs of one bucket by one signer: what `presign` gives for a GET, with all that the URLs of a page have in
 * common written once. Where one moment is asked for again, as rounding does, whole URLs are kept.
 */
export class SignedGets {
  readonly signer: Signer
  readonly #endpoint: BucketEndpoint
  #terms: Terms | undefined
  readonly #urls: Map<string, string> = new Map()

  constructor(signer: Signer, endpoint: BucketEndpoint) {
    this.signer = signer
    this.#endpoint = endpoint
  }

  url(key: string, { signedAt, expiresIn, contentDisposition, contentType }: SignedUrlOptions): string {
    const isRepeated = this.#terms?.signedAt === signedAt.getTime() && this.#terms.expiresIn === expiresIn
    const terms = isRepeated ? this.#terms! : this.#begin(signedAt, expiresIn)
    if (contentDisposition || contentType) return this.#sign(terms, key, overrides(contentDisposition, contentType))
    // A moment that is not asked for again is a waste to remember.
    if (!isRepeated) return this.#sign(terms, key, "")
    let url = this.#urls.get(key)
    if (url === undefined) {
      url = this.#sign(terms, key, "")
      if (this.#urls.size >= KEPT_URLS) this.#urls.clear()
      this.#urls.set(key, url)
    }
    return url
  }

  #begin(signedAt: Date, expiresIn: number): Terms {
    const seconds = checkExpiry(expiresIn)
    const { accessKeyId, sessionToken } = this.signer.credentials
    const time = timestamp(signedAt)
    if (this.#urls.size > 0) this.#urls.clear()
    const { time: last, expiresIn: lastExpiry } = this.#terms ?? {}
    if (last === time && lastExpiry === expiresIn) {
      return (this.#terms = { ...this.#terms!, signedAt: signedAt.getTime() })
    }
    const scope = `${time.slice(0, 8)}/${this.#endpoint.region}/s3/aws4_request`
    const before =
      `X-Amz-Algorithm=${ALGORITHM}&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD` +
      `&X-Amz-Credential=${encodeStrictly(`${accessKeyId}/${scope}`)}&X-Amz-Date=${time}&X-Amz-Expires=${seconds}` +
      (sessionToken ? `&X-Amz-Security-Token=${encodeStrictly(sessionToken)}` : "")
    const behind = "&X-Amz-SignedHeaders=host"
    return (this.#terms = { signedAt: signedAt.getTime(), expiresIn, time, scope, before, behind })
  }

  #sign({ time, scope, before, behind }: Terms, key: string, asked: string): string {
    const { host, path: base, region, url } = this.#endpoint
    const path = encodePath(key)
    const rest = `${behind}${asked}&x-id=GetObject`
    const canonical = `GET\n${base}/${path}\n${before}${rest}\nhost:${host}\n\nhost\nUNSIGNED-PAYLOAD`
    const text = `${ALGORITHM}\n${time}\n${scope}\n${hash("sha256", canonical)}`
    const signature = this.signer.sign(text, time.slice(0, 8), region)
    // The signature stands in alphabetical order too, as in the SDK's URLs: the same file has the same URL from both.
    return `${url}/${path}?${before}&X-Amz-Signature=${signature}${rest}`
  }
}

/** The answer's headers as the query asks for them, in the order of the signature. */
function overrides(contentDisposition: string | undefined, contentType: string | undefined): string {
  return (
    (contentDisposition ? `&response-content-disposition=${encodeStrictly(contentDisposition)}` : "") +
    (contentType ? `&response-content-type=${encodeStrictly(contentType)}` : "")
  )
}
