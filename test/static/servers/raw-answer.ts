import { get, type IncomingMessage } from "node:http"
import { buffer } from "node:stream/consumers"

export interface RawAnswer {
  readonly status: number
  readonly headers: IncomingMessage["headers"]
  /** As it was sent, not decoded. */
  readonly body: Buffer
}

/** Asks for a path as it is written: a URL would take dots and slashes out of it first. */
export async function askFor(
  origin: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<RawAnswer> {
  const { hostname, port } = new URL(origin)
  const message = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ hostname, port, path, headers }, resolve).once("error", reject)
  })
  return { status: message.statusCode!, headers: message.headers, body: await buffer(message) }
}
