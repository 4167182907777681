import type { Incoming } from "@node-storages/http/adapter"
import type { DirectUploadMessage } from "../browser/protocol.ts"
import { UploadError } from "../upload-error.ts"

/** A token with metadata and a hundred numbers fits. In bytes. */
const MOST_BYTES = 64 * 1024

/**
 * The message of a request. Its content type must be JSON: a form of another site can't send that without being asked
 * by the browser whether it may (CORS), so that nobody's cookies are used against them.
 * @throws UploadError `malformed-request`, `total-too-large`
 */
export async function readMessage({ headers, native, body }: Incoming<unknown>): Promise<DirectUploadMessage> {
  if (!/^application\/json\s*(?:;|$)/i.test(headers["content-type"] ?? "")) {
    throw new UploadError("malformed-request", 'The content type must be "application/json".')
  }
  // What a framework has read already, as express.json() does.
  const parsed: unknown = native instanceof Request ? undefined : (native as { body?: unknown }).body
  return checkMessage(typeof parsed === "object" && parsed !== null ? parsed : parse(await readText(body())))
}

async function readText(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = []
  let size = 0
  for await (const chunk of chunks) {
    size += chunk.byteLength
    if (size > MOST_BYTES) throw new UploadError("total-too-large", `The message has more than ${MOST_BYTES} bytes.`)
    all.push(chunk)
  }
  return Buffer.concat(all).toString()
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new UploadError("malformed-request", "The body is no JSON.", { cause: error })
  }
}

/** The members are checked by those who use them. */
function checkMessage(message: unknown): DirectUploadMessage {
  const { action, token } = (message ?? {}) as { action?: unknown; token?: unknown }
  const isKnown =
    action === "create" || action === "resume" || action === "parts" || action === "complete" || action === "abort"
  if (isKnown && (action === "create" || typeof token === "string")) return message as DirectUploadMessage
  throw new UploadError(
    "malformed-request",
    'The message must have an "action" (create, resume, parts, complete, abort), and but for "create" a "token".',
  )
}
