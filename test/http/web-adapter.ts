import type { IncomingMessage, ServerResponse } from "node:http"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import type { ReadableStream } from "node:stream/web"

/** A request of Node as one of the Fetch standard, as frameworks on Node make it. */
export function nodeRequest(request: IncomingMessage): Request {
  const url = new URL(request.url!, `http://${request.headers.host}`)
  const { method = "GET" } = request
  const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)])
  const hasBody = method !== "GET" && method !== "HEAD" && method !== "OPTIONS"
  return new Request(url, {
    method,
    headers,
    ...(hasBody && { body: Readable.toWeb(request) as ReadableStream<Uint8Array<ArrayBuffer>>, duplex: "half" }),
  })
}

export async function sendResponse(answer: Response, response: ServerResponse): Promise<void> {
  response.writeHead(answer.status, Object.fromEntries(answer.headers))
  if (answer.body === null) return void response.end()
  // The client may go away.
  await pipeline(Readable.fromWeb(answer.body), response).catch(() => {})
}
