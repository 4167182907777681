import { once } from "node:events"
import {
  createServer,
  request,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from "node:http"
import type { AddressInfo } from "node:net"

/** What the proxy answers itself. */
export interface OwnAnswer {
  readonly status: number
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string
}

export interface AlteringProxy {
  readonly host: string
  readonly port: number
  /** Changes the headers of every answer of the server. */
  alter: (headers: IncomingHttpHeaders) => OutgoingHttpHeaders
  /** Answers in the server's place where it gives something. */
  answer: (request: IncomingMessage) => OwnAnswer | undefined
  stop(): Promise<void>
}

/**
 * An HTTP proxy in front of a server that passes requests on as they are, `Host` and so signatures too, and changes what
 * the server answers.
 */
export async function startAlteringProxy(target: string): Promise<AlteringProxy> {
  const { hostname, port } = new URL(target)
  const listener = createServer((incoming, outgoing) => {
    const own = proxy.answer(incoming)
    if (own) {
      incoming.resume()
      outgoing.writeHead(own.status, own.headers).end(own.body)
      return
    }
    const { method, url, headers } = incoming
    const passed = request({ hostname, port, method, path: url, headers, agent: false }, (answered) => {
      outgoing.writeHead(answered.statusCode!, proxy.alter(answered.headers))
      answered.pipe(outgoing)
    })
    passed.on("error", () => outgoing.destroy())
    incoming.pipe(passed)
  })
  listener.listen(0, "127.0.0.1")
  await once(listener, "listening")
  const { address: host, port: own } = listener.address() as AddressInfo
  const proxy: AlteringProxy = {
    host,
    port: own,
    alter: (headers) => headers,
    answer: () => undefined,
    async stop() {
      listener.close()
      listener.closeAllConnections()
      await once(listener, "close")
    },
  }
  return proxy
}
