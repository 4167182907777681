import { messageOf } from "./body.ts"
import type { Content, ContentInput } from "./content.ts"
import { OCTET_STREAM, typeOfName } from "./content-type.ts"
import { StorageError } from "./errors.ts"
import type { FileHeaders, FileInfo } from "./file-info.ts"
import { isStorageFile } from "./storage-file.ts"

type ResolvedHeaders = FileHeaders & { readonly contentType: string; readonly size: number | undefined }

const NAMES = ["cacheControl", "contentDisposition", "contentEncoding", "contentLanguage", "metadata"] as const

/**
 * The headers that a file is stored with: the caller's, else those of the file that it is a copy of, else the
 * storage's defaults. The content type at last by the name's extension, then the content's own claim.
 */
export async function putHeaders(
  key: string,
  input: ContentInput,
  content: Content,
  options: FileHeaders,
  defaults: FileHeaders | ((name: string) => FileHeaders) | undefined,
): Promise<ResolvedHeaders> {
  const given = typeof defaults === "function" ? callDefaults(defaults, key) : defaults
  const source = isStorageFile(input) && !input.isSlice ? sourceHeaders(await input.stat()) : undefined
  const headers: { -readonly [Name in (typeof NAMES)[number]]?: unknown } = {}
  for (const name of NAMES) {
    const value = options[name] ?? source?.[name] ?? given?.[name]
    if (value !== undefined) headers[name] = checkedHeader(name, value)
  }
  const contentType =
    options.contentType ?? source?.contentType ?? given?.contentType ?? typeOfName(key) ?? content.type ?? OCTET_STREAM
  return {
    ...(headers as FileHeaders),
    contentType: checkedHeader("contentType", contentType),
    size: source?.size,
  }
}

type UploadHeaders = Pick<FileHeaders, "cacheControl" | "contentDisposition" | "metadata">

/** The headers of a file that a client uploads by itself: those that were given, the content type by the name otherwise. */
export function uploadHeaders(
  key: string,
  { contentType, cacheControl, contentDisposition, metadata }: FileHeaders,
): UploadHeaders & { readonly contentType: string } {
  return {
    contentType: checkedHeader("contentType", contentType ?? typeOfName(key) ?? OCTET_STREAM),
    cacheControl: checkedHeader("cacheControl", cacheControl),
    contentDisposition: checkedHeader("contentDisposition", contentDisposition),
    metadata: checkedHeader("metadata", metadata),
  }
}

/** What is true of the bytes that reading the file gives: those of a file that is decoded are in no encoding. */
function sourceHeaders(info: FileInfo): FileHeaders & { readonly size: number | undefined } {
  return info.decoded ? { ...info, size: undefined, contentEncoding: undefined } : info
}

function callDefaults(defaults: (name: string) => FileHeaders, key: string): FileHeaders {
  try {
    return defaults(key)
  } catch (error) {
    throw new StorageError(
      "invalid-option",
      `The storage's option "defaults" threw for ${JSON.stringify(key)}: ${messageOf(error)}. Nothing was stored.`,
      { key, cause: error },
    )
  }
}

// oxlint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f]/
// oxlint-disable-next-line no-control-regex
const NOT_ASCII = /[^\x00-\x7f]/
const METADATA_KEY = /^[A-Za-z0-9!#$&'*+.^_`|~-]+$/

/**
 * The value of a header, metadata with its keys in lower case. Headers end up in HTTP answers: nothing that could begin
 * another header gets in.
 */
export function checkedHeader<Value>(name: keyof FileHeaders, value: Value): Value {
  if (value === undefined) return value
  if (name === "metadata") {
    if (typeof value !== "object" || value === null) throw invalid(name, value, "must be an object of strings")
    const metadata: [key: string, text: string][] = []
    for (const [key, text] of Object.entries(value) as [string, unknown][]) {
      if (!METADATA_KEY.test(key)) throw invalid(name, key, "has a key that is no HTTP token")
      if (typeof text !== "string") throw invalid(`metadata.${key}`, text, "must be a string")
      if (UNSAFE.test(text)) throw invalid(`metadata.${key}`, text, "must not hold control characters")
      metadata.push([key.toLowerCase(), text])
    }
    return (metadata.length > 0 ? Object.fromEntries(metadata) : undefined) as Value
  }
  if (typeof value !== "string" || value === "") throw invalid(name, value, "must be a string that is not empty")
  if (UNSAFE.test(value)) throw invalid(name, value, "must not hold control characters")
  if (NOT_ASCII.test(value)) {
    throw invalid(
      name,
      value,
      "must be ASCII, as HTTP headers are; contentDisposition() encodes file names of any script",
    )
  }
  return value
}

function invalid(name: string, value: unknown, rule: string): StorageError {
  return new StorageError(
    "invalid-option",
    `${name} ${typeof value === "string" ? JSON.stringify(value) : String(value)} ${rule}.`,
  )
}
