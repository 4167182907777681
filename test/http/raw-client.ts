import { connect, type Socket } from "node:net"

/** What came over the wire, before any client has tidied it up. */
export interface RawResponse {
  /** 0 where the connection broke before anything was said. */
  readonly status: number
  /** By their names in lower case; of several with one name, joined by `, `. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** Whether the body is as long as the head has announced: a connection that broke gives false. */
  readonly isWhole: boolean
}

export interface RawRequest {
  readonly method?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: string | Uint8Array | undefined
}

/** One request on a connection of its own; the path goes out as it is written. */
export function rawRequest(port: number, path: string, request: RawRequest = {}): Promise<RawResponse> {
  const { method = "GET", headers = {}, body } = request
  const lines = Object.entries({ host: "127.0.0.1", connection: "close", ...headers })
  const head = `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`
  return exchange(port, Buffer.concat([Buffer.from(head, "latin1"), Buffer.from(body ?? "")]), method)
}

/** Sends these bytes, and reads until the server closes the connection. */
export async function exchange(port: number, bytes: Uint8Array, method = "GET"): Promise<RawResponse> {
  const socket = connect(port, "127.0.0.1")
  socket.write(bytes)
  return parseResponse(await everythingOf(socket), method)
}

/** Until the end, or until the connection breaks. */
export function everythingOf(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  return new Promise((resolve) => {
    socket.on("data", (chunk: Buffer) => void chunks.push(chunk))
    socket.on("error", () => {})
    socket.on("close", () => resolve(Buffer.concat(chunks)))
  })
}

/** @throws Error for bytes that are no answer of HTTP/1.1 */
export function parseResponse(bytes: Buffer, method = "GET"): RawResponse {
  if (bytes.byteLength === 0) return { status: 0, headers: {}, body: bytes, isWhole: false }
  const end = bytes.indexOf("\r\n\r\n")
  const [statusLine = "", ...lines] = bytes.subarray(0, Math.max(end, 0)).toString("latin1").split("\r\n")
  const [, digits] = /^HTTP\/1\.1 (\d{3}) /.exec(`${statusLine} `) ?? []
  if (digits === undefined) throw new Error(`No answer: ${JSON.stringify(bytes.subarray(0, 100).toString("latin1"))}`)
  const status = Number(digits)
  const rest = bytes.subarray(end + 4)
  if (status < 200) return parseResponse(rest, method)
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const colon = line.indexOf(":")
    const [name, value] = [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`
  }
  if (method === "HEAD" || status === 204 || status === 304) {
    return { status, headers, body: rest, isWhole: rest.byteLength === 0 }
  }
  if (headers["transfer-encoding"] === "chunked") return { status, headers, ...chunkedBody(rest) }
  return { status, headers, body: rest, isWhole: rest.byteLength === Number(headers["content-length"]) }
}

function chunkedBody(bytes: Buffer): { body: Buffer; isWhole: boolean } {
  const chunks: Buffer[] = []
  for (let position = 0; ;) {
    const lineEnd = bytes.indexOf("\r\n", position)
    const size = Number.parseInt(bytes.subarray(position, Math.max(lineEnd, position)).toString("latin1"), 16)
    if (Number.isNaN(size)) return { body: Buffer.concat(chunks), isWhole: false }
    if (size === 0) return { body: Buffer.concat(chunks), isWhole: true }
    chunks.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size))
    position = lineEnd + 2 + size + 2
  }
}
