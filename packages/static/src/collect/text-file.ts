import { MEBIBYTE, type Reference, type ReferenceReader } from "../references/reference.ts"
import type { SourceFile } from "../source.ts"
import { StaticError } from "../static-error.ts"

/** A file whose references are read and rewritten. */
export interface TextFile {
  readonly file: SourceFile
  readonly text: string
  readonly references: readonly Reference[]
  /** The bytes of a changed text, in the encoding that the file has. */
  readonly encode: (text: string) => Uint8Array
}

/**
 * Reads a file as text. One that is not UTF-8 is taken byte for byte: references are ASCII, and everything else comes
 * out as it went in. A style sheet must be UTF-8: browsers would read any other as the page that loads it is written.
 * @throws StaticError `unreadable-file`
 */
export async function readTextFile(file: SourceFile, reader: ReferenceReader): Promise<TextFile> {
  const bytes = await file.read()
  const refused = (reason: string) =>
    new StaticError("unreadable-file", `${file.origin} ${reason}`, { file: file.origin })
  if (bytes.byteLength > reader.mostBytes) {
    const [size, most] = [bytes.byteLength, reader.mostBytes].map((each) => Math.ceil(each / MEBIBYTE))
    throw refused(
      `has ${size} MiB. References are read in files of its kind up to ${most} MiB. ` +
        'Publish it as it is with "verbatim", or leave it out with "ignore".',
    )
  }
  const utf8 = decodeUtf8(bytes)
  if (utf8 === undefined && file.name.endsWith(".css")) {
    throw refused('is not UTF-8, as style sheets must be. Save it as UTF-8, or leave it out with "ignore".')
  }
  const text = utf8 ?? Buffer.from(bytes).toString("latin1")
  return {
    file,
    text,
    references: reader.mayRefer?.(text) === false ? [] : reader.read(text),
    encode: (changed) => Buffer.from(changed, utf8 === undefined ? "latin1" : "utf8"),
  }
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

export interface Replacement {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** The text with these parts replaced; they are in order and do not overlap. Everything else stays as it is. */
export function replaceParts(text: string, parts: readonly Replacement[]): string {
  let result = ""
  let position = 0
  for (const part of parts) {
    if (part.start < position) throw new Error(`Two references overlap at ${part.start}.`)
    result += text.slice(position, part.start) + part.text
    position = part.end
  }
  return result + text.slice(position)
}
