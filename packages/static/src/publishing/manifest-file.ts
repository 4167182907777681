import { compareKeys, nameProblem } from "@node-storages/core"
import type { Encoding, HeaderRecord, Manifest, ManifestEntry, PlainRecord } from "../manifest.ts"
import { StaticError } from "../static-error.ts"
import { ENCODINGS } from "./sibling-names.ts"

export { MANIFEST_NAME } from "./own-names.ts"

export const MANIFEST_CONTENT_TYPE: string = "application/json"

const VERSION = 1
/** https://www.w3.org/TR/SRI/ */
const INTEGRITY = /^sha(?:256|384|512)-[A-Za-z0-9+/]+={0,2}$/
const SHA256 = /^[0-9a-f]{64}$/

type Json = Readonly<Record<string, unknown>>

/**
 * The manifest of a text. Properties that are not known are left out.
 * @param where what the text was read from, for messages
 * @throws StaticError `invalid-manifest`, or `newer-manifest` where a later version of this package has written it
 */
export function parseManifest(text: string, where: string): Manifest {
  const invalid = (problem: string, cause?: unknown) =>
    new StaticError(
      "invalid-manifest",
      `${where} is no manifest of static files: ${problem}. ` +
        "Collect again with ignoreOldManifest, or restore the file.",
      { file: where, cause },
    )
  let root: unknown
  try {
    root = JSON.parse(text)
  } catch (error) {
    throw invalid("it is not JSON", error)
  }
  const fail = (problem: string): never => {
    throw invalid(problem)
  }
  if (!isObject(root)) return fail("it must be an object")
  const { version, files, plain, headers } = root
  if (typeof version === "number" && version > VERSION) throw newer(where, version)
  if (version !== VERSION) return fail(`"version" must be ${VERSION}, not ${shown(version)}`)
  return {
    version,
    files: mapOf("files", files, fail, readEntry),
    ...(plain !== undefined && { plain: mapOf("plain", plain, fail, readPlain) }),
    ...(headers !== undefined && { headers: readHeaders(headers, fail) }),
  }
}

function newer(where: string, version: number): StaticError {
  return new StaticError(
    "newer-manifest",
    `${where} has version ${version}, and this version of @node-storages/static knows versions up to ${VERSION}. ` +
      "Update @node-storages/static where this runs.",
    { file: where },
  )
}

type Fail = (problem: string) => never

function readEntry(value: Json, place: string, fail: Fail): ManifestEntry {
  const { name, size, integrity, encodings } = value
  if (typeof name !== "string") return fail(`${place}.name must be a string, not ${shown(name)}`)
  checkName(name, `${place}.name`, fail)
  if (!isSize(size)) return fail(`${place}.size must be a number of bytes, not ${shown(size)}`)
  if (typeof integrity !== "string" || !INTEGRITY.test(integrity)) {
    return fail(`${place}.integrity must be like "sha256-…", not ${shown(integrity)}`)
  }
  const { imports, styles } = readNames(value, place, fail)
  return {
    name,
    size,
    integrity,
    ...(encodings !== undefined && { encodings: readEncodings(encodings, `${place}.encodings`, fail) }),
    ...(imports !== undefined && { imports }),
    ...(styles !== undefined && { styles }),
  }
}

function readNames({ imports, styles }: Json, place: string, fail: Fail): Pick<ManifestEntry, "imports" | "styles"> {
  const names = (part: string, value: unknown): readonly string[] | undefined => {
    if (value === undefined || (Array.isArray(value) && value.every((item) => typeof item === "string"))) return value
    return fail(`${place}.${part} must be a list of names`)
  }
  return { imports: names("imports", imports), styles: names("styles", styles) }
}

