import { encodeStrictly } from "../signature.ts"

/**
 * The parameters that are sent as they are, as headers. What is not listed here or below goes through the official
 * client, which knows all of them.
 */
const HEADERS: Readonly<Record<string, string>> = {
  ACL: "x-amz-acl",
  BucketKeyEnabled: "x-amz-server-side-encryption-bucket-key-enabled",
  CacheControl: "cache-control",
  ContentDisposition: "content-disposition",
  ContentEncoding: "content-encoding",
  ContentLanguage: "content-language",
  ContentLength: "content-length",
  ContentMD5: "content-md5",
  ContentType: "content-type",
  ExpectedBucketOwner: "x-amz-expected-bucket-owner",
  IfMatch: "if-match",
  IfNoneMatch: "if-none-match",
  Range: "range",
  RequestPayer: "x-amz-request-payer",
  ServerSideEncryption: "x-amz-server-side-encryption",
  SSEKMSEncryptionContext: "x-amz-server-side-encryption-context",
  SSEKMSKeyId: "x-amz-server-side-encryption-aws-kms-key-id",
  StorageClass: "x-amz-storage-class",
  Tagging: "x-amz-tagging",
  WebsiteRedirectLocation: "x-amz-website-redirect-location",
}

const QUERY: Readonly<Record<string, string>> = {
  ContinuationToken: "continuation-token",
  Delimiter: "delimiter",
  EncodingType: "encoding-type",
  MaxKeys: "max-keys",
  Prefix: "prefix",
}

/** Where the request goes and what it carries, which the one that sends it handles by itself. */
const HANDLED: ReadonlySet<string> = new Set(["Bucket", "Key", "Body", "Delete"])

/** A command's parameters as a request has them. */
export interface PlainParameters {
  /** By their names in lower case. */
  readonly headers: Record<string, string>
  readonly query: Record<string, string>
}

/** Undefined where there is one that only the official client knows how to send. */
export function plainParameters(input: object): PlainParameters | undefined {
  const headers: Record<string, string> = {}
  const query: Record<string, string> = {}
  for (const [name, value] of Object.entries(input) as [string, unknown][]) {
    if (value === undefined || HANDLED.has(name)) continue
    if (name === "Metadata") {
      for (const [key, text] of Object.entries(value as Record<string, string>)) {
        headers[`x-amz-meta-${key.toLowerCase()}`] = text
      }
      continue
    }
    const text = plain(value)
    if (text === undefined) return undefined
    const header = HEADERS[name]
    const parameter = QUERY[name]
    if (header !== undefined) headers[header] = text
    else if (parameter !== undefined) query[parameter] = text
    else return undefined
  }
  return { headers, query }
}

function plain(value: unknown): string | undefined {
  if (typeof value === "string") return value
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined
}

/** In the order of a signature. */
export function canonicalQuery(query: Readonly<Record<string, string>>): string {
  const names = Object.keys(query)
  if (names.length > 1) names.sort()
  return names.map((name) => `${encodeStrictly(name)}=${encodeStrictly(query[name]!)}`).join("&")
}
