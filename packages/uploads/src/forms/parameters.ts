import { UploadError } from "../upload-error.ts"

/** A header's value with its parameters: `form-data; name="a"`. Names are in lower case. */
export interface ParsedValue {
  readonly value: string
  readonly parameters: ReadonlyMap<string, string>
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const PARAMETER = new RegExp(`\\s*;\\s*(?:(${TOKEN})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;"]*))\\s*)?`, "ysu")

/** Reads a header's value, or answers undefined where it is malformed or has a parameter twice. */
export function parseValue(header: string): ParsedValue | undefined {
  const end = header.indexOf(";")
  const value = (end === -1 ? header : header.slice(0, end)).trim().toLowerCase()
  const parameters = new Map<string, string>()
  PARAMETER.lastIndex = end === -1 ? header.length : end
  while (PARAMETER.lastIndex < header.length) {
    const match = PARAMETER.exec(header)
    if (!match) return undefined
    const name = match[1]?.toLowerCase()
    if (name === undefined) continue
    if (parameters.has(name)) return undefined
    parameters.set(name, match[2] === undefined ? match[3]! : unquote(match[2]))
  }
  return { value, parameters }
}

/** Only quotes and backslashes are escaped: some clients send Windows paths with backslashes as they are. */
function unquote(text: string): string {
  return text.replace(/\\(["\\])/g, "$1")
}

/** The boundary of a form. RFC 2046, section 5.1.1: 1 to 70 characters. @throws UploadError `not-a-form`, `malformed-form` */
export function boundaryOf(contentType: string | undefined): string {
  const parsed = contentType === undefined ? undefined : parseValue(contentType)
  if (parsed?.value !== "multipart/form-data" && !/^\s*multipart\/form-data\s*;/i.test(contentType ?? "")) {
    throw new UploadError(
      "not-a-form",
      `The request's content type is ${shown(contentType)}, not "multipart/form-data". ` +
        `Send the form with enctype="multipart/form-data", or a FormData.`,
    )
  }
  const boundary = parsed?.parameters.get("boundary")
  if (boundary !== undefined && /^[\x20-\x7e]{0,69}[\x21-\x7e]$/.test(boundary)) return boundary
  throw new UploadError(
    "malformed-form",
    `The request's content type is ${shown(contentType)}, without a boundary of 1 to 70 characters. ` +
      `Leave the header to the client that makes the body.`,
  )
}

/** What a part of a form is. */
export interface PartHeader {
  /** The name of the field. */
  readonly field: string
  /** The file's name as the client gave it; undefined for a part that is no file. */
  readonly fileName: string | undefined
}

/** A part's headers as the parser gives them: names in lower case, each byte as one character. */
export type RawHeader = Readonly<Record<string, readonly string[]>>

/** Reads a part's headers by RFC 7578 and the HTML standard. @throws UploadError `malformed-form` */
export function partHeader(raw: RawHeader): PartHeader {
  const dispositions = raw["content-disposition"]
  if (dispositions?.length !== 1) throw malformed(`has ${dispositions?.length ?? "no"} headers "Content-Disposition"`)
  const disposition = Buffer.from(dispositions[0]!, "latin1").toString("utf8")
  const parsed = parseValue(disposition)
  if (parsed?.value !== "form-data") throw malformed(`has the malformed Content-Disposition ${shown(disposition)}`)
  const field = parsed.parameters.get("name")
  if (field === undefined) throw malformed(`has no name: ${shown(disposition)}`)
  const encoding = raw["content-transfer-encoding"]?.[0]?.trim().toLowerCase()
  if (encoding !== undefined && !["binary", "7bit", "8bit"].includes(encoding)) {
    throw malformed(`has the Content-Transfer-Encoding ${shown(encoding)}, which RFC 7578 does not have`)
  }
  const plain = parsed.parameters.get("filename")
  const extended = parsed.parameters.get("filename*")
  const fileName = (extended === undefined ? undefined : decodeExtended(extended)) ?? plain
  return { field: unescapeLines(field), fileName: fileName === undefined ? undefined : unescapeLines(fileName) }
}

/** What browsers escape in names, by the HTML standard: quotes and line breaks. */
function unescapeLines(text: string): string {
  return text.replace(/%(22|0D|0A)/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}

/** RFC 8187: `UTF-8''%E4%B8%AD.png`. Undefined where it is malformed. */
function decodeExtended(value: string): string | undefined {
  const match = /^(utf-8|iso-8859-1)'[^']*'((?:[^%]|%[0-9A-Fa-f]{2})*)$/i.exec(value)
  if (!match) return undefined
  const bytes = match[2]!.replace(/%(..)/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
  if (match[1]!.toLowerCase() === "iso-8859-1") return bytes
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(bytes, "latin1"))
  } catch {
    return undefined
  }
}

function malformed(problem: string): UploadError {
  return new UploadError("malformed-form", `A part of the form ${problem}. Let a browser or a FormData make the body.`)
}

function shown(text: string | undefined): string {
  if (text === undefined) return "missing"
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text)
}
