/**
 * A value without spaces and tabs around it, the only white space of HTTP (RFC 9110, 5.6.3): `trim()` takes more. Not by
 * a pattern, which would begin anew at each space of a long row.
 */
export function withoutSpace(text: string): string {
  let [start, end] = [0, text.length]
  while (start < end && isSpace(text.charCodeAt(start))) start++
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09
}
