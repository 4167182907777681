/**
 * Follows the requests on one HTTP/1.1 connection as their bytes pass by, without holding or changing any: where each
 * begins, when its head is known, where it ends. A fault proxy needs that to answer one request of many.
 */
export type RequestEvent =
  | { kind: "begin" }
  | { kind: "bytes"; bytes: Buffer }
  | { kind: "head"; head: RequestHead }
  | { kind: "end" }

export interface RequestHead {
  method: string
  /** The client waits for `100 Continue` before it sends the body. */
  expectsContinue: boolean
}

const MAX_HEAD_BYTES = 64 * 1024

export class RequestFollower {
  /** What the next byte belongs to. "opaque": this is not HTTP, nothing is known any more. */
  #state: "head" | "body" | "size-line" | "chunk" | "trailer-line" | "opaque" = "head"
  /** The beginning of an unfinished head or line. */
  #text = ""
  /** Bytes left of the body, or of the chunk with the line break behind it. */
  #left = 0

  push(bytes: Buffer): RequestEvent[] {
    const events: RequestEvent[] = []
    let rest = bytes
    while (rest.length > 0) {
      if (this.#state === "head" && this.#text === "") events.push({ kind: "begin" })
      const used = this.#countOfThisState(rest)
      events.push({ kind: "bytes", bytes: rest.subarray(0, used) })
      events.push(...this.#advance(rest.subarray(0, used)))
      rest = rest.subarray(used)
    }
    return events
  }

  /** How many of the bytes at hand belong to the current state. */
  #countOfThisState(rest: Buffer): number {
    switch (this.#state) {
      case "body":
      case "chunk":
        return Math.min(this.#left, rest.length)
      case "head":
        return this.#countUntil("\r\n\r\n", rest)
      case "size-line":
      case "trailer-line":
        return this.#countUntil("\r\n", rest)
      case "opaque":
      default:
        return rest.length
    }
  }

  /** The mark may have begun in the bytes before these. */
  #countUntil(mark: string, rest: Buffer): number {
    const overlap = this.#text.slice(1 - mark.length)
    const at = (overlap + rest.toString("latin1")).indexOf(mark)
    return at < 0 ? rest.length : at + mark.length - overlap.length
  }

  #advance(bytes: Buffer): RequestEvent[] {
    switch (this.#state) {
      case "body":
        this.#left -= bytes.length
        return this.#left === 0 ? this.#end() : []
      case "chunk":
        this.#left -= bytes.length
        if (this.#left === 0) this.#state = "size-line"
        return []
      case "head":
        return this.#advanceHead(bytes)
      case "size-line":
      case "trailer-line":
        return this.#advanceLine(bytes)
      case "opaque":
      default:
        return []
    }
  }

  #advanceHead(bytes: Buffer): RequestEvent[] {
    this.#text += bytes.toString("latin1")
    const [requestLine = ""] = this.#text.split("\r\n", 1)
    const complete = this.#text.endsWith("\r\n\r\n")
    const lineIsComplete = requestLine.length < this.#text.length
    if ((lineIsComplete && !/^[A-Z]+ \S+ HTTP\/1\.[01]$/.test(requestLine)) || this.#text.length > MAX_HEAD_BYTES) {
      this.#state = "opaque"
      this.#text = ""
      return []
    }
    if (!complete) return []
    const text = this.#text
    this.#text = ""
    const [method = ""] = requestLine.split(" ", 1)
    const head = { method, expectsContinue: /^100-continue$/i.test(headerOf(text, "expect")) }
    const chunked = /\bchunked$/i.test(headerOf(text, "transfer-encoding"))
    this.#left = chunked ? 0 : Number(headerOf(text, "content-length"))
    this.#state = chunked ? "size-line" : "body"
    const hasNoBody = !chunked && this.#left === 0
    return [{ kind: "head", head }, ...(hasNoBody ? this.#end() : [])]
  }

  #advanceLine(bytes: Buffer): RequestEvent[] {
    this.#text += bytes.toString("latin1")
    if (!this.#text.endsWith("\r\n")) return []
    const line = this.#text.slice(0, -2)
    this.#text = ""
    if (this.#state === "trailer-line") return line === "" ? this.#end() : []
    const size = Number.parseInt(line, 16)
    this.#left = size + 2
    this.#state = size === 0 ? "trailer-line" : "chunk"
    return []
  }

  #end(): RequestEvent[] {
    this.#state = "head"
    return [{ kind: "end" }]
  }
}

function headerOf(head: string, name: string): string {
  return new RegExp(`^${name}:[ \\t]*(.*?)[ \\t]*\\r$`, "im").exec(head)?.[1] ?? ""
}
