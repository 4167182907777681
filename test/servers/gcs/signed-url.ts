/** V4 signed URLs. https://cloud.google.com/storage/docs/authentication/signatures */
import { canonicalRequest, parseRawUrl, stringToSign } from "./v4-canonical.ts"
import * as v4 from "./v4-credential.ts"

export interface SignedUrlRequest {
  method: string
  /** As requested, with scheme and host. */
  url: string
  /** Names in any case. */
  headers: Readonly<Record<string, string | undefined>>
  now: Date
  publicKeyOf: v4.PublicKeyOf
}

export interface VerifiedUrl {
  /** The service account that signed. */
  account: string
  canonicalRequest: string
  stringToSign: string
  /** SHA-256 that the body must have, in hex; undefined when the payload is not signed. */
  payloadSha256?: string
}

/** Throws a GcsError for what the service would refuse. */
export function verifySignedUrl({ method, url, headers, now, publicKeyOf }: SignedUrlRequest): VerifiedUrl {
  const { host, path, query } = parseRawUrl(url)
  const parameter = (name: string): string | undefined => query.find(([each]) => each === name)?.[1]
  const credential = v4.readCredential(
    {
      algorithm: parameter("X-Goog-Algorithm"),
      credential: parameter("X-Goog-Credential"),
      date: parameter("X-Goog-Date"),
    },
    publicKeyOf,
  )
  const expires = parameter("X-Goog-Expires") ?? ""
  if (!/^[1-9]\d*$/.test(expires) || Number(expires) > v4.LONGEST_VALIDITY_SECONDS) {
    throw v4.malformed("X-Goog-Expires", `Invalid: ${expires}. It must be from 1 to ${v4.LONGEST_VALIDITY_SECONDS}.`)
  }
  const { signedAt, publicKey, date, scope, account } = credential
  v4.checkTime(signedAt, new Date(signedAt.getTime() + Number(expires) * 1000), now)

  const signed = signedHeaders(parameter("X-Goog-SignedHeaders") ?? "", { host, ...headers })
  const signature = parameter("X-Goog-Signature") ?? ""
  const attempts = variants(method, host).map((variant) => {
    const request = canonicalRequest({ path, query, method: variant.method, headers: signed.set("host", variant.host) })
    return { canonicalRequest: request, stringToSign: stringToSign(request, date, scope) }
  })
  const right = attempts.find((attempt) => v4.isSignedBy(publicKey, attempt.stringToSign, signature))
  if (!right) {
    const { canonicalRequest: CanonicalRequest, stringToSign: StringToSign } = attempts[0]!
    throw v4.signatureDoesNotMatch({ StringToSign, CanonicalRequest })
  }
  const payloadSha256 = signed.get("x-goog-content-sha256")
  return { account, ...right, ...(payloadSha256 === undefined ? {} : { payloadSha256 }) }
}

/** Clients sign the host with its port or without it; who may GET may also HEAD. */
function variants(method: string, host: string): { method: string; host: string }[] {
  const hosts = [host.replace(/:\d+$/, ""), host]
  const methods = method === "HEAD" ? ["HEAD", "GET"] : [method]
  return methods.flatMap((each) => hosts.map((one) => ({ method: each, host: one })))
}

function signedHeaders(list: string, headers: SignedUrlRequest["headers"]): Map<string, string> {
  const sent = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  const names = list.split(";")
  if (!names.includes("host")) throw v4.malformed("X-Goog-SignedHeaders", "The host header must be signed.")
  const isCanonical = names.every((name, index) => name === name.toLowerCase() && name > (names[index - 1] ?? ""))
  if (!isCanonical) throw v4.malformed("X-Goog-SignedHeaders", "Names must be in lower case and sorted.")
  const missing = names.find((name) => sent.get(name) === undefined)
  if (missing !== undefined) {
    throw v4.malformed(missing, "Header was included in signedheaders, but not in the request.")
  }
  const unsigned = [...sent.keys()].find((name) => name.startsWith("x-goog-") && !names.includes(name))
  if (unsigned !== undefined)
    throw v4.malformed(unsigned, "Header was included in the request, but not in signedheaders.")
  return new Map(names.map((name) => [name, sent.get(name)!]))
}
