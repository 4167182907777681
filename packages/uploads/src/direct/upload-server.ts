import { checkOptions, type OptionNames, StorageError } from "@node-storages/core"
import {
  type Answer,
  type AnswerHeaders,
  checkedOrigins,
  emptyAnswer,
  type Incoming,
  PREFLIGHT_AGE,
  reporter,
} from "@node-storages/http/adapter"
import type { DirectUploadAction, DirectUploadMessage, RefusalMessage, UploadedFile } from "../browser/protocol.ts"
import { UploadError } from "../upload-error.ts"
import type { CompletedDirectUpload, DirectUploads } from "./direct-uploads.ts"
import { readMessage } from "./message.ts"

/** Who may upload, and what is done with a file that has arrived. */
export interface DirectUploadHandlerOptions<Native = Request> {
  /**
   * Who uploads: the answer is the owner's id, to whom the upload then belongs; true for nobody in particular. Anything
   * else, nothing and an empty id among it, is answered with 403. Asked at every request, before anything is done for it.
   */
  readonly authorize: (
    request: Native,
    /** `policy` is what the client wants, with the action `create` only. */
    asked: { readonly action: DirectUploadAction; readonly policy: string | undefined },
  ) => string | boolean | undefined | Promise<string | boolean | undefined>
  /**
   * Called with a file that has arrived and was looked at, before the browser is told: the place to remember it. What it
   * answers, as JSON, is `data` in the browser. Where the browser did not hear the answer it is called again for the same
   * file. What it throws is answered with 500.
   */
  readonly onComplete?: ((upload: CompletedDirectUpload, request: Native) => unknown) | undefined
  /** Origins of pages, other than the handler's own, that may upload: `["https://www.example.com"]`. Default: none. */
  readonly allowOrigins?: readonly string[] | undefined
  /** Told of errors that were answered with 5xx. Default: `console.error`. */
  readonly onError?: ((error: unknown, request: Native) => void) | undefined
}

const OPTIONS: OptionNames<DirectUploadHandlerOptions> = {
  authorize: true,
  onComplete: true,
  allowOrigins: true,
  onError: true,
}

const encoder = new TextEncoder()

/** Answers the browser's half, whatever the framework. */
export class UploadServer<Native> {
  /** For answers that could not be sent. */
  readonly report: (error: unknown, request: Native) => void
  readonly #uploads: DirectUploads
  readonly #options: DirectUploadHandlerOptions<Native>
  readonly #origins: ReadonlySet<string>

  /** @throws StorageError `invalid-option` */
  constructor(uploads: DirectUploads, options: DirectUploadHandlerOptions<Native>, subject: string) {
    checkOptions(subject, options, OPTIONS)
    const { authorize, allowOrigins = [] } = options
    if (typeof authorize !== "function") {
      throw new StorageError(
        "invalid-option",
        `${subject}: authorize must be a function that tells who uploads. For everybody: authorize: () => true.`,
      )
    }
    this.#uploads = uploads
    this.#options = options
    this.#origins = checkedOrigins(allowOrigins, subject)
    this.report = reporter(options.onError)
  }

  /** Never rejects. */
  async respond(request: Incoming<Native>): Promise<Answer> {
    let answer
    try {
      answer = await this.#answer(request)
    } catch (error) {
      answer = this.#failure(error, request.native)
    }
    return { ...answer, headers: { ...answer.headers, ...this.#originHeaders(request) } }
  }

  async #answer(request: Incoming<Native>): Promise<Answer> {
    const { headers, method, native } = request
    if (method === "OPTIONS" && headers["access-control-request-method"] !== undefined) return preflight(headers)
    if (method !== "POST") return json(405, refusal("method-not-allowed", "Uploads take POST."), { allow: "POST" })
    // Beside the content type, which only a page of an allowed origin can set: browsers tell where a request comes from.
    if (headers["sec-fetch-site"] === "cross-site" && !this.#origins.has(headers["origin"] ?? "")) {
      return json(403, refusal("forbidden", "Pages of this origin may not upload."))
    }
    const message = await readMessage(request)
    const policy = message.action === "create" ? message.policy : undefined
    const verdict = await this.#options.authorize(native, { action: message.action, policy })
    if (verdict !== true && (typeof verdict !== "string" || verdict === ""))
      return json(403, refusal("forbidden", "You may not upload this."))
    return json(200, await this.#act(message, verdict === true ? undefined : verdict, native))
  }

  async #act(message: DirectUploadMessage, owner: string | undefined, native: Native): Promise<unknown> {
    const uploads = this.#uploads
    switch (message.action) {
      case "create": {
        const { policy, name, size, type, sha256 } = message
        return uploads.createDirectUpload({ policy, name, size, type, sha256, owner })
      }
      case "resume":
        return uploads.resumeDirectUpload(message.token, { owner })
      case "parts":
        return { parts: await uploads.signParts(message.token, message.numbers, { owner }) }
      case "complete": {
        const completed = await uploads.completeDirectUpload(message.token, { owner })
        const data = await this.#options.onComplete?.(completed, native)
        const { name, url, size, type } = completed
        return { name, url, size, type, data } satisfies UploadedFile
      }
      case "abort":
        await uploads.abortDirectUpload(message.token, { owner })
        return {}
    }
  }

  #originHeaders({ headers }: Incoming<Native>): AnswerHeaders {
    if (this.#origins.size === 0) return {}
    const origin = headers["origin"] ?? ""
    if (!this.#origins.has(origin)) return { vary: "origin" }
    return {
      vary: "origin",
      "access-control-allow-origin": origin,
      "access-control-allow-credentials": "true",
      "access-control-expose-headers": "retry-after",
    }
  }

  #failure(error: unknown, native: Native): Answer {
    if (UploadError.is(error)) return json(error.status, refusal(error.code, error.message))
    this.report(error, native)
    const again = StorageError.is(error) && error.retryable
    const retryAfter = again && error.retryAfter !== undefined ? Math.ceil(error.retryAfter) : undefined
    return json(
      again ? 503 : 500,
      refusal(again ? "unavailable" : "internal", "The server could not do it."),
      retryAfter === undefined ? {} : { "retry-after": String(retryAfter) },
    )
  }
}

/** Who may ask is told by the origin's headers. */
function preflight(headers: Incoming<unknown>["headers"]): Answer {
  return emptyAnswer(204, {
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": headers["access-control-request-headers"] ?? "content-type",
    "access-control-max-age": PREFLIGHT_AGE,
  })
}

function refusal(code: string, message: string): RefusalMessage {
  return { error: { code, message } }
}

function json(status: number, value: unknown, headers: AnswerHeaders = {}): Answer {
  const body = encoder.encode(JSON.stringify(value))
  return {
    status,
    headers: {
      "content-type": "application/json",
      "content-length": String(body.byteLength),
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      ...headers,
    },
    body,
  }
}
