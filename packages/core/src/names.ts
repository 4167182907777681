import { StorageError } from "./errors.ts"

/** What a backend can hold as a key. */
export interface KeyLimits {
  /** The longest key, in bytes of UTF-8. */
  readonly keyBytes: number
  /** The longest key in UTF-16 code units, where the backend counts characters. */
  readonly keyCharacters?: number | undefined
  /** The longest `/`-separated segment, in bytes of UTF-8, where the backend has such a limit. */
  readonly segmentBytes?: number | undefined
  /** First segments that the backend keeps for itself. */
  readonly reserved?: readonly string[] | undefined
  /** A rule of the backend's own: what is wrong with a key that it would refuse or change, or undefined. */
  readonly problem?: ((key: string) => string | undefined) | undefined
}

const encoder = new TextEncoder()

/** The length of a string in bytes of UTF-8. */
export function utf8Length(text: string): number {
  return encoder.encode(text).length
}

// C0, DEL and C1 control characters, NUL among them.
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/
const DRIVE = /^[A-Za-z]:/

/** Names of which one look tells that they are legal: nearly all. */
const PLAIN = /^(?:[\w-][\w.-]*\/)*[\w-][\w.-]*$/

/** Why a key is not legal as a name, or undefined where it is. */
export function nameProblem(key: string, limits?: KeyLimits): string | undefined {
  if (PLAIN.test(key)) return limits && limitProblem(key, limits)
  if (key === "") return "a name must not be empty"
  if (CONTROL.test(key)) return "a name must not hold control characters"
  if (!key.isWellFormed()) return "a name must be well-formed Unicode (it holds half of a surrogate pair)"
  if (key.includes("\\")) return "a name must not hold backslashes (they are read as slashes)"
  if (key.startsWith("/")) return "a name is relative: it must not begin with a slash"
  if (DRIVE.test(key)) return "a name is relative: it must not begin with a drive letter"
  for (const segment of key.split("/")) {
    if (segment === "") return "a name must not have empty segments (a doubled or a trailing slash)"
    if (segment === "." || segment === "..") return `a name must not have "${segment}" as a segment`
  }
  return limits && limitProblem(key, limits)
}

function limitProblem(key: string, limits: KeyLimits): string | undefined {
  const { keyBytes, keyCharacters, segmentBytes, reserved, problem } = limits
  if (keyCharacters !== undefined && key.length > keyCharacters) {
    return `a name must have at most ${keyCharacters} characters here, and this one has ${key.length}`
  }
  // A character takes at most 3 bytes per UTF-16 unit: short names need no encoding to be measured.
  if (key.length * 3 > keyBytes && utf8Length(key) > keyBytes) {
    return `a name must have at most ${keyBytes} bytes in UTF-8 here, and this one has ${utf8Length(key)}`
  }
  if (segmentBytes !== undefined && key.length * 3 > segmentBytes) {
    for (const segment of key.split("/")) {
      if (segment.length * 3 > segmentBytes && utf8Length(segment) > segmentBytes) {
        return `each segment of a name must have at most ${segmentBytes} bytes in UTF-8 here, and one has ${utf8Length(segment)}`
      }
    }
  }
  const first = reserved && key.split("/", 1)[0]!
  if (first !== undefined && reserved!.includes(first)) {
    return `"${first}" is reserved: this storage keeps its own records there`
  }
  return problem?.(key)
}

/**
 * A name as every storage reads it: relative, `/`-separated, `\` read as `/`. Unicode is kept as given.
 * @throws StorageError `invalid-name`, before any request, for: empty, absolute, a drive letter, `.` or `..` or
 * nothing as a segment, control characters, and names over the backend's limit
 */
export function normalizeName(name: string, limits?: KeyLimits): string {
  if (typeof name !== "string") {
    throw new StorageError("invalid-name", `A name must be a string, not ${name === null ? "null" : typeof name}.`)
  }
  const key = name.includes("\\") ? name.replaceAll("\\", "/") : name
  const problem = nameProblem(key, limits)
  if (problem !== undefined) {
    const shown = name.length > 200 ? `${name.slice(0, 200)}…` : name
    throw new StorageError(
      "invalid-name",
      `${JSON.stringify(shown)} is no legal name: ${problem}. validName() makes a legal one of a person's file name.`,
      { key: name },
    )
  }
  return key
}

/**
 * A directory for listing: `""` for all, else a normalised name with a trailing slash,
 * so that `users/1` never reaches into `users/10`.
 */
export function normalizeDirectory(directory: string): string {
  const trimmed = typeof directory === "string" ? directory.replace(/[/\\]+$/, "") : directory
  if (trimmed === "" && directory === "") return ""
  return `${normalizeName(trimmed === "" ? directory : trimmed)}/`
}

/**
 * A clean file name from what a person (or a browser) supplied: the last path segment, trimmed, with spaces as
 * `_`, and only letters, digits, `-`, `_` and `.`. `"My photo (1).jpg"` gives `"My_photo_1.jpg"`.
 * @throws StorageError `invalid-name` where nothing usable is left
 */
export function validName(name: string): string {
  if (typeof name !== "string") throw new StorageError("invalid-name", `A name must be a string, not ${typeof name}.`)
  const base = name.replaceAll("\\", "/").split("/").pop()!
  const clean = base
    .trim()
    .replace(/\s+/g, "_")
    .replace(/[^\p{L}\p{M}\p{N}\-_.]/gu, "")
  if (clean === "" || clean === "." || clean === "..") {
    throw new StorageError(
      "invalid-name",
      `No file name can be made of ${JSON.stringify(name)}: nothing is left when all but letters, digits, "-", "_" and "." is dropped.`,
      { key: name },
    )
  }
  return clean
}

/** Compares keys by their bytes in UTF-8, the order in which every adapter lists. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const x = a.charCodeAt(index)
    const y = b.charCodeAt(index)
    if (x === y) continue
    // UTF-16 sorts surrogates (U+10000 and above) below U+E000..U+FFFF; UTF-8 sorts them above.
    const xs = x >= 0xd800 && x <= 0xdfff
    const ys = y >= 0xd800 && y <= 0xdfff
    return xs === ys ? x - y : xs ? 1 : -1
  }
  return a.length - b.length
}
