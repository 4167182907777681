import { MEBIBYTE, type Reference, type ReferenceReader } from "../references/reference.ts"
import type { SourceFile } from "../source.ts"
import { StaticError } from "../static-error.ts"

/** How the bytes of a text are read, and those of a changed one written. */
export type TextEncoding = "utf8" | "latin1"

/** A file whose references are read and rewritten. */
export interface TextFile {
  readonly file: SourceFile
  readonly text: string
  readonly encoding: TextEncoding
  readonly references: readonly Reference[]
}

/**
 * Takes a file's bytes for text. What is not UTF-8 is taken byte for byte: references are ASCII, and everything else
 * comes out as it went in. A style sheet must be UTF-8: browsers would read any other as the page that loads it is
 * written.
 * @throws StaticError `unreadable-file`
 */
export function textFileOf(file: SourceFile, bytes: Uint8Array, reader: ReferenceReader): TextFile {
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
  const text = utf8 ?? textOf(bytes, "latin1")
  const references = reader.mayRefer?.(text) === false ? [] : reader.read(text)
  return { file, text, encoding: utf8 === undefined ? "latin1" : "utf8", references }
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** Bytes that are known to be text of this encoding; a byte order mark is part of it. */
export function textOf(bytes: Uint8Array, encoding: TextEncoding): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(encoding)
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
