import { normalizeName, randomText, splitExtension, StorageError, utf8Length, validName } from "@node-storages/core"

/** What a file's name is made of. */
export interface NamedFile {
  /** The name of the form's field, as the client gave it. */
  readonly field: string
  /** The client's name for the file, as it gave it: never a path to use. May be empty. */
  readonly originalName: string
  /** That name made safe: one segment, without leading dots, with an extension that goes with the bytes. */
  readonly name: string
  /** The media type, by the file's bytes. */
  readonly contentType: string
  /** The fields that came before the file in the form. */
  readonly fields: URLSearchParams
}

/** A pattern such as `"avatars/{yyyy}/{random}{ext}"`, or a function that gives the name. */
export type NameStrategy = string | ((file: NamedFile) => string | Promise<string>)

/** A cleaned name has at most so many bytes in UTF-8: file systems take 255, and a free name is up to 8 longer. */
const MOST_NAME_BYTES = 200
const RANDOM_LENGTH = 24
const FALLBACK = "file"

/** Made of a person's file name: one segment, only letters, digits, `-`, `_`, `.`, without leading dots, not too long. */
export function cleanName(originalName: string): string {
  let name: string
  try {
    name = validName(originalName.toWellFormed().normalize("NFC")).replace(/^\.+/, "")
  } catch (error) {
    if (!StorageError.is(error, "invalid-name")) throw error
    name = ""
  }
  if (name === "") return FALLBACK
  if (utf8Length(name) <= MOST_NAME_BYTES) return name
  const [stem, extension] = splitExtension(name)
  let [short, room] = ["", MOST_NAME_BYTES - utf8Length(extension)]
  for (const character of stem) {
    room -= utf8Length(character)
    if (room < 0) break
    short += character
  }
  return short + extension
}

/** What may stand in braces in a pattern. */
const PLACEHOLDERS: Readonly<Record<string, (file: NamedFile, now: Date) => string>> = {
  name: ({ name }) => name,
  stem: ({ name }) => splitExtension(name)[0],
  ext: ({ name }) => splitExtension(name)[1].toLowerCase(),
  field: ({ field }) => cleanName(field),
  random: () => randomText(RANDOM_LENGTH),
  yyyy: (_, now) => String(now.getUTCFullYear()).padStart(4, "0"),
  mm: (_, now) => String(now.getUTCMonth() + 1).padStart(2, "0"),
  dd: (_, now) => String(now.getUTCDate()).padStart(2, "0"),
  hh: (_, now) => String(now.getUTCHours()).padStart(2, "0"),
}
const HASH = "{hash}"
const SAMPLE_FILE: NamedFile = {
  field: "field",
  originalName: "name.ext",
  name: "name.ext",
  contentType: "text/plain",
  fields: new URLSearchParams(),
}

/** Whether the name has the digest of the content in it, and so is known only when all of it has arrived. */
export function namesByHash(strategy: NameStrategy): strategy is string {
  return typeof strategy === "string" && strategy.includes(HASH)
}

/** @throws StorageError `invalid-option` for a pattern that names what is not known, or that would give one name to all */
export function checkNameStrategy(option: string, strategy: NameStrategy): NameStrategy {
  if (typeof strategy === "function") return strategy
  if (typeof strategy !== "string") {
    throw new StorageError("invalid-option", `${option} must be a pattern or a function, not ${typeof strategy}.`)
  }
  const known = [...Object.keys(PLACEHOLDERS), "hash"]
  for (const [whole, inner] of strategy.matchAll(/\{([^}]*)\}?/g)) {
    if (known.includes(inner!) && whole.endsWith("}")) continue
    throw new StorageError(
      "invalid-option",
      `${option}: ${JSON.stringify(strategy)} has ${JSON.stringify(whole)}. What may stand in braces: ${known.join(", ")}.`,
    )
  }
  if (!/\{(?:name|stem|random|hash)\}/.test(strategy)) {
    throw new StorageError(
      "invalid-option",
      `${option}: ${JSON.stringify(strategy)} gives the same name to different files. ` +
        `Put {name}, {random}{ext} or {hash}{ext} into it: "uploads/{yyyy}/{mm}/{name}".`,
    )
  }
  try {
    normalizeName(fill(strategy, SAMPLE_FILE, new Date(0), "0".repeat(64)))
  } catch (error) {
    throw new StorageError("invalid-option", `${option}: ${JSON.stringify(strategy)} gives no legal names.`, {
      cause: error,
    })
  }
  return strategy
}

/** The name that the strategy gives to a file. `hash` is the digest of its content, for patterns that have it. */
export async function nameBy(strategy: NameStrategy, file: NamedFile, hash = ""): Promise<string> {
  return typeof strategy === "string" ? fill(strategy, file, new Date(), hash) : strategy(file)
}

function fill(pattern: string, file: NamedFile, now: Date, hash: string): string {
  return pattern.replace(/\{([^}]*)\}/g, (_, inner: string) => {
    return inner === "hash" ? hash : PLACEHOLDERS[inner]!(file, now)
  })
}
