import { typeOfExtension } from "./content-type.ts"
import { StorageError } from "./errors.ts"
import { type KeyLimits, nameProblem, utf8Length } from "./names.ts"

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
const RANDOM_LENGTH = 7

/** Extensions that wrap another one, so that both are kept: `a.tar.gz`, `app.js.map`. */
const WRAPPERS = new Set(["gz", "bz2", "xz", "zst", "br", "lz", "lz4", "lzma", "z", "map", "asc", "sig", "gpg"])
/** Words that belong to the extension that follows: `app.min.js`, `index.d.ts`. */
const QUALIFIERS: ReadonlyMap<string, readonly string[]> = new Map([
  ["min", ["js", "mjs", "css"]],
  ["d", ["ts", "mts", "cts"]],
])
const EXTENSION = /^[A-Za-z0-9_-]{1,20}$/

/**
 * A file name's stem and extension (with its dot). Compound extensions are kept whole: `a.tar.gz` splits at
 * `.tar.gz`, `Mr._Smith_3.5.docx` at `.docx`; a dotfile (`.env`) has no extension.
 */
export function splitExtension(fileName: string): [stem: string, extension: string] {
  const last = fileName.lastIndexOf(".")
  const extension = fileName.slice(last + 1)
  if (last <= 0 || !EXTENSION.test(extension)) return [fileName, ""]
  const before = fileName.lastIndexOf(".", last - 1)
  if (before > 0) {
    const inner = fileName.slice(before + 1, last).toLowerCase()
    const outer = extension.toLowerCase()
    const wrapped = WRAPPERS.has(outer) && (inner === "tar" || typeOfExtension(inner) !== undefined)
    if (wrapped || QUALIFIERS.get(inner)?.includes(outer)) return [fileName.slice(0, before), fileName.slice(before)]
  }
  return [fileName.slice(0, last), fileName.slice(last)]
}

/** `length` characters of A-Z, a-z and 0-9 from a cryptographic source, without bias. */
export function randomText(length: number = RANDOM_LENGTH): string {
  let text = ""
  while (text.length < length) {
    for (const byte of crypto.getRandomValues(new Uint8Array(length * 2))) {
      // 248 is the largest multiple of 62 in a byte: what is above would favour the first letters.
      if (byte < 248 && text.length < length) text += ALPHABET[byte % ALPHABET.length]
    }
  }
  return text
}

/** How long a name may be: what an alternative has to fit into. */
export interface NameRoom {
  /** The most characters (Unicode code points) that the whole name may have. */
  readonly maxLength?: number | undefined
  readonly limits?: KeyLimits | undefined
}

/**
 * How many shorter stems are tried where the longest one that has room is no legal name: as many as the longest segment of
 * a file system has bytes. A rule that refuses all of those is not about the stem.
 */
const MOST_ATTEMPTS = 255

/** How many of the stem's characters there is room for, counted once. */
function roomFor(
  characters: readonly string[],
  directory: string,
  end: string,
  { maxLength, limits }: NameRoom,
): number {
  const left = {
    points: (maxLength ?? Infinity) - Array.from(directory + end).length,
    units: (limits?.keyCharacters ?? Infinity) - directory.length - end.length,
    bytes: Math.min(
      (limits?.keyBytes ?? Infinity) - utf8Length(directory + end),
      (limits?.segmentBytes ?? Infinity) - utf8Length(end),
    ),
  }
  let count = 0
  for (const character of characters) {
    left.points -= 1
    left.units -= character.length
    left.bytes -= utf8Length(character)
    if (left.points < 0 || left.units < 0 || left.bytes < 0) break
    count++
  }
  return count
}

/** The name, with `suffix` between stem and extension, the stem shortened so that it fits; the extension is kept. */
function fit(name: string, suffix: string, { maxLength, limits }: NameRoom): string {
  const slash = name.lastIndexOf("/") + 1
  const directory = name.slice(0, slash)
  const [stem, extension] = splitExtension(name.slice(slash))
  const characters = Array.from(stem)
  characters.length = roomFor(characters, directory, suffix + extension, { maxLength, limits })
  const most = Math.max(0, characters.length - MOST_ATTEMPTS)
  // Legal too: of "..draft (2)" a short stem would leave "..".
  const fits = (segment: string) =>
    (maxLength === undefined || Array.from(directory + segment).length <= maxLength) &&
    nameProblem(directory + segment, limits) === undefined
  while (characters.length > most) {
    const segment = characters.join("") + suffix + extension
    if (fits(segment)) return directory + segment
    characters.pop()
  }
  throw new StorageError(
    "invalid-name",
    `${JSON.stringify(name)} can't be shortened to ${maxLength === undefined ? "the backend's limit" : `maxLength ${maxLength}`}: ` +
      `nothing of the file name would be left before "${suffix}${extension}". Allow more characters or use a shorter directory.`,
    { key: name },
  )
}

/** The name, its stem shortened to `maxLength` characters where it is longer; the extension is never cut. */
export function shortenName(name: string, maxLength: number): string {
  return fit(name, "", { maxLength })
}

/** Another name for the same file, when the first is taken: `a.txt` gives `a_x7Gh2Qp.txt`. */
export function alternativeName(name: string, room: NameRoom = {}): string {
  return fit(name, `_${randomText()}`, room)
}
