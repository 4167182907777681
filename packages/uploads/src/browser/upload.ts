import { UploadFailure } from "./failure.ts"
import type {
  DirectUpload,
  DirectUploadMessage,
  DirectUploadParts,
  RefusalMessage,
  SignedPart,
  UploadedFile,
} from "./protocol.ts"
import { retrying } from "./retrying.ts"
import { send } from "./send.ts"

/** How much of a file has gone out, in bytes. It goes back where something has to be sent again. */
export interface UploadProgress {
  readonly loaded: number
  readonly total: number
}

/** What is uploaded where, and who is told of its progress. */
export interface UploadOptions {
  /** Where the server's `directUploadHandler` answers: `"/uploads"`. */
  readonly endpoint: string
  /** Which of the server's policies the file is for. */
  readonly policy: string
  /** Default: the file's own name. */
  readonly name?: string | undefined
  /** The file's digest in hexadecimal, where the page knows it: the server refuses a file that has another. */
  readonly sha256?: string | undefined
  /** Sent to the endpoint: `authorization`, or a token against forged requests. Never sent to the storage. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Whether cookies go to an endpoint of another origin: `"include"`. Default: `"same-origin"`. */
  readonly credentials?: "omit" | "same-origin" | "include" | undefined
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined
  /** Cancels the upload, which rejects with its reason, and has the server remove what has arrived. */
  readonly signal?: AbortSignal | undefined
  /** How many parts of a large file go at once. Default: 3. */
  readonly parallel?: number | undefined
  /** How often each request is tried again. Default: 5. */
  readonly retries?: number | undefined
  /** How long nothing may move before a request counts as lost, in milliseconds. Default: 60,000. */
  readonly stalled?: number | undefined
  /** Told the upload's token, which `resume` takes, when it is known. */
  readonly onToken?: ((token: string) => void) | undefined
  /** The token of an upload of this file that was interrupted: it goes on. One that is over is begun anew. */
  readonly resume?: string | undefined
  /** Keeps the token in `localStorage` under this name and the file's, so that an upload goes on after a reload. */
  readonly storageKey?: string | undefined
}

/** A `File`, or a `Blob` without a name. */
export type UploadSource = Blob & { readonly name?: string; readonly lastModified?: number }

/**
 * Uploads a file straight to the storage, in parts where it is large and the storage takes them.
 * @throws UploadFailure, or the signal's reason
 */
export async function upload(file: UploadSource, options: UploadOptions): Promise<UploadedFile> {
  const {
    policy,
    sha256,
    onProgress,
    onToken,
    parallel = 3,
    retries = 5,
    signal,
    stalled = 60_000,
    storageKey,
  } = options
  const name = options.name ?? file.name ?? ""
  const key = storageKey && [storageKey, policy, name, file.size, file.lastModified].join(" ")
  const stop = new AbortController()
  const forward = () => stop.abort(signal!.reason)
  const ask = <Answer>(message: DirectUploadMessage) => post<Answer>(options, message, stop.signal)
  const trying = <T>(attempt: (isFirst: boolean) => Promise<T>) => retrying(retries, stop.signal, attempt)
  const keep = (token?: string) => {
    if (!key) return
    if (token) localStorage.setItem(key, token)
    else localStorage.removeItem(key)
  }

  const begin = async (): Promise<DirectUpload> => {
    const earlier = options.resume ?? ((key && localStorage.getItem(key)) || undefined)
    try {
      if (earlier) return await trying(() => ask<DirectUpload>({ action: "resume", token: earlier }))
    } catch (error) {
      if (!(error instanceof UploadFailure) || !/^(?:invalid-token|upload-expired)$/.test(error.code)) throw error
    }
    return trying(() => ask({ action: "create", policy, name, size: file.size, type: file.type, sha256 }))
  }

  const sendWhole = (token: string, begun: DirectUpload) =>
    trying(async (isFirst) => {
      const { request } = isFirst ? begun : await ask<DirectUpload>({ action: "resume", token })
      if (request) {
        await send(request, file, stalled, stop.signal, (loaded) => onProgress?.({ loaded, total: file.size }))
      }
    })

  const sendParts = async (token: string, { arrived, count, size }: DirectUploadParts) => {
    const loaded: number[] = []
    const tell = (number: number, bytes: number) => {
      loaded[number] = bytes
      onProgress?.({ loaded: loaded.reduce((sum, each) => sum + each, 0), total: file.size })
    }
    const part = (number: number) => file.slice((number - 1) * size, number * size)
    const missing: number[] = []
    for (let number = 1; number <= count; number++) {
      if (arrived.includes(number)) tell(number, part(number).size)
      else missing.push(number)
    }
    const work = async () => {
      for (let number; (number = missing.shift());) {
        const current = number
        const bytes = part(current)
        await trying(async (isFirst) => {
          // It may have arrived although its answer has not.
          const now = isFirst ? undefined : await ask<DirectUpload>({ action: "resume", token })
          if (now && (!now.parts || now.parts.arrived.includes(current))) return
          const signed = await ask<{ parts: SignedPart[] }>({ action: "parts", token, numbers: [current] })
          await send(signed.parts[0]!, bytes, stalled, stop.signal, (sent) => tell(current, sent))
        })
        tell(current, bytes.size)
      }
    }
    await Promise.all(Array.from({ length: parallel }, work))
  }

  let token: string | undefined
  try {
    signal?.throwIfAborted()
    signal?.addEventListener("abort", forward)
    const begun = await begin()
    token = begun.token
    if (begun.size !== file.size) throw new UploadFailure("wrong-size", "The upload to resume is of another file.")
    keep(token)
    onToken?.(token)
    if (begun.parts) await sendParts(token, begun.parts)
    else await sendWhole(token, begun)
    onProgress?.({ loaded: file.size, total: file.size })
    const uploaded = await trying(() => ask<UploadedFile>({ action: "complete", token: token! }))
    keep()
    return uploaded
  } catch (error) {
    stop.abort()
    if (signal?.aborted) {
      keep()
      // Nobody waits for it: what it does not remove is removed when the upload expires.
      if (token) post(options, { action: "abort", token }).catch(() => {})
    } else if (error instanceof UploadFailure && error.status >= 400 && error.status < 500) keep()
    throw error
  } finally {
    signal?.removeEventListener("abort", forward)
  }
}

async function post<Answer>(
  { credentials, endpoint, headers }: UploadOptions,
  message: DirectUploadMessage,
  signal?: AbortSignal,
): Promise<Answer> {
  let response: Response
  let answer: Answer | RefusalMessage | undefined
  try {
    response = await fetch(endpoint, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify(message),
      ...(credentials && { credentials }),
      ...(signal ? { signal } : { keepalive: true }),
    })
    const isJson = response.headers.get("content-type")?.startsWith("application/json")
    answer = isJson ? ((await response.json()) as Answer | RefusalMessage) : undefined
  } catch {
    signal?.throwIfAborted()
    throw new UploadFailure("network", "The server could not be reached.")
  }
  if (response.ok && answer) return answer as Answer
  const { code, message: text } = (answer as RefusalMessage | undefined)?.error ?? {
    code: "unknown",
    message: `The server answered with ${response.status}.`,
  }
  throw new UploadFailure(code, text, response.status, Number(response.headers.get("retry-after")))
}
