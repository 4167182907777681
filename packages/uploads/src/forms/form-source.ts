import type { IncomingMessage } from "node:http"
import { abortError, StorageError } from "@node-storages/core"
import { UploadError } from "../upload-error.ts"

/** A request whose body can be read: the standard's, or Node's, as Express, Koa (`ctx.req`) and Fastify (`.raw`) have it. */
export type FormRequest = Request | IncomingMessage

/** What is left of a body that was refused is let in for so long, so that its client can read the answer. */
const LINGER_MILLISECONDS = 5000
/** And no more bytes than this. */
const LINGER_BYTES = 16 * 1024 * 1024

/** The body of a request, read chunk by chunk as fast as it is asked for. */
export class FormSource {
  readonly contentType: string | undefined
  /** In bytes, as the client announced it. */
  readonly contentLength: number | undefined
  readonly #body: Body
  #pending: Promise<Uint8Array | undefined> | undefined
  #ended = false

  /** @throws StorageError `invalid-content` for a body that was read already */
  constructor(request: FormRequest) {
    const header = headersOf(request)
    this.contentType = header("content-type")
    const length = header("content-length")
    this.contentLength = length !== undefined && /^\d+$/.test(length) ? Number(length) : undefined
    this.#body = isWebRequest(request) ? webBody(request) : nodeBody(request)
  }

  /** Calls back when the client is gone before all of it was read. Returns what ends that. */
  whenGone(callback: () => void): () => void {
    return this.#body.whenGone(callback)
  }

  /**
   * The next bytes, undefined at the end.
   * @param idle rejects with `timeout` when nothing has come for so many milliseconds
   */
  async next(signal: AbortSignal, idle: number): Promise<Uint8Array | undefined> {
    if (signal.aborted) throw abortReason(signal)
    this.#pending ??= this.#body.read()
    const chunk = await interruptible(this.#pending, signal, idle)
    this.#pending = undefined
    if (chunk === undefined) this.#ended = true
    return chunk
  }

  /** Lets go of what was not read: first it is thrown away for a while, then the connection ends. Never throws. */
  abandon(): void {
    if (!this.#ended) void this.#linger().catch(() => {})
  }

  async #linger(): Promise<void> {
    const ended = AbortSignal.timeout(LINGER_MILLISECONDS)
    let bytes = 0
    try {
      for (;;) {
        const chunk = await this.next(ended, LINGER_MILLISECONDS)
        if (chunk === undefined) return
        bytes += chunk.byteLength
        if (bytes > LINGER_BYTES) await new Promise((resolve) => ended.addEventListener("abort", resolve))
      }
    } catch {
      this.#body.stop()
    }
  }
}

/** Why a signal has aborted, as an error to throw. */
export function abortReason(signal: AbortSignal): UploadError | StorageError {
  return UploadError.is(signal.reason) ? signal.reason : abortError(signal, "receiveForm")
}

/** The promise's outcome, unless the signal aborts first, or too long nothing happens. */
async function interruptible<Value>(promise: Promise<Value>, signal: AbortSignal, idle: number): Promise<Value> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(abortReason(signal))
    const timer = Number.isFinite(idle)
      ? setTimeout(() => {
          const seconds = idle / 1000
          const message = `Nothing has come from the client for ${seconds} seconds ("idleTimeout"). Send the form again.`
          reject(new UploadError("timeout", message))
        }, idle)
      : undefined
    signal.addEventListener("abort", giveUp, { once: true })
    promise
      .finally(() => {
        clearTimeout(timer)
        signal.removeEventListener("abort", giveUp)
      })
      .then(resolve, reject)
  })
}

interface Body {
  read(): Promise<Uint8Array | undefined>
  whenGone(callback: () => void): () => void
  stop(): void
}

function isWebRequest(request: FormRequest): request is Request {
  return typeof (request as Request).headers?.get === "function"
}

function headersOf(request: FormRequest): (name: string) => string | undefined {
  if (isWebRequest(request)) return (name) => request.headers.get(name) ?? undefined
  const headers = (request as Partial<IncomingMessage> | undefined)?.headers
  if (typeof headers !== "object" || headers === null) {
    throw new StorageError(
      "invalid-content",
      "receiveForm takes a Request, or Node's IncomingMessage: give it ctx.req of Koa, request.raw of Fastify, c.req.raw of Hono.",
    )
  }
  return (name) => headers[name]?.toString()
}

function usedError(): StorageError {
  return new StorageError(
    "invalid-content",
    "The request's body has been read already. Call receiveForm before anything that parses bodies, or keep that from multipart/form-data.",
  )
}

export function goneError(): UploadError {
  return new UploadError("truncated", "The client went away before the form had ended. Send it again.")
}

function webBody(request: Request): Body {
  if (request.bodyUsed || request.body?.locked) throw usedError()
  const reader = request.body?.getReader()
  const read = async () => {
    try {
      const result = await reader?.read()
      return result?.done === false ? result.value : undefined
    } catch (error) {
      throw new UploadError("truncated", goneError().message, { cause: error })
    }
  }
  return {
    read,
    whenGone(callback) {
      request.signal.addEventListener("abort", callback, { once: true })
      if (request.signal.aborted) callback()
      return () => request.signal.removeEventListener("abort", callback)
    },
    stop: () => void reader?.cancel().catch(() => {}),
  }
}

function nodeBody(request: IncomingMessage): Body {
  if (request.readableDidRead || request.readableEnded) throw usedError()
  const ignore = () => {}
  // The connection of a client that goes away is an error of the request.
  request.on("error", ignore)
  return {
    async read() {
      for (;;) {
        const chunk = request.read() as Uint8Array | null
        if (chunk !== null) return chunk
        if (request.readableEnded) return undefined
        if (request.destroyed) throw new UploadError("truncated", goneError().message, { cause: request.errored })
        await somethingHappens(request)
      }
    },
    whenGone(callback) {
      const closed = () => {
        if (!request.complete) callback()
      }
      request.once("close", closed)
      if (request.destroyed) closed()
      return () => request.off("close", closed)
    },
    stop: () => request.destroy(),
  }
}

const EVENTS = ["readable", "end", "close", "error"] as const

function somethingHappens(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    const happened = () => {
      for (const event of EVENTS) request.off(event, happened)
      resolve()
    }
    for (const event of EVENTS) request.on(event, happened)
  })
}
