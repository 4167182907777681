import { encodeKey, type SignedTerms, type Storage, StorageError } from "@node-storages/core"
import { type Answer, type AnswerHeaders, checkedHeaders, emptyAnswer, type Incoming, plainAnswer } from "./answer.ts"
import { fileHeaders, isCompressible, SANDBOX } from "./file-headers.ts"
import { type FileReader, StorageReader } from "./file-reader.ts"
import { checkGuarded, isPublic } from "./is-public.ts"
import { MemoryCache } from "./memory-cache.ts"
import { negotiateEncoding } from "./negotiate-encoding.ts"
import { type ReadyAnswer, ReadyAnswers } from "./ready-answers.ts"
import { PREFLIGHT_AGE } from "./origins.ts"
import { reporter } from "./reporter.ts"
import { isHidden, queryParameter, requestTarget, splitUrl } from "./request-target.ts"
import { sendFile } from "./send-file.ts"
import {
  type Delivery,
  type Encoding,
  type ServeOptions,
  type Settings,
  settingsOf,
  SUFFIXES,
  type Verdict,
} from "./serve-options.ts"
import { takeUpload } from "./take-upload.ts"

/** What an error of a storage is to a client. The others are 500. */
const STATUSES: Partial<Record<StorageError["code"], number>> = {
  "invalid-name": 404,
  "not-found": 404,
  "bucket-not-found": 502,
  "permission-denied": 502,
  unauthenticated: 502,
  conflict: 409,
  "checksum-mismatch": 400,
  "source-failed": 400,
  "read-only": 403,
  network: 502,
  timeout: 504,
  "rate-limited": 503,
  unavailable: 503,
  "no-space": 507,
}

/** What a page of another origin may read of an answer, and send with a request. */
const EXPOSED = "accept-ranges, content-disposition, content-encoding, content-length, content-range, etag"
const OPEN: AnswerHeaders = { "access-control-allow-origin": "*", "access-control-expose-headers": EXPOSED }

/** Whether a request may go on, and with what. */
type Admission =
  | { readonly answer: Answer }
  | { readonly answer?: undefined; readonly terms: SignedTerms | undefined; readonly isPrivate: boolean }

/** Answers requests for the files of one storage, whatever the framework. */
export class FileServer<Native> {
  readonly #storage: Storage
  readonly #settings: Settings
  readonly #authorize: ServeOptions<Native>["authorize"]
  readonly #report: (error: unknown, request: Native) => void
  readonly #reader: FileReader
  readonly #needsSignature: boolean
  readonly #ready: ReadyAnswers | undefined

  /** @throws StorageError `invalid-option` */
  constructor(storage: Storage, options: ServeOptions<Native>, subject: string) {
    this.#storage = storage
    this.#settings = settingsOf(storage, options, subject)
    checkGuarded(storage, options.authorize, subject)
    this.#authorize = options.authorize
    this.#report = reporter(options.onError)
    const reader = new StorageReader(storage)
    const { cache, isImmutable, allowOrigins, delivery } = this.#settings
    this.#needsSignature = storage.checkSigned !== undefined && !isPublic(storage)
    this.#reader = reader
    if (cache === undefined) return
    const memory = new MemoryCache(reader, cache, isImmutable)
    this.#reader = memory
    const isForAll = !options.authorize && !this.#needsSignature && delivery === "proxy"
    const isAlike = allowOrigins === "*" || allowOrigins.size === 0
    if (isForAll && isAlike) this.#ready = new ReadyAnswers(memory, this.#settings, allowOrigins === "*" ? OPEN : {})
  }

  /** The answer where it is at hand: what `respond` would give, without waiting. */
  ready(
    method: string | undefined,
    url: string | undefined,
    headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  ): ReadyAnswer | undefined {
    return this.#ready?.find(method, url, headers)
  }

  /**
   * Never rejects. Undefined where nothing of this storage is meant: another path, another method, no such file.
   * @param fallsThrough whether somebody else may have an answer; else it is 404 or 405
   */
  async respond(request: Incoming<Native>, fallsThrough: boolean): Promise<Answer | undefined> {
    let answer
    try {
      answer = await this.#answer(request)
    } catch (error) {
      answer = this.#failure(error, request)
    }
    if (fallsThrough && (answer.status === 404 || answer.status === 405)) return undefined
    const withOrigin = this.#withOrigin(answer, request)
    if (request.method !== "HEAD" || withOrigin.body === undefined) return withOrigin
    return { status: withOrigin.status, headers: withOrigin.headers }
  }

