// Custom metadata travels in HTTP headers on most services. Headers carry printable ASCII and lose spaces at the ends;
// anything else is written as an RFC 2047 word.
const PLAIN = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/
const WORD = /^=\?utf-8\?b\?([A-Za-z0-9+/=]*)\?=$/i

/** Metadata as it can travel in headers: values that are not printable ASCII become RFC 2047 words. */
export function encodeMetadata(metadata: Readonly<Record<string, string>>): Record<string, string> {
  return mapValues(metadata, (value) => (PLAIN.test(value) && !looksEncoded(value) ? value : encodeHeaderText(value)))
}

/** The inverse of `encodeMetadata`. */
export function decodeMetadata(metadata: Readonly<Record<string, string>>): Record<string, string> {
  return mapValues(metadata, (value) => {
    const word = WORD.exec(value)
    return word ? Buffer.from(word[1]!, "base64").toString() : value
  })
}

/** Whether `decodeMetadata` would take a value for an encoded one. */
export function looksEncoded(value: string): boolean {
  return WORD.test(value)
}

/** A text of any characters as an RFC 2047 word. */
export function encodeHeaderText(value: string): string {
  return `=?UTF-8?B?${Buffer.from(value).toString("base64")}?=`
}

function mapValues(record: Readonly<Record<string, string>>, map: (value: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]))
}
