/** Resumable uploads. https://cloud.google.com/storage/docs/performing-resumable-uploads */
import { randomBytes } from "node:crypto"
import { checksumsOfHeader } from "./checksums.ts"
import { CHUNK_UNIT, parseContentRange, type UploadRange } from "./content-range.ts"
import type { ContentFolder, ContentWriter } from "./content.ts"
import { GcsError, invalid } from "./errors.ts"
import type { Exchange } from "./exchange.ts"
import type { StoredObject } from "./object-store.ts"
import { commitInsert, type Insert } from "./uploads.ts"

const SESSION_MILLISECONDS = 7 * 24 * 60 * 60 * 1000

export interface SessionStart {
  insert: Insert
  /** What the start announced. */
  size: number | undefined
  /** How the end is answered. */
  answer: (exchange: Exchange, object: StoredObject) => Promise<void>
}

export class Sessions {
  readonly #sessions = new Map<string, Session>()
  readonly #folder: ContentFolder
  readonly #now: () => Date

  constructor(folder: ContentFolder, now: () => Date) {
    this.#folder = folder
    this.#now = now
  }

  /** Answers the session's name, which is all that is needed to go on with it. */
  start(start: SessionStart): string {
    const id = randomBytes(32).toString("base64url")
    this.#sessions.set(id, new Session(start, this.#folder.writer(), this.#now().getTime() + SESSION_MILLISECONDS))
    return id
  }

  find(id: string): Session {
    const session = this.#sessions.get(id)
    if (!session) throw gone(404, "The upload session does not exist.")
    if (session.expires <= this.#now().getTime()) throw gone(410, "The upload session has expired.")
    return session
  }
}

export class Session {
  readonly expires: number
  readonly #start: SessionStart
  readonly #writer: ContentWriter
  /** What is no whole unit yet. It is lost when the chunk is interrupted. */
  #tail: Buffer[] = []
  #tailSize = 0
  #object: StoredObject | undefined
  #failure: GcsError | undefined
  /** The request that is under way, and its end. */
  #active: { exchange: Exchange; done: Promise<void> } | undefined

  constructor(start: SessionStart, writer: ContentWriter, expires: number) {
    this.#start = start
    this.#writer = writer
    this.expires = expires
  }

  async cancel(exchange: Exchange): Promise<void> {
    await this.#takeOver()
    if (!this.#object) this.#failure ??= gone(499, "The upload session was cancelled.")
    await this.#writer.discard()
    return exchange.send(499)
  }

  /** A chunk, or the question how far the upload is. */
  async put(exchange: Exchange): Promise<void> {
    await this.#takeOver()
    if (this.#failure) throw this.#failure
    if (this.#object) return this.#answerObject(exchange, this.#object)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#active = { exchange, done: promise }
    try {
      await this.#carryOut(exchange)
    } finally {
      this.#dropTail()
      this.#active = undefined
      resolve()
    }
    return this.#object ? this.#answerObject(exchange, this.#object) : this.#answerProgress(exchange)
  }

  /** A newer request ends an older one, whose client has given it up. */
  async #takeOver(): Promise<void> {
    while (this.#active) {
      this.#active.exchange.request.socket.destroy()
      await this.#active.done
    }
  }

  async #carryOut(exchange: Exchange): Promise<void> {
    const length = exchange.header("content-length")
    const range = parseContentRange(exchange.header("content-range"), length === undefined ? undefined : Number(length))
    const { size } = this.#start
    if (size !== undefined && range.total !== undefined && range.total !== size) {
      throw invalid(`The total of Content-Range is ${range.total}, but X-Upload-Content-Length was ${size}.`)
    }
    if (range.first === undefined) {
      if (range.total === this.#writer.size) await this.#finish(exchange)
      return
    }
    if (range.first > this.#writer.size) throw gap(range.first, this.#writer.size)
    const isLast = await this.#receive(exchange, range.first, range)
    if (isLast) await this.#finish(exchange)
  }

  /** Whether the upload is complete now. */
  async #receive(exchange: Exchange, first: number, { last, total }: UploadRange): Promise<boolean> {
    const end = last === undefined ? (total ?? Infinity) : last + 1
    let position = first
    for await (const bytes of exchange.body()) {
      position += bytes.length
      if (position > end) throw invalid(`The body goes beyond byte ${end - 1}, where Content-Range says it ends.`)
      // Bytes that are stored already may come again; they are skipped.
      const news = Math.min(position - this.#writer.size - this.#tailSize, bytes.length)
      if (news > 0) await this.#take(bytes.subarray(bytes.length - news))
    }
    if (last !== undefined && position !== end) throw invalid(`The body ends before byte ${last}.`)
    const isOpenEnded = last === undefined && total === undefined
    return isOpenEnded || position === total
  }

  async #take(bytes: Buffer): Promise<void> {
    this.#tail.push(bytes)
    this.#tailSize += bytes.length
    if (this.#tailSize < CHUNK_UNIT) return
    const joined = Buffer.concat(this.#tail)
    const whole = joined.length - (joined.length % CHUNK_UNIT)
    await this.#writer.write(joined.subarray(0, whole))
    this.#tail = [joined.subarray(whole)]
    this.#tailSize = joined.length - whole
  }

  #dropTail(): void {
    this.#tail = []
    this.#tailSize = 0
  }

  async #finish(exchange: Exchange): Promise<void> {
    const checksums = checksumsOfHeader(exchange.header("x-goog-hash"))
    const { insert, size } = this.#start
    const total = this.#writer.size + this.#tailSize
    if (size !== undefined && total !== size) {
      throw invalid(`The upload has ${total} bytes, but X-Upload-Content-Length was ${size}.`)
    }
    for (const bytes of this.#tail) await this.#writer.write(bytes)
    const content = await this.#writer.finish()
    try {
      this.#object = commitInsert(insert, content, checksums)
    } catch (error) {
      this.#failure = gone(410, "The upload session failed.")
      throw error
    }
  }

  #answerObject(exchange: Exchange, object: StoredObject): Promise<void> {
    return this.#start.answer(exchange, object)
  }

  #answerProgress(exchange: Exchange): Promise<void> {
    const { size } = this.#writer
    return exchange.send(308, size > 0 ? { range: `bytes=0-${size - 1}` } : {})
  }
}

function gone(status: number, message: string): GcsError {
  return new GcsError(status, { reason: "uploadSessionGone", message, code: "NoSuchUpload" })
}

function gap(first: number, stored: number): GcsError {
  const offset = `According to the Content-Range header, the upload offset is ${first} byte(s)`
  const message = `Invalid request. ${offset}, which exceeds already uploaded size of ${stored} byte(s).`
  return new GcsError(503, { reason: "backendError", message, code: "ServiceUnavailable" })
}
