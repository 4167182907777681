import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { createServer, type ServerOptions } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { getRequestListener } from "@hono/node-server"
import type { Storage } from "@node-storages/core"
import { nodeHandler, type NodeHandler, serveStorage, type ServeOptions } from "@node-storages/http"
import { onTestFinished } from "vitest"
import { rawRequest, type RawRequest, type RawResponse } from "./raw-client.ts"

type Options = ServeOptions<object>

/** Makes a handler of `node:http`, by the package's own or by the one for web requests. */
export type Serve = (storage: Storage, options: Options) => NodeHandler

const byNode: Serve = (storage, options) => nodeHandler(storage, options)

/** As frameworks on Node do it. */
const byFetch: Serve = (storage, options) => {
  const handle = serveStorage(storage, options)
  return getRequestListener(handle, { overrideGlobalObjects: false })
}

/** For `describe.each`: what must hold for both. */
export const HANDLERS: readonly (readonly [name: string, serve: Serve])[] = [
  ["nodeHandler", byNode],
  ["serveStorage", byFetch],
]

/** A server on loopback. */
export interface Site {
  readonly port: number
  readonly origin: string
  /** What the handler was told by `onError`. */
  readonly errors: readonly unknown[]
  readonly ask: (
    path: string,
    headers?: RawRequest["headers"],
    more?: Omit<RawRequest, "headers">,
  ) => Promise<RawResponse>
}

/** Serves a storage until the test has ended. */
export async function serve(
  handlerOf: Serve,
  storage: Storage,
  options: Omit<Options, "onError"> = {},
  serverOptions: ServerOptions = {},
): Promise<Site> {
  const errors: unknown[] = []
  const handler = handlerOf(storage, { ...options, onError: (error: unknown) => void errors.push(error) })
  const server = createServer(serverOptions, (request, response) => void handler(request, response))
  await once(server.listen(0, "127.0.0.1"), "listening")
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const origin = `http://127.0.0.1:${port}`
  return {
    port,
    origin,
    errors,
    ask: (path, headers, more) => rawRequest(port, path, { ...more, headers }),
  }
}

/** What breaks off is said on the console by the server around the web handler. */
export function expectNoise(): void {
  const { error } = console
  console.error = () => {}
  onTestFinished(() => {
    console.error = error
  })
}

/** Fails the test in which a promise was rejected and nobody heard it. */
export function expectNoUnhandledRejections(): void {
  const unheard: unknown[] = []
  const listener = (reason: unknown) => void unheard.push(reason)
  process.on("unhandledRejection", listener)
  onTestFinished(async () => {
    await new Promise((resolve) => setTimeout(resolve, 5))
    process.off("unhandledRejection", listener)
    if (unheard.length > 0) throw new Error("A rejection was not handled.", { cause: unheard[0] })
  })
}

/** An empty folder, removed when the test has ended. */
export async function temporaryFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "node-storages-http-"))
  onTestFinished(() => rm(path, { recursive: true, force: true, maxRetries: 3 }))
  return path
}
