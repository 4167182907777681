import { OCTET_STREAM, typeOfName } from "@node-storages/core"
import { fileTypeFromBuffer } from "file-type"
import { markupType } from "./markup.ts"

/** So many bytes from a file's beginning decide about its type. */
export const SAMPLE_BYTES: number = 16 * 1024

/** What the bytes of a file are. */
export interface DetectedType {
  /** The media type, without parameters: `"image/png"`. */
  readonly type: string
  /** The extension that goes with it, without its dot; undefined where nothing was recognised. */
  readonly extension: string | undefined
  /** Whether browsers run what is in it when they show it: HTML, SVG and XML. */
  readonly active: boolean
}

/** Formats that are text all through: for other formats text that begins like them is a coincidence, or a trick. */
const TEXTUAL: ReadonlySet<string> = new Set([
  "application/eps",
  "application/pdf",
  "application/pgp-encrypted",
  "application/postscript",
  "application/rtf",
  "text/calendar",
  "text/vcard",
  "text/vtt",
])

/**
 * The type of a file by its first bytes (up to `SAMPLE_BYTES`; more are not looked at). Its name only chooses between
 * formats that are all plain text, and between those of old Office files, which have one signature.
 *
 * 1. Text is what holds no binary control characters (WHATWG MIME Sniffing, section 3). An empty file is text.
 * 2. Text that begins as HTML, SVG or XML does is that. Under a name for a kind of text that browsers don't run
 *    (`notes.md`) it keeps that type, and counts as active.
 * 3. Other text has the type that the name's extension tells, if that is a type of text, else `text/plain`.
 * 4. What is no text is told by its magic numbers, else it is `application/octet-stream`.
 */
export async function detectType(bytes: Uint8Array, name: string): Promise<DetectedType> {
  const sample = bytes.subarray(0, SAMPLE_BYTES)
  const named = typeOfName(name)
  if (isText(sample)) {
    const markup = markupType(decodeText(sample))
    const inert = named !== undefined && isTextType(named) && !isActiveType(named)
    if (markup !== undefined && !inert) return markup
    const magic = markup === undefined ? await fileTypeFromBuffer(sample) : undefined
    if (magic && TEXTUAL.has(magic.mime)) return { type: magic.mime, extension: magic.ext, active: false }
    const type = named !== undefined && isTextType(named) ? named : "text/plain"
    return { type, extension: "txt", active: markup !== undefined || isActiveType(type) }
  }
  const magic = await fileTypeFromBuffer(sample)
  if (magic === undefined) return { type: OCTET_STREAM, extension: undefined, active: false }
  const type = magic.mime.split(";", 1)[0]!
  if (type === CFB && named !== undefined && OLD_OFFICE.has(named)) {
    return { type: named, extension: magic.ext, active: false }
  }
  return { type, extension: magic.ext, active: isActiveType(type) }
}

/** Compound File Binary: Word, Excel, PowerPoint, Outlook and installers of before 2007. */
const CFB = "application/x-cfb"
const OLD_OFFICE: ReadonlySet<string> = new Set([
  "application/msword",
  "application/vnd.ms-excel",
  "application/vnd.ms-powerpoint",
  "application/vnd.ms-outlook",
])

/** Types in whose files browsers run scripts: HTML, SVG, every XML. */
export function isActiveType(type: string): boolean {
  return /^(?:text\/html|text\/xsl|(?:text|application)\/xml|[a-z]+\/[\w.-]+\+xml)$/i.test(type)
}

/** Types whose files are text all through. */
export function isTextType(type: string): boolean {
  return /^(?:text\/|message\/|application\/(?:json|json5|javascript|node|ecmascript|xml|x-sh|x-httpd-php|sql|toml|yaml|x-yaml|typescript|graphql|x-ndjson|x-tex|rtf|postscript|pgp-[a-z]+|x-subrip)$|[a-z]+\/[\w.-]+\+(?:json|xml|yaml)$|model\/(?:obj|mtl)$)/i.test(
    type,
  )
}

const BYTE_ORDER_MARKS = [
  { encoding: "utf-8", bytes: [0xef, 0xbb, 0xbf] },
  { encoding: "utf-16be", bytes: [0xfe, 0xff] },
  { encoding: "utf-16le", bytes: [0xff, 0xfe] },
] as const

function byteOrderMark(sample: Uint8Array): (typeof BYTE_ORDER_MARKS)[number] | undefined {
  return BYTE_ORDER_MARKS.find(({ bytes }) => bytes.every((byte, index) => sample[index] === byte))
}

/** Whether there are no "binary data bytes". Bytes that are no UTF-8 may be text in another encoding. */
function isText(sample: Uint8Array): boolean {
  if (byteOrderMark(sample)) return true
  return sample.every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d && byte !== 0x0b) || byte === 0x1b)
}

function decodeText(sample: Uint8Array): string {
  return new TextDecoder(byteOrderMark(sample)?.encoding).decode(sample)
}
