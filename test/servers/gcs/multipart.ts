/** Reads MIME multipart bodies (RFC 2046) as they arrive: multipart/related, multipart/mixed and multipart/form-data. */
import { invalid } from "./errors.ts"

const LONGEST_HEAD_BYTES = 64 * 1024
const NOTHING = Buffer.alloc(0)

export interface Part {
  /** Names in lower case. */
  headers: Map<string, string>
  /** To be read to its end before the next part is asked for. */
  body: AsyncGenerator<Buffer>
}

export function boundaryOf(contentType: string | undefined, type: string): string {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType ?? "") ?? []
  const boundary = quoted ?? plain
  if (!contentType?.toLowerCase().startsWith(type) || boundary === undefined) {
    throw invalid(`Failed to parse the multipart body: it needs Content-Type: ${type}; boundary=…`)
  }
  return boundary
}

export async function* readParts(body: AsyncIterable<Buffer>, boundary: string): AsyncGenerator<Part> {
  const reader = new Reader(body)
  // The first boundary may stand at the very beginning.
  reader.putBack(Buffer.from("\r\n"))
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  await drain(reader.until(delimiter))
  while ((await reader.take(2)) !== "--") {
    reader.putBackTaken()
    await drain(reader.until(Buffer.from("\r\n")))
    const headers = parseHeaders(await reader.head())
    yield { headers, body: reader.until(delimiter) }
  }
  await reader.rest()
}

export async function textOf(part: Part, most = 1024 * 1024): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of part.body) {
    size += chunk.length
    if (size > most) throw invalid("Metadata part is too large.")
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function parseHeaders(head: string): Map<string, string> {
  const lines = head.split("\r\n").filter((line) => line !== "")
  return new Map(
    lines.map((line) => {
      const colon = line.indexOf(":")
      if (colon < 1) throw invalid(`Failed to parse the multipart body: "${line}" is not a header.`)
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
}

async function drain(bytes: AsyncIterable<Buffer>): Promise<void> {
  for await (const _ of bytes);
}

class Reader {
  #buffer: Buffer = NOTHING
  #taken: Buffer = NOTHING
  readonly #source: AsyncIterator<Buffer>

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  putBack(bytes: Buffer): void {
    this.#buffer = Buffer.concat([bytes, this.#buffer])
  }

  putBackTaken(): void {
    this.putBack(this.#taken)
  }

  async take(count: number): Promise<string> {
    while (this.#buffer.length < count) await this.#fill()
    this.#taken = this.#buffer.subarray(0, count)
    this.#buffer = this.#buffer.subarray(count)
    return this.#taken.toString("latin1")
  }

  /** What stands before the mark; the mark is taken away. */
  async *until(mark: Buffer): AsyncGenerator<Buffer> {
    for (;;) {
      const at = this.#buffer.indexOf(mark)
      const sure = at < 0 ? this.#buffer.length - mark.length + 1 : at
      if (sure > 0) {
        const bytes = this.#buffer.subarray(0, sure)
        this.#buffer = this.#buffer.subarray(sure)
        yield bytes
      }
      if (at >= 0) {
        this.#buffer = this.#buffer.subarray(mark.length)
        return
      }
      await this.#fill()
    }
  }

  /** The header lines of a part, up to the empty line. */
  async head(): Promise<string> {
    this.putBack(Buffer.from("\r\n"))
    let head = ""
    for await (const bytes of this.until(Buffer.from("\r\n\r\n"))) {
      head += bytes.toString()
      if (head.length > LONGEST_HEAD_BYTES)
        throw invalid("Failed to parse the multipart body: a part's head is too long.")
    }
    return head
  }

  async rest(): Promise<void> {
    while (!(await this.#source.next()).done);
  }

  async #fill(): Promise<void> {
    const next = await this.#source.next()
    if (next.done) throw invalid("Failed to parse the multipart body: it ends before the last boundary.")
    this.#buffer = this.#buffer.length === 0 ? next.value : Buffer.concat([this.#buffer, next.value])
  }
}
