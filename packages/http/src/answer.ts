/** Headers of an answer, by their names in lower case. */
export type AnswerHeaders = Readonly<Record<string, string>>

/** What a request is answered with, before a server or a framework sends it. */
export interface Answer {
  readonly status: number
  readonly headers: AnswerHeaders
  /** Nothing for HEAD, 204, 304. Chunks must be read, or their iteration ended: they hold a file or connection open. */
  readonly body?: Uint8Array | AsyncIterable<Uint8Array> | undefined
}

/** A request as the handlers of all frameworks give it. */
export interface Incoming<Native> {
  /** The framework's own request, for `authorize` and `onError`. */
  readonly native: Native
  readonly method: string
  /** Path and query, as they came; an absolute URL is fine. */
  readonly url: string
  /** The same as the client sent it, where a framework has taken the path of a mount off. */
  readonly originalUrl?: string | undefined
  /** By their names in lower case; of several with one name, joined by commas. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** The body, read once. Only asked for where an upload is taken. */
  readonly body: () => AsyncIterable<Uint8Array>
  readonly signal?: AbortSignal | undefined
}

/** What a client may still send of a body that was refused, so that it reads the answer. In bytes. */
export const MOST_DRAINED: number = 1024 * 1024

const REASONS: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  412: "Precondition Failed",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  416: "Range Not Satisfiable",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  507: "Insufficient Storage",
}

const encoder = new TextEncoder()

/** An answer that says its status in words, and nothing of what is inside. Never cached, unless the headers say so. */
export function plainAnswer(status: number, headers: AnswerHeaders = {}, text?: string): Answer {
  const body = encoder.encode(`${text ?? REASONS[status] ?? status}\n`)
  return {
    status,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "content-length": String(body.byteLength),
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      ...headers,
    },
    body,
  }
}

/** RFC 9110, 5.6.2 */
const HEADER_NAME = /^[!#$%&'*+.^_`|~\w-]+$/
/** Visible characters, spaces and tabs, and those that go out as one byte. RFC 9110, 5.5 */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

export function isHeaderValue(value: unknown): boolean {
  return typeof value === "string" && HEADER_VALUE.test(value)
}

/**
 * Headers that the app has given, by their names in lower case.
 * @throws TypeError for what no header can be: servers would refuse it when the answer has begun
 */
export function checkedHeaders(headers: AnswerHeaders, subject: string): AnswerHeaders {
  const checked: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (!HEADER_NAME.test(name) || !isHeaderValue(value)) {
      throw new TypeError(`${subject}: ${JSON.stringify(name)}: ${JSON.stringify(value)} is no header.`)
    }
    checked[name.toLowerCase()] = value
  }
  return checked
}

/** An answer without a body. */
export function emptyAnswer(status: number, headers: AnswerHeaders = {}): Answer {
  return { status, headers }
}
