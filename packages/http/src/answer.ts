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
  /** By their names in lower case; of several with one name, joined by commas. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** The body, read once. Only asked for where an upload is taken. */
  readonly body: () => AsyncIterable<Uint8Array>
  readonly signal?: AbortSignal | undefined
}

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

/** An answer without a body. */
export function emptyAnswer(status: number, headers: AnswerHeaders = {}): Answer {
  return { status, headers }
}