  /** For bodies that break off after their answer has begun. */
  report(error: unknown, request: Incoming<Native>): void {
    // Nobody is left to be told when it was the client who went.
    if (!request.signal?.aborted) this.#report(error, request.native)
  }

  async #answer(request: Incoming<Native>): Promise<Answer> {
    const { method } = request
    if (method === "OPTIONS") return this.#options(request)
    if (method !== "GET" && method !== "HEAD" && (method !== "PUT" || this.#storage.checkSigned === undefined)) {
      return plainAnswer(405, { allow: this.#allow() })
    }
    const { path, query } = splitUrl(request.url)
    const target = requestTarget(path, this.#settings.prefix)
    if (target.kind === "malformed") return plainAnswer(400)
    if (target.kind === "elsewhere" || target.kind === "impossible") return plainAnswer(404)
    const { index } = this.#settings
    const name = target.kind === "directory" && index !== undefined ? target.name + index : target.name
    const admission = await this.#admit(request, name, query)
    if (admission.answer) return admission.answer
    const { terms, isPrivate } = admission
    if (!isFileName(name)) return plainAnswer(404)
    if (isHidden(name) && !this.#settings.dotfiles && terms === undefined) return plainAnswer(404)
    if (method === "PUT") return terms ? takeUpload(request, this.#storage, name, terms) : plainAnswer(403)
    const asked = splitUrl(request.originalUrl ?? request.url).path
    if (target.kind === "directory" && asked !== "" && !asked.endsWith("/")) {
      // The path of the mount itself, without its slash.
      return (await this.#exists(name)) ? withSlash(asked, query) : plainAnswer(404)
    }
    try {
      return await this.#deliver(request, name, terms, isPrivate)
    } catch (error) {
      const redirect = index !== undefined && target.kind === "file" && StorageError.is(error, "not-found")
      if (!redirect || !(await this.#exists(`${name}/${index}`))) throw error
      return withSlash(path, query)
    }
  }

  /** Before anything is told of the file, also whether there is one. */
  async #admit(request: Incoming<Native>, name: string, query: string): Promise<Admission> {
    const token = this.#storage.checkSigned && queryParameter(query, "signed")
    if (token !== undefined) {
      const terms = isFileName(name) ? this.#storage.checkSigned!(name, token) : undefined
      const isMeant = terms && (terms.method === "PUT") === (request.method === "PUT")
      if (!isMeant)
        return {
          answer: plainAnswer(403, {}, "Forbidden: the signature is not valid for this request, or has expired."),
        }
      return { terms, isPrivate: true }
    }
    if (request.method === "PUT") return { answer: plainAnswer(403, {}, "Forbidden: uploads need a signed URL.") }
    if (this.#authorize) {
      const verdict = await this.#authorize(request.native, name)
      if (verdict === true) return { terms: undefined, isPrivate: true }
      if (verdict === false) return { answer: plainAnswer(403) }
      return { answer: verdictAnswer(verdict) }
    }
    if (this.#needsSignature) return { answer: plainAnswer(403, {}, "Forbidden: this file needs a signed URL.") }
    return { terms: undefined, isPrivate: false }
  }

  async #deliver(
    request: Incoming<Native>,
    name: string,
    terms: SignedTerms | undefined,
    isPrivate: boolean,
  ): Promise<Answer> {
    const { delivery, encodings } = this.#settings
    const { contentType, contentDisposition } = terms ?? {}
    const file = { name, contentType, contentDisposition, isPrivate }
    if (delivery === "redirect" && request.method === "GET") {
      const location = await this.#storage.url(name, { signal: request.signal })
      const headers = { location, "cache-control": "no-store", "content-length": "0" }
      return emptyAnswer(302, checkedHeaders(headers, "url()"))
    }
    if (typeof delivery === "object") {
      const info = await this.#reader.stat(name, request.signal)
      const { "accept-ranges": _, ...headers } = fileHeaders({ ...file, info }, this.#settings)
      return emptyAnswer(200, offloaded(headers, delivery, name))
    }
    let left = encodings.length > 0 && isCompressible(name) ? encodings : []
    for (;;) {
      const coding = negotiateEncoding(request.headers["accept-encoding"], left) as Encoding | undefined
      const storedName = coding === undefined ? name : name + SUFFIXES[coding]
      try {
        return await sendFile(request, { ...file, storedName, coding }, this.#reader, this.#settings)
      } catch (error) {
        if (coding === undefined || !StorageError.is(error)) throw error
        if (error.code !== "not-found" && error.code !== "invalid-name") throw error
        left = left.filter((each) => each !== coding)
      }
    }
  }

  async #exists(name: string): Promise<boolean> {
    try {
      await this.#reader.stat(name)
      return true
    } catch (error) {
      if (StorageError.is(error, "not-found") || StorageError.is(error, "invalid-name")) return false
      throw error
    }
  }

  #options({ headers }: Incoming<Native>): Answer {
    const allow = { allow: this.#allow() }
    if (headers["access-control-request-method"] === undefined) return emptyAnswer(204, allow)
    return emptyAnswer(204, {
      ...allow,
      "access-control-allow-methods": this.#allow(),
      "access-control-allow-headers": headers["access-control-request-headers"] ?? "*",
      "access-control-max-age": PREFLIGHT_AGE,
      vary: "access-control-request-headers",
    })
  }

  #allow(): string {
    return this.#storage.checkSigned ? "GET, HEAD, OPTIONS, PUT" : "GET, HEAD, OPTIONS"
  }

  /** Fetch standard, CORS: also errors carry it, or a page could not tell them from a broken network. */
  #withOrigin(answer: Answer, { headers }: Incoming<Native>): Answer {
    const { allowOrigins } = this.#settings
    if (allowOrigins === "*") return { ...answer, headers: { ...answer.headers, ...OPEN } }
    if (allowOrigins.size === 0) return answer
    const { origin } = headers
    const vary = answer.headers["vary"] === undefined ? "origin" : `${answer.headers["vary"]}, origin`
    const isAllowed = origin !== undefined && allowOrigins.has(origin)
    const allowed: AnswerHeaders = isAllowed
      ? { "access-control-allow-origin": origin, "access-control-expose-headers": EXPOSED }
      : {}
    return { ...answer, headers: { ...answer.headers, vary, ...allowed } }
  }

  #failure(error: unknown, request: Incoming<Native>): Answer {
    const code = StorageError.is(error) ? error.code : undefined
    const status = (code && STATUSES[code]) ?? 500
    if (status >= 500) this.report(error, request)
    const retryAfter = StorageError.is(error) ? error.retryAfter : undefined
    return plainAnswer(status, retryAfter === undefined ? {} : { "retry-after": String(Math.ceil(retryAfter)) })
  }
}

/** Both kinds of servers decode the path that they are given. */
function offloaded(headers: AnswerHeaders, delivery: Exclude<Delivery, string>, name: string): AnswerHeaders {
  const pathBelow = (folder: string) => `${folder.replace(/\/+$/, "")}/${encodeKey(name)}`
  if ("sendfile" in delivery) return { ...headers, "x-sendfile": pathBelow(delivery.sendfile) }
  const answer = { ...headers, "x-accel-redirect": pathBelow(delivery.accelRedirect) }
  if (headers["content-security-policy"] !== SANDBOX) return answer
  // Of these headers nginx drops the one that would make it harmless, unless it is configured not to.
  const disposition = (headers["content-disposition"] ?? "").replace(/^[^;]*/, "attachment")
  return { ...answer, "content-disposition": disposition }
}

/** To the directory of this path, relative: a proxy or a framework may have mounted this anywhere. */
function withSlash(path: string, query: string): Answer {
  const last = path.slice(path.lastIndexOf("/") + 1)
  return emptyAnswer(301, { location: `./${last}/${query && `?${query}`}`, "content-length": "0" })
}

function isFileName(name: string): boolean {
  return name !== "" && !name.endsWith("/")
}

/** @throws TypeError for what is no answer: nobody is let through by a mistake */
function verdictAnswer(verdict: Exclude<Verdict, boolean>): Answer {
  const { status, headers = {}, body } = (verdict ?? {}) as Partial<typeof verdict>
  if (status === undefined || !Number.isInteger(status) || status < 200 || status > 599) {
    throw new TypeError("authorize() must give true, false, or an answer with a status from 200 to 599.")
  }
  const checked = checkedHeaders(headers, "authorize()")
  const isEmpty = status === 204 || status === 205 || status === 304
  return isEmpty ? emptyAnswer(status, checked) : plainAnswer(status, checked, body)
}
