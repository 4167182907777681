import { StorageError } from "./errors.ts"

/**
 * A key as the path of a URL: `encodeURIComponent` for each segment, which keeps `~!*'()` as they are.
 * `/` stays a separator, but not at the beginning: what looks like a host or a scheme becomes a path.
 */
export function encodeKey(key: string): string {
  const path = key.replace(/^\/+/, "")
  return "%2F".repeat(key.length - path.length) + path.split("/").map(encodeURIComponent).join("/")
}

/**
 * The URL of a key below a base URL, which keeps its own path and query; with or without a trailing slash is the same.
 * A base without a host (`"/media/"`) gives a path.
 */
export function joinUrl(base: string, key: string): string {
  const end = base.search(/[?#]/)
  const path = end === -1 ? base : base.slice(0, end)
  const rest = end === -1 ? "" : base.slice(end)
  return `${path.replace(/\/+$/, "")}/${encodeKey(key)}${rest}`
}

/** Checks a `baseUrl` option: an absolute http(s) URL, or an absolute path. */
export function checkBaseUrl(base: string, subject: string): string {
  const valid =
    typeof base === "string" && (/^\/(?![/\\])/.test(base) || (/^https?:\/\//i.test(base) && URL.canParse(base)))
  if (valid) return base
  throw new StorageError(
    "invalid-option",
    `${subject}: baseUrl ${JSON.stringify(base)} is neither a URL ("https://media.example.com/") nor a path ("/media/").`,
  )
}

/** A token of RFC 9110, but without `%`: some clients decode what looks like an escape (RFC 6266, appendix D). */
const TOKEN = /^[A-Za-z0-9!#$&'*+.^_`|~-]+$/

/**
 * A Content-Disposition header (RFC 6266) with a file name in any script: the plain `filename` for old clients,
 * `filename*` (RFC 8187) where the name needs it.
 */
export function contentDisposition(type: "attachment" | "inline", fileName: string): string {
  if (TOKEN.test(fileName)) return `${type}; filename=${fileName}`
  // oxlint-disable-next-line no-control-regex
  const ascii = fileName.replace(/[^\x20-\x7e]/g, "?").replace(/["\\]/g, "\\$&")
  // oxlint-disable-next-line no-control-regex
  const needsExtended = /[^\x20-\x7e]/.test(fileName) || /%[0-9A-Fa-f]{2}/.test(fileName)
  const extended = encodeURIComponent(fileName.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `${type}; filename="${ascii}"${needsExtended ? `; filename*=UTF-8''${extended}` : ""}`
}
