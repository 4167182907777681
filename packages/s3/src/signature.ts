import { type BinaryLike, createHmac, createSecretKey, hash, type KeyObject } from "node:crypto"
import type { SignedUploadOptions } from "@node-storages/core"
import { StorageError } from "@node-storages/core"
import type { BucketEndpoint } from "./endpoint.ts"

/*
 * Signature version 4, for URLs and form uploads:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 * The SDK's presigner runs its whole middleware stack for each URL; this is two hashes and an HMAC, with the signing
 * key kept for the day.
 */

export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

/** As signatures name it. */
export const ALGORITHM = "AWS4-HMAC-SHA256"
/** The service's limit on a signature's validity, in seconds. */
const LONGEST_EXPIRY = 604_800

function hmac(key: BinaryLike | KeyObject, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest()
}

const UNRESERVED = /^[A-Za-z0-9._~-]*$/

/** RFC 3986, as SigV4 wants it: stricter than encodeURIComponent. */
export function encodeStrictly(text: string): string {
  if (UNRESERVED.test(text)) return text
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** The path of a key, without a slash before it. */
export function encodePath(key: string): string {
  return UNRESERVED_PATH.test(key) ? key : key.split("/").map(encodeStrictly).join("/")
}

const UNRESERVED_PATH = /^[A-Za-z0-9._~/-]*$/

let [lastSecond, lastTimestamp] = [Number.NaN, ""]

/** `20260131T120000Z`, kept for the second in which it is asked for again. */
export function timestamp(date: Date): string {
  const second = Math.floor(date.getTime() / 1000)
  if (second !== lastSecond) {
    lastTimestamp = `${date.toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`
    lastSecond = second
  }
  return lastTimestamp
}

/** Signs for one set of credentials; keeps the signing key of a day and region. */
export class Signer {
  readonly credentials: Credentials
  #scope = ""
  /** A KeyObject: a Buffer would be made into one for each signature, which costs seven times the signature. */
  #key: KeyObject | undefined

  constructor(credentials: Credentials) {
    this.credentials = credentials
  }

  sign(text: string, day: string, region: string): string {
    const scope = `${day}/${region}`
    if (scope !== this.#scope) {
      const dated = hmac(`AWS4${this.credentials.secretAccessKey}`, day)
      this.#key = createSecretKey(hmac(hmac(hmac(dated, region), "s3"), "aws4_request"))
      this.#scope = scope
    }
    return hmac(this.#key!, text).toString("hex")
  }
}

/** @throws StorageError `invalid-option` */
export function checkExpiry(expiresIn: number): number {
  const whole = Math.floor(expiresIn)
  if (whole >= 1 && whole <= LONGEST_EXPIRY) return whole
  throw new StorageError(
    "invalid-option",
    `A signed S3 URL is valid for 1 second to 7 days (with roundTo added), not for ${expiresIn} seconds.`,
  )
}

export interface PresignedRequest {
  readonly method: "GET" | "PUT"
  readonly key: string
  readonly signedAt: Date
  readonly expiresIn: number
  /** Query parameters beside the signature's own. */
  readonly query: Readonly<Record<string, string>>
  /** Headers beside Host that the sender must send just so, in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

export function presign(signer: Signer, endpoint: BucketEndpoint, request: PresignedRequest): string {
  const { accessKeyId, sessionToken } = signer.credentials
  const time = timestamp(request.signedAt)
  const day = time.slice(0, 8)
  const scope = `${day}/${endpoint.region}/s3/aws4_request`
  const headers: Record<string, string> = { ...request.headers, host: endpoint.host }
  const names = Object.keys(headers).toSorted()
  const query: Record<string, string> = {
    "X-Amz-Algorithm": ALGORITHM,
    "X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD",
    "X-Amz-Credential": `${accessKeyId}/${scope}`,
    "X-Amz-Date": time,
    "X-Amz-Expires": String(checkExpiry(request.expiresIn)),
    ...(sessionToken && { "X-Amz-Security-Token": sessionToken }),
    "X-Amz-SignedHeaders": names.join(";"),
    ...request.query,
  }
  const path = encodePath(request.key)
  const canonicalQuery = Object.keys(query)
    .toSorted()
    .map((name) => `${encodeStrictly(name)}=${encodeStrictly(query[name]!)}`)
    .join("&")
  const canonicalHeaders = names.map((name) => `${name}:${headers[name]!.trim().replace(/ +/g, " ")}\n`).join("")
  const canonical = `${request.method}\n${endpoint.path}/${path}\n${canonicalQuery}\n${canonicalHeaders}\n${names.join(";")}\nUNSIGNED-PAYLOAD`
  const signature = signer.sign(`${ALGORITHM}\n${time}\n${scope}\n${hash("sha256", canonical)}`, day, endpoint.region)
  // The signature stands in alphabetical order too, as in the SDK's URLs: the same file has the same URL from both.
  const signedQuery = canonicalQuery.replace(
    "&X-Amz-SignedHeaders=",
    `&X-Amz-Signature=${signature}&X-Amz-SignedHeaders=`,
  )
  return `${endpoint.url}/${path}?${signedQuery}`
}

/** The form fields of a POST upload: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html */
export function postPolicy(
  signer: Signer,
  endpoint: BucketEndpoint,
  bucket: string,
  fields: Readonly<Record<string, string>>,
  options: SignedUploadOptions,
): Record<string, string> {
  const { accessKeyId, sessionToken } = signer.credentials
  const time = timestamp(options.signedAt)
  const day = time.slice(0, 8)
  const all: Record<string, string> = {
    ...fields,
    "x-amz-algorithm": ALGORITHM,
    "x-amz-credential": `${accessKeyId}/${day}/${endpoint.region}/s3/aws4_request`,
    "x-amz-date": time,
    ...(sessionToken && { "x-amz-security-token": sessionToken }),
  }
  const policy = Buffer.from(
    JSON.stringify({
      expiration: new Date(options.signedAt.getTime() + checkExpiry(options.expiresIn) * 1000).toISOString(),
      conditions: [
        { bucket },
        ...Object.entries(all).map(([name, value]) => ({ [name]: value })),
        ["content-length-range", options.size ?? 0, options.size ?? options.maxSize],
      ],
    }),
  ).toString("base64")
  return { ...all, policy, "x-amz-signature": signer.sign(policy, day, endpoint.region) }
}
