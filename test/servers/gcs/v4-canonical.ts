/** What a V4 signature signs. https://cloud.google.com/storage/docs/authentication/canonical-requests */
import { createHash } from "node:crypto"

export const ALGORITHM = "GOOG4-RSA-SHA256"
const UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"

/** A URL in parts that nothing has normalised: a signature is about what is sent. */
export interface RawUrl {
  /** With its port, if it has one. */
  host: string
  path: string
  query: [name: string, value: string][]
}

export function parseRawUrl(url: string): RawUrl {
  const [, host, path, query] = /^https?:\/\/([^/?]+)([^?]*)(?:\?(.*))?$/.exec(url) ?? []
  if (host === undefined) throw new Error(`Not a URL: ${url}`)
  const pairs = (query ?? "").split("&").filter((pair) => pair !== "")
  return { host, path: path || "/", query: pairs.map((pair) => parsePair(pair)) }
}

export interface CanonicalParts {
  method: string
  path: string
  query: readonly (readonly [name: string, value: string])[]
  /** Those that are signed, by their names in lower case. */
  headers: ReadonlyMap<string, string>
}

export function canonicalRequest({ method, path, query, headers }: CanonicalParts): string {
  const names = [...headers.keys()].toSorted()
  return [
    method,
    path.split("/").map(reencode).join("/"),
    canonicalQuery(query),
    ...names.map((name) => `${name}:${canonicalValue(headers.get(name)!)}`),
    "",
    names.join(";"),
    headers.get("x-goog-content-sha256") ?? UNSIGNED_PAYLOAD,
  ].join("\n")
}

export function stringToSign(request: string, date: string, scope: string): string {
  return [ALGORITHM, date, scope, createHash("sha256").update(request).digest("hex")].join("\n")
}

/** With every parameter but the signature, sorted by what is written. */
function canonicalQuery(query: CanonicalParts["query"]): string {
  return query
    .filter(([name]) => name !== "X-Goog-Signature")
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .toSorted((left, right) => (left < right ? -1 : 1))
    .join("&")
}

function canonicalValue(value: string): string {
  return value.trim().replaceAll(/\s+/g, " ")
}

function parsePair(pair: string): [string, string] {
  const [name = "", ...value] = pair.split("=")
  return [decode(name), decode(value.join("="))]
}

function reencode(part: string): string {
  return encode(decode(part))
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** RFC 3986's unreserved characters stay. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
