// node test/bench/servers/cheap-s3-process.ts LATENCY
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { setTimeout as delay } from "node:timers/promises"
import { type Answer, CheapBuckets } from "./cheap-buckets.ts"
import type { ServerTold } from "./cheap-s3.ts"

const latency = Number(process.argv[2] ?? 0)
const tell = (told: ServerTold) => process.send!(told)
const buckets = new CheapBuckets()
let requests = 0
let connections = 0

const server = createServer({ keepAliveTimeout: 600_000, requestTimeout: 0 }, (request, response) => {
  requests++
  void handle(request, response).catch((error: unknown) => {
    console.error(error)
    response.destroy()
  })
})
server.on("connection", (socket) => {
  connections++
  socket.setNoDelay(true)
})
server.maxRequestsPerSocket = 0

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const late = latency > 0 ? delay(latency) : undefined
  const answer = await buckets.answer(request)
  if (late) await late
  await send(answer, request.method === "HEAD", response)
}

async function send({ status, headers, body }: Answer, withoutBody: boolean, response: ServerResponse): Promise<void> {
  const length = body === undefined ? 0 : typeof body === "string" ? Buffer.byteLength(body) : body.size
  response.writeHead(status, {
    "x-amz-request-id": "BENCH",
    ...(status === 204 ? {} : { "content-length": length }),
    ...headers,
  })
  if (withoutBody || body === undefined) return void response.end()
  if (typeof body === "string") return void response.end(body)
  if (body.bytes) return void response.end(body.bytes)
  for (const chunk of body.chunks()) {
    if (response.destroyed) return
    if (!response.write(chunk))
      await new Promise<void>((resolve) => {
        const go = () => {
          response.off("drain", go).off("close", go)
          resolve()
        }
        response.on("drain", go).on("close", go)
      })
  }
  response.end()
}

process.on("message", () => {
  tell({ requests, connections })
  requests = connections = 0
})
process.on("disconnect", () => process.exit())
server.listen(0, "127.0.0.1", 4096, () => tell({ port: (server.address() as AddressInfo).port }))
