import { hash } from "node:crypto"
import { ALGORITHM, type Signer, timestamp } from "../signature.ts"

/*
 * Signature version 4 in headers: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 * A test holds it equal to the SDK's signer.
 */

/** The digest of a request without a body. */
export const EMPTY_PAYLOAD: string = hash("sha256", "")

/** What the SDK leaves out of its signatures, as proxies change it. */
const UNSIGNED: ReadonlySet<string> = new Set(["cache-control", "expect", "user-agent", "x-amzn-trace-id"])

/** What a signature is over. */
export interface SignedParts {
  readonly method: string
  /** Encoded, as it is sent. */
  readonly path: string
  readonly canonicalQuery: string
  /** By their names in lower case, Host among them. */
  readonly headers: Readonly<Record<string, string>>
  /** The SHA-256 of the body, in hexadecimal. */
  readonly payload: string
}

/** The headers with the signature's own. */
export function signHeaders(signer: Signer, region: string, at: Date, parts: SignedParts): Record<string, string> {
  const { accessKeyId, sessionToken } = signer.credentials
  const time = timestamp(at)
  const day = time.slice(0, 8)
  const headers: Record<string, string> = {
    ...parts.headers,
    "x-amz-date": time,
    "x-amz-content-sha256": parts.payload,
  }
  if (sessionToken) headers["x-amz-security-token"] = sessionToken
  const names = Object.keys(headers).filter((name) => !UNSIGNED.has(name))
  names.sort()
  let lines = ""
  for (const name of names) lines += `${name}:${canonical(headers[name]!)}\n`
  const signed = names.join(";")
  const request = `${parts.method}\n${parts.path}\n${parts.canonicalQuery}\n${lines}\n${signed}\n${parts.payload}`
  const scope = `${day}/${region}/s3/aws4_request`
  const signature = signer.sign(`${ALGORITHM}\n${time}\n${scope}\n${hash("sha256", request)}`, day, region)
  headers["authorization"] =
    `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`
  return headers
}

/** Line breaks and runs of spaces as one space, none at the ends. */
function canonical(value: string): string {
  if (!/^[ \t]|[\r\n]|[ \t]{2}|\t|[ \t]$/.test(value)) return value
  return value
    .replace(/[\r\n]/g, " ")
    .replace(/[ \t]+/g, " ")
    .replace(/^ | $/g, "")
}
