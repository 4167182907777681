/** One HTTP request and its answer; the only place that reads bodies and writes answers, so that faults apply to all. */
import type { IncomingMessage, ServerResponse } from "node:http"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { ConnectionLost, invalid } from "./errors.ts"
import type { Fault } from "./faults.ts"

const LARGEST_TEXT = 10 * 1024 * 1024

export type AnswerHeaders = Record<string, string | string[]>

export class Exchange {
  readonly method: string
  /** As sent, percent-encoded. */
  readonly path: string
  readonly query: URLSearchParams
  /** Of this server as the client addressed it, `http://host:port`. */
  readonly origin: string
  readonly request: IncomingMessage
  readonly #response: ServerResponse
  /** Set before a handler starts. */
  fault: Fault = {}
  /** Headers of the answer, whatever it is. */
  readonly always: AnswerHeaders = {}

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.request = request
    this.#response = response
    this.method = request.method ?? ""
    const url = request.url ?? "/"
    const questionMark = url.indexOf("?")
    this.path = questionMark < 0 ? url : url.slice(0, questionMark)
    this.query = new URLSearchParams(questionMark < 0 ? "" : url.slice(questionMark + 1))
    this.origin = `http://${request.headers.host}`
  }

  get url(): string {
    return this.origin + (this.request.url ?? "/")
  }

  get answered(): boolean {
    return this.#response.headersSent || this.#response.destroyed
  }

  header(name: string): string | undefined {
    const value = this.request.headers[name]
    return Array.isArray(value) ? value.join(", ") : value
  }

  /** Throws a ConnectionLost when the connection ends before the body does. */
  async *body(): AsyncGenerator<Buffer> {
    const { resetAfterUploaded = Infinity, corruptStored } = this.fault
    let taken = 0
    try {
      for await (const chunk of this.request.iterator({ destroyOnReturn: false })) {
        const bytes = corruptStored && taken === 0 ? corrupted(chunk as Buffer) : (chunk as Buffer)
        const rest = resetAfterUploaded - taken
        taken += bytes.length
        if (bytes.length >= rest) {
          if (rest > 0) yield bytes.subarray(0, rest)
          this.reset()
        }
        yield bytes
      }
    } catch (error) {
      if (this.request.complete && !(error instanceof ConnectionLost)) throw error
      throw new ConnectionLost("the connection ended within the body", { cause: error })
    }
  }

  async text(): Promise<string> {
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of this.body()) {
      size += chunk.length
      if (size > LARGEST_TEXT) throw invalid("Request Too Large")
      chunks.push(chunk)
    }
    return Buffer.concat(chunks).toString()
  }

  /** The body as a JSON object; an absent one is an empty object. */
  async json(): Promise<Record<string, unknown>> {
    return parseJsonObject(await this.text())
  }

  sendJson(status: number, value: unknown, headers: AnswerHeaders = {}): Promise<void> {
    const json = { "content-type": "application/json; charset=UTF-8", "cache-control": "no-cache, no-store, max-age=0" }
    return this.send(status, { ...json, ...headers }, JSON.stringify(value))
  }

  async send(status: number, headers: AnswerHeaders = {}, body: string | Buffer = ""): Promise<void> {
    const bytes = Buffer.from(body)
    const length = status === 204 || status === 304 ? {} : { "content-length": String(bytes.length) }
    await this.stream(status, { ...length, ...headers }, Readable.from(bytes.length > 0 ? [bytes] : []))
  }

  async stream(status: number, headers: AnswerHeaders, body: Readable): Promise<void> {
    if (this.answered || this.fault.loseAnswer) {
      body.destroy()
      this.reset()
    }
    this.#response.writeHead(status, { ...this.always, ...headers })
    if (this.method === "HEAD") {
      body.destroy()
      this.#response.end()
      return
    }
    try {
      await pipeline(body, (chunks) => this.#withFaults(chunks as AsyncIterable<Buffer>), this.#response)
    } catch (error) {
      this.request.socket.destroy()
      throw new ConnectionLost("the connection ended within the answer", { cause: error })
    }
  }

  /** Ends the connection without an answer. */
  reset(): never {
    this.request.socket.resetAndDestroy()
    throw new ConnectionLost("the connection was reset on purpose")
  }

  async *#withFaults(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    const { resetAfterDownloaded = Infinity, corruptDownload } = this.fault
    let sent = 0
    for await (const chunk of chunks) {
      const rest = resetAfterDownloaded - sent
      if (chunk.length >= rest) {
        yield chunk.subarray(0, rest)
        // Not by a reset: what the client has not read yet would be lost to it.
        await new Promise<void>((resolve) => this.request.socket.end(resolve))
        throw new ConnectionLost("the connection was ended on purpose")
      }
      yield corruptDownload && sent === 0 ? corrupted(chunk) : chunk
      sent += chunk.length
    }
  }
}

export function parseJsonObject(text: string): Record<string, unknown> {
  if (text.trim() === "") return {}
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw parseError()
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw parseError()
  return value as Record<string, unknown>
}

function parseError(): Error {
  return invalid("Parse Error")
}

function corrupted(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  copy[copy.length >> 1]! ^= 1
  return copy
}
