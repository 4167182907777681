/** A scheme and its colon at the very beginning, RFC 3986 section 3.1: `data:`, `HTTPS:`, also `C:` of a Windows path. */
const SCHEME = /^[a-z][a-z0-9+.-]*:/i

/** What the URL standard strips from both ends: C0 controls and space. https://url.spec.whatwg.org/#url-parsing */
// oxlint-disable-next-line no-control-regex
const OUTER_BLANKS = /^[\u0000-\u0020]+|[\u0000-\u0020]+$/g

/** What the URL standard removes anywhere: `java\nscript:x` has a scheme. */
const INNER_BREAKS = /[\t\n\r]/g

/** One character of UTF-8 in percent-encoding: one to four bytes. */
const ENCODED_CHARACTER =
  /%[0-7][0-9a-f]|%[cd][0-9a-f]%[89ab][0-9a-f]|%e[0-9a-f](?:%[89ab][0-9a-f]){2}|%f[0-7](?:%[89ab][0-9a-f]){3}/gi

/** Characters that `encodeURIComponent` encodes although a path segment may hold them (RFC 3986 section 3.3). */
const NEEDLESSLY_ENCODED = /%(?:40|24|2B|3D)/g

/** As a browser reads it before it looks at the parts. */
const cleaned = (url: string) => url.replace(OUTER_BLANKS, "").replace(INNER_BREAKS, "")

/**
 * Whether a URL can name a file of the same static tree: no scheme, no host, and more than a query or a fragment.
 * A path from the root (`/img/a.png`) is local: whether it lies below the static root is the caller's to say.
 */
export const isLocal = (url: string): boolean => {
  const address = cleaned(url)
  if (address === "" || address.startsWith("#") || address.startsWith("?")) return false
  // In http and https URLs a backslash is a slash: `\\host\a.png` goes to another host.
  if (/^[/\\]{2}/.test(address)) return false
  return !SCHEME.test(address)
}

export interface SplitUrl {
  /** For the look-up of a file: percent-decoded, with `/` only. */
  readonly path: string
  /** The query and the fragment as they are written, with `?` or `#` first: `"?#iefix"`. May be empty. */
  readonly suffix: string
}

const decodeCharacter = (bytes: string) => {
  try {
    return decodeURIComponent(bytes)
  } catch {
    // Overlong and surrogate forms are no UTF-8. Names of files are, so it stays as it is and finds only a file that is called so.
    return bytes
  }
}

/** Takes a local URL apart. A `%` that begins no encoded byte stays as it is. */
export const splitUrl = (url: string): SplitUrl => {
  const address = cleaned(url)
  const end = address.search(/[?#]/)
  const path = end === -1 ? address : address.slice(0, end)
  return {
    path: path.replaceAll("\\", "/").replace(ENCODED_CHARACTER, decodeCharacter),
    suffix: end === -1 ? "" : address.slice(end),
  }
}

/** A path that begins at the root of the host: below which URL the static files are is not known here. */
export interface AbsolutePath {
  readonly absolute: true
  /** With its slash at the beginning, as given. */
  readonly path: string
}

/**
 * The name in the static tree that a path means when it is written in the file `name`: `"css/app.css"` and
 * `"../img/a.png"` give `"img/a.png"`. `undefined` when it leaves the tree. A path that ends in `/`, `.` or `..` means
 * a folder and gives a name that ends in `/` (the root: `""`), which is no file's.
 */
export const resolveFrom = (name: string, path: string): string | AbsolutePath | undefined => {
  if (path.startsWith("/")) return { absolute: true, path }
  const segments = name.split("/").slice(0, -1)
  const steps = path.split("/")
  for (const [index, step] of steps.entries()) {
    if (step !== "." && step !== "..") {
      segments.push(step)
      continue
    }
    // Browsers stop at the root of the host; the static root is rarely there, so this is a mistake to be told.
    if (step === ".." && segments.pop() === undefined) return undefined
    if (index === steps.length - 1 && segments.length > 0) segments.push("")
  }
  return segments.join("/")
}

const encodeSegment = (segment: string) =>
  // A lone surrogate has no UTF-8 and would throw.
  encodeURIComponent(segment.toWellFormed()).replace(NEEDLESSLY_ENCODED, decodeURIComponent)

export interface RelativeUrlOptions {
  /** Begin with `./` where it does not begin with `../`: a module specifier without is bare. Default: false. */
  readonly dotted?: boolean | undefined
}

/**
 * The URL by which the file `fromName` names the file `toName`, both names below the same root. Segments are
 * percent-encoded: white space, `%`, `#`, `?`, `:`, `,` and everything that is not ASCII.
 */
export const relativeUrl = (fromName: string, toName: string, options: RelativeUrlOptions = {}): string => {
  const from = fromName.split("/").slice(0, -1)
  const to = toName.split("/")
  let common = 0
  while (common < from.length && common < to.length - 1 && from[common] === to[common]) common++
  const url = [...from.slice(common).fill(".."), ...to.slice(common).map(encodeSegment)].join("/")
  return options.dotted === true && !url.startsWith("../") ? `./${url}` : url
}
