/** A part of a multipart/byteranges body. */
export interface Part {
  readonly contentType: string | undefined
  readonly start: number
  /** Of the last byte, as `Content-Range` writes it. */
  readonly last: number
  readonly size: number
  readonly body: Buffer
}

/**
 * Reads a body of several ranges by the letter of RFC 2046, 5.1.1: the delimiter lines, and nothing between or behind.
 * @throws Error for a body that is none
 */
export function parseByteranges(contentType: string | undefined, body: Buffer): Part[] {
  const [, boundary] = /^multipart\/byteranges; boundary=([\w'()+,./:=?-]{1,70})$/.exec(contentType ?? "") ?? []
  if (boundary === undefined) throw new Error(`No multipart/byteranges: ${contentType}`)
  const parts: Part[] = []
  let position = 0
  for (;;) {
    const delimiter = `${parts.length === 0 ? "" : "\r\n"}--${boundary}`
    if (body.subarray(position, position + delimiter.length).toString("latin1") !== delimiter) {
      throw new Error(`No delimiter at ${position}.`)
    }
    position += delimiter.length
    if (body.subarray(position).toString("latin1") === "--\r\n") return parts
    const headEnd = body.indexOf("\r\n\r\n", position)
    const head = body.subarray(position, headEnd).toString("latin1").toLowerCase()
    const [, start, last, size] = /\r\ncontent-range: bytes (\d+)-(\d+)\/(\d+)/.exec(head)!.map(Number)
    position = headEnd + 4
    const length = last! - start! + 1
    parts.push({
      contentType: /\r\ncontent-type: (.*)/.exec(head)?.[1],
      start: start!,
      last: last!,
      size: size!,
      body: body.subarray(position, position + length),
    })
    position += length
  }
}
