import { hash } from "node:crypto"

/*
 * Version 4 signatures of Cloud Storage: canonical requests of signed URLs, and POST policies.
 * https://cloud.google.com/storage/docs/authentication/signatures
 * https://cloud.google.com/storage/docs/authentication/canonical-requests
 */

/** Signs text with the account's RSA key. */
export interface Signer {
  /** The service account's e-mail. */
  readonly account: string
  readonly sign: (text: string) => Promise<Buffer>
}

export interface UrlRequest {
  readonly method: "GET" | "PUT" | "POST"
  /** Scheme and host, and the path of the bucket: `"https://storage.googleapis.com/bucket"`. No slash at its end. */
  readonly base: string
  readonly key: string
  readonly signedAt: Date
  /** In seconds. */
  readonly expiresIn: number
  /** Names in lower case. `host` is added, as the service wants it: without a port. */
  readonly headers?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
}

const ALGORITHM = "GOOG4-RSA-SHA256"

export async function signUrl(signer: Signer, request: UrlRequest): Promise<string> {
  const { base, path, query, text } = textToSign(signer.account, request)
  const signature = await signer.sign(text)
  return `${base}${path}?${query}&X-Goog-Signature=${signature.toString("hex")}`
}

/** What a URL's signature is made of. */
export function textToSign(
  account: string,
  { method, base, key, signedAt, expiresIn, headers = {}, query = {} }: UrlRequest,
): { base: string; path: string; query: string; canonicalRequest: string; text: string } {
  const url = new URL(base)
  const path = `/${key.split("/").map(encodeStrictly).join("/")}`
  const time = timestamp(signedAt)
  const scope = scopeOf(time)
  const signed = Object.entries({ ...headers, host: url.hostname }).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const signedHeaders = signed.map(([name]) => name).join(";")
  const parameters = {
    "X-Goog-Algorithm": ALGORITHM,
    "X-Goog-Credential": `${account}/${scope}`,
    "X-Goog-Date": time,
    "X-Goog-Expires": String(expiresIn),
    "X-Goog-SignedHeaders": signedHeaders,
    ...query,
  }
  const canonicalQuery = Object.entries(parameters)
    .map(([name, value]) => [encodeStrictly(name), encodeStrictly(value)] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join("&")
  const canonicalRequest = [
    method,
    url.pathname.replace(/\/$/, "") + path,
    canonicalQuery,
    ...signed.map(([name, value]) => `${name}:${value.trim().replace(/\s+/g, " ")}`),
    "",
    signedHeaders,
    headers["x-goog-content-sha256"] ?? "UNSIGNED-PAYLOAD",
  ].join("\n")
  const text = [ALGORITHM, time, scope, hash("sha256", canonicalRequest)].join("\n")
  return { base, path, query: canonicalQuery, canonicalRequest, text }
}

export interface PolicyRequest {
  readonly bucket: string
  readonly fields: Readonly<Record<string, string>>
  readonly conditions?: readonly unknown[]
  readonly signedAt: Date
  /** In seconds. */
  readonly expiresIn: number
}

/** The fields of a form that the service takes until it expires, each bound to its value. */
export async function signPolicy(signer: Signer, request: PolicyRequest): Promise<Record<string, string>> {
  const { fields, policy } = policyToSign(signer.account, request)
  const encoded = Buffer.from(policy).toString("base64")
  const signature = await signer.sign(encoded)
  return { ...fields, policy: encoded, "x-goog-signature": signature.toString("hex") }
}

/** A form's fields without its signature, and its policy as JSON in ASCII, as the service wants it. */
export function policyToSign(
  account: string,
  { bucket, fields, conditions = [], signedAt, expiresIn }: PolicyRequest,
): { fields: Record<string, string>; policy: string } {
  const time = timestamp(signedAt)
  const all: Record<string, string> = {
    ...fields,
    "x-goog-date": time,
    "x-goog-credential": `${account}/${scopeOf(time)}`,
    "x-goog-algorithm": ALGORITHM,
  }
  const { key, ...others } = fields
  const policy = {
    conditions: [
      ...Object.entries(others).map(([name, value]) => ({ [name]: value })),
      ...conditions,
      { bucket },
      { key },
      ...["x-goog-date", "x-goog-credential", "x-goog-algorithm"].map((name) => ({ [name]: all[name] })),
    ],
    expiration: new Date(signedAt.getTime() + expiresIn * 1000).toISOString().replace(/\.\d{3}Z$/, "Z"),
  }
  return { fields: all, policy: asciiJson(policy) }
}

function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  )
}

/** `20190201T090000Z` */
function timestamp(date: Date): string {
  return date.toISOString().replace(/[-:]|\.\d{3}/g, "")
}

function scopeOf(time: string): string {
  return `${time.slice(0, 8)}/auto/storage/goog4_request`
}

/** Everything but RFC 3986's unreserved characters. */
function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
