import { nameProblem } from "@node-storages/core"

/** What the path of a request asks for. */
export type RequestTarget =
  /** Not below the prefix: another handler's. */
  | { readonly kind: "elsewhere" }
  /** No URL: broken escapes, or a NUL. */
  | { readonly kind: "malformed" }
  /** A path that no file can have: `..`, `//`, an encoded slash, a backslash. */
  | { readonly kind: "impossible" }
  | { readonly kind: "file"; readonly name: string }
  /** With a slash at its end, or nothing; the name ends with a slash, or is empty. */
  | { readonly kind: "directory"; readonly name: string }

const ELSEWHERE: RequestTarget = { kind: "elsewhere" }
const MALFORMED: RequestTarget = { kind: "malformed" }
const IMPOSSIBLE: RequestTarget = { kind: "impossible" }

/** The path of a request's target, as it came, and its query without the question mark. */
export function splitUrl(url: string): { path: string; query: string } {
  // RFC 9112, 3.2.2: a client may send the absolute form to any server.
  const start = url.startsWith("/") ? 0 : (/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i.exec(url)?.[0].length ?? 0)
  const hash = url.indexOf("#", start)
  const end = hash === -1 ? url.length : hash
  const mark = url.indexOf("?", start)
  if (mark === -1 || mark > end) return { path: url.slice(start, end), query: "" }
  return { path: url.slice(start, mark), query: url.slice(mark + 1, end) }
}

/** The value of a parameter of a query as it came; undefined where there is none, the first where there are several. */
export function queryParameter(query: string, name: string): string | undefined {
  if (!query.includes(name)) return undefined
  for (const pair of query.split("&")) if (pair.startsWith(`${name}=`)) return pair.slice(name.length + 1)
  return undefined
}

/**
 * The name that a path asks for. Every segment is decoded by itself and only once: what is no legal name then is no
 * file's, whichever way `..` or a separator was written.
 * @param prefix with a slash at both ends: `"/media/"`
 */
export function requestTarget(path: string, prefix: string): RequestTarget {
  if (!path.startsWith(prefix)) return `${path}/` === prefix ? { kind: "directory", name: "" } : ELSEWHERE
  const rest = path.slice(prefix.length)
  let name = rest
  if (rest.includes("%")) {
    try {
      name = decodeURIComponent(rest)
    } catch {
      return MALFORMED
    }
    // A slash that was encoded is in no URL of a legal name: it comes from someone who tries doors.
    if (/%2f/i.test(rest)) return IMPOSSIBLE
  }
  if (name.includes("\0")) return MALFORMED
  if (name === "") return { kind: "directory", name }
  const isDirectory = name.endsWith("/")
  if (nameProblem(isDirectory ? name.slice(0, -1) : name) !== undefined) return IMPOSSIBLE
  return { kind: isDirectory ? "directory" : "file", name }
}

/** Whether a segment of the name begins with a dot: configuration and histories lie there, as `.env` and `.git`. */
export function isHidden(name: string): boolean {
  if (!name.startsWith(".") && !name.includes("/.")) return false
  // RFC 8615: it is there to be asked for.
  const visible = name.startsWith(".well-known/") ? name.slice(".well-known/".length) : name
  return visible.startsWith(".") || visible.includes("/.")
}