function readEncodings(value: unknown, place: string, fail: Fail): Partial<Record<Encoding, number>> {
  if (!isObject(value)) return fail(`${place} must be an object`)
  for (const [encoding, size] of Object.entries(value)) {
    if (!(ENCODINGS as readonly string[]).includes(encoding)) return fail(`${place} has an unknown ${shown(encoding)}`)
    if (!isSize(size)) return fail(`${place}.${encoding} must be a number of bytes, not ${shown(size)}`)
  }
  return value
}

function readPlain(value: Json, place: string, fail: Fail, name: string): PlainRecord {
  checkName(name, place, fail)
  const { sha256, etag } = value
  if (typeof sha256 !== "string" || !SHA256.test(sha256)) return fail(`${place}.sha256 must be 64 hexadecimal digits`)
  if (etag !== undefined && typeof etag !== "string") return fail(`${place}.etag must be a string`)
  return { sha256, ...(etag !== undefined && { etag }) }
}

function readHeaders(value: unknown, fail: Fail): HeaderRecord {
  if (!isObject(value)) return fail('"headers" must be an object')
  const texts = (part: "hashed" | "plain" | "names"): Readonly<Record<string, string>> => {
    const map = value[part]
    const valid = isObject(map) && Object.values(map).every((item) => typeof item === "string")
    return valid ? (map as Readonly<Record<string, string>>) : fail(`headers.${part} must be an object of strings`)
  }
  return { hashed: texts("hashed"), plain: texts("plain"), names: texts("names") }
}

/** A published name is read from and pruned in the storage: it must not lead out of it. */
function checkName(name: string, place: string, fail: Fail): void {
  const problem = nameProblem(name)
  if (problem !== undefined) fail(`${place}: ${shown(name)} is no legal name: ${problem}`)
}

function mapOf<Value>(
  part: string,
  value: unknown,
  fail: Fail,
  read: (item: Json, place: string, fail: Fail, key: string) => Value,
): Record<string, Value> {
  if (!isObject(value)) return fail(`"${part}" must be an object`)
  // fromEntries, since an assignment to the key "__proto__" would not make a property.
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const place = `${part}[${shown(key)}]`
      return [key, isObject(item) ? read(item, place, fail, key) : fail(`${place} must be an object`)]
    }),
  )
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** A value for a message, cut where it is long. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing"
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}

/**
 * The text of a manifest: the same for equal manifests, whatever order they were made in, with one entry a line, so
 * that two versions can be compared by their lines. Ends with a newline.
 */
export function serializeManifest({ version, files, plain, headers }: Manifest): string {
  const parts = [`  "version": ${version}`, `  "files": ${block(files, entryText, "  ")}`]
  if (plain !== undefined) parts.push(`  "plain": ${block(plain, plainText, "  ")}`)
  if (headers !== undefined) {
    const { hashed, plain: plainHeaders, names } = headers
    const blocks = { hashed, plain: plainHeaders, names }
    const lines = Object.entries(blocks).map(([part, map]) => `    "${part}": ${block(map, JSON.stringify, "    ")}`)
    parts.push(`  "headers": {\n${lines.join(",\n")}\n  }`)
  }
  return `{\n${parts.join(",\n")}\n}\n`
}

function block<Value>(
  map: Readonly<Record<string, Value>>,
  textOf: (value: Value) => string,
  indentation: string,
): string {
  const entries = Object.entries(map).toSorted(([one], [other]) => compareKeys(one, other))
  if (entries.length === 0) return "{}"
  const lines = entries.map(([key, value]) => `${indentation}  ${JSON.stringify(key)}: ${textOf(value)}`)
  return `{\n${lines.join(",\n")}\n${indentation}}`
}

/** Imports keep their order: it is that of loading. */
function entryText({ name, size, integrity, encodings, imports, styles }: ManifestEntry): string {
  const sizes = encodings && Object.fromEntries(ENCODINGS.map((encoding) => [encoding, encodings[encoding]]))
  return JSON.stringify({ name, size, integrity, encodings: sizes, imports, styles })
}

function plainText({ sha256, etag }: PlainRecord): string {
  return JSON.stringify({ sha256, etag })
}
