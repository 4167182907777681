// node serving-server.ts <kind> <folder>: serves the folder on loopback, and prints its port. A process of its own for
// each that is measured, so that none shares a heap or compiled code with another.
import { createReadStream, openSync, read, readFileSync, statSync } from "node:fs"
import { createServer, type RequestListener, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { promisify } from "node:util"
import fastifyStatic from "@fastify/static"
import { getRequestListener } from "@hono/node-server"
import { nodeHandler, serveStorage } from "@node-storages/http"
import { LocalStorage } from "@node-storages/local"
import express from "express"
import Fastify from "fastify"
import sirv from "sirv"

const [kind = "", folder = ""] = process.argv.slice(2)
const BLOCK = 512 * 1024
const readBlock = promisify(read)

/** As little as a server can do that knows its files: bytes and headers of the small one at hand, blocks of the large. */
function floor(): RequestListener {
  const small = readFileSync(join(folder, "small.bin"))
  const large = openSync(join(folder, "large.bin"), "r")
  const size = statSync(join(folder, "large.bin")).size
  const headersOf = (length: number) =>
    Object.entries({
      "content-type": "application/octet-stream",
      "content-length": String(length),
      "cache-control": "no-cache",
      etag: '"2800-660ce1f4f4a6c"',
      "last-modified": "Sun, 06 Nov 1994 08:49:37 GMT",
    }).flat()
  const [ofSmall, ofLarge] = [headersOf(small.byteLength), headersOf(size)]
  const spare: Buffer[] = []
  const sendLarge = async (response: ServerResponse) => {
    response.writeHead(200, ofLarge)
    const block = spare.pop() ?? Buffer.allocUnsafeSlow(BLOCK)
    for (let position = 0; position < size && !response.destroyed; position += BLOCK) {
      const { bytesRead } = await readBlock(large, block, 0, BLOCK, position)
      await new Promise((written) => response.write(block.subarray(0, bytesRead), written))
    }
    spare.push(block)
    response.end()
  }
  return (request, response) => {
    if (request.url === "/small.bin") response.writeHead(200, ofSmall).end(small)
    else void sendLarge(response)
  }
}

/** What is written most often. */
const plainStream: RequestListener = (request, response) => {
  const path = join(folder, request.url!)
  response.writeHead(200, { "content-length": statSync(path).size })
  createReadStream(path).pipe(response)
}

function ours(cache: boolean): RequestListener {
  const handle = nodeHandler(new LocalStorage(folder), { cache })
  return (request, response) => void handle(request, response)
}

const LISTENERS: Readonly<Record<string, () => RequestListener>> = {
  floor,
  "nodeHandler, cache": () => ours(true),
  nodeHandler: () => ours(false),
  "serveStorage by @hono/node-server, cache": () => {
    const listener = getRequestListener(serveStorage(new LocalStorage(folder), { cache: true }))
    return (request, response) => void listener(request, response)
  },
  sirv: () => sirv(folder, { dev: false }),
  "express.static": () => express().use(express.static(folder)) as RequestListener,
  createReadStream: () => plainStream,
}

if (kind === "@fastify/static") {
  const app = Fastify().register(fastifyStatic, { root: folder })
  await app.listen({ port: 0, host: "127.0.0.1" })
  console.log((app.server.address() as AddressInfo).port)
} else {
  const server = createServer(LISTENERS[kind]!())
  server.listen(0, "127.0.0.1", () => console.log((server.address() as AddressInfo).port))
}
// An orderly end, so that `BENCH_NODE_OPTIONS=--cpu-prof` writes its profile.
process.on("SIGINT", () => process.exit())
