import { once } from "node:events"
import {
  Agent,
  createServer,
  request,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { startFaultProxy, type FaultProxy } from "./fault-proxy.ts"
import { until } from "./until.ts"

interface Answer {
  status: number | undefined
  headers: IncomingHttpHeaders
  body: string
}

/** What the server received: one entry for each request that arrived to its end. */
let received: string[]
/** The server answers when this is fulfilled. */
let mayAnswer: Promise<void>
let proxy: FaultProxy
let agent: Agent
const cleanUp: (() => unknown)[] = []

beforeEach(async () => {
  received = []
  mayAnswer = Promise.resolve()
  const server = createServer((message, response) => void serve(message, response))
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  proxy = await startFaultProxy({ host: "127.0.0.1", port: (server.address() as AddressInfo).port })
  agent = new Agent({ keepAlive: true, maxSockets: 1 })
  cleanUp.push(
    () => agent.destroy(),
    () => proxy.stop(),
    () => server.close(),
    () => server.closeAllConnections(),
  )
})

async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(message).catch(() => undefined)
  if (body === undefined) return
  received.push(`${message.method} ${message.url} ${body}`)
  await mayAnswer
  response.end("0123456789")
}

afterEach(async () => {
  vi.useRealTimers()
  for (const action of cleanUp.splice(0)) await action()
})

async function send(method: string, path: string, body = "", headers: IncomingHttpHeaders = {}): Promise<Answer> {
  const outgoing = request(proxy.endpoint + path, { method, agent, headers: { ...headers } })
  outgoing.end(body)
  const response = once(outgoing, "response")
  // A reset during the answer is reported twice: here, and by the answer's own stream.
  outgoing.on("error", () => {})
  const [message] = await response
  return { status: message.statusCode, headers: message.headers, body: await text(message) }
}

const reset = { code: "ECONNRESET" }

describe("without a fault", () => {
  test("bytes pass as they are, and are counted", async () => {
    expect(await send("PUT", "/a%20b", "hello")).toMatchObject({ status: 200, body: "0123456789" })
    expect(await send("GET", "/c")).toMatchObject({ status: 200 })
    expect(received).toEqual(["PUT /a%20b hello", "GET /c "])
    const counts = proxy.counts()
    expect(counts).toMatchObject({ connections: 1, requests: 2, bytesHeld: 0, bytesSwallowed: 0, resets: 0 })
    expect(counts.bytesUp).toBeGreaterThan("PUT /a%20b HTTP/1.1hello".length)
    expect(counts.bytesDown).toBeGreaterThan(20)
    proxy.resetCounts()
    expect(proxy.counts()).toMatchObject({ connections: 0, requests: 0, bytesUp: 0, bytesDown: 0 })
  })

  test("megabytes pass through a reader that is slower than the writer", async () => {
    const body = "x".repeat(20_000_000)
    expect(await send("PUT", "/big", body)).toMatchObject({ status: 200 })
    expect(received[0]?.length).toBe("PUT /big ".length + body.length)
  })
})

describe("latency", () => {
  test("delays a request and its answer by the same time each", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] })
    proxy.latency(5_000)
    const answer = send("GET", "/")
    await until(() => proxy.counts().bytesHeld > 0)
    await vi.advanceTimersByTimeAsync(4_999)
    expect(proxy.counts()).toMatchObject({ bytesUp: 0 })
    await vi.advanceTimersByTimeAsync(1)
    await until(() => received.length === 1)
    await until(() => proxy.counts().bytesHeld > 0)
    await vi.advanceTimersByTimeAsync(4_999)
    expect(proxy.counts()).toMatchObject({ bytesDown: 0 })
    await vi.advanceTimersByTimeAsync(1)
    expect(await answer).toMatchObject({ status: 200 })
  })

  test("ends for bytes under way when it is cleared", async () => {
    proxy.latency(3_600_000)
    const answer = send("GET", "/")
    await until(() => proxy.counts().bytesHeld > 0)
    proxy.clear()
    expect(await answer).toMatchObject({ status: 200 })
  })
})

describe("resetAfter", () => {
  test("resets the client in the middle of an answer", async () => {
    const { headers } = await send("GET", "/")
    expect(headers["content-length"]).toBe("10")
    const { bytesDown } = proxy.counts()
    proxy.resetCounts()
    proxy.resetAfter({ down: bytesDown - 5 })
    await expect(send("GET", "/")).rejects.toMatchObject(reset)
    expect(proxy.counts()).toMatchObject({ bytesDown: bytesDown - 5, resets: 1 })
  })

  test("with 0 bytes down, loses the answer to a request that was carried out", async () => {
    proxy.resetAfter({ down: 0, times: 1 })
    await expect(send("PUT", "/key", "body")).rejects.toMatchObject(reset)
    expect(received).toEqual(["PUT /key body"])
    expect(proxy.counts()).toMatchObject({ bytesDown: 0, connections: 1 })
  })

  test("counts from now on a live connection, and ends after so many times", async () => {
    await send("PUT", "/", "x".repeat(1_000))
    proxy.resetAfter({ up: 500, times: 2 })
    expect(await send("GET", "/")).toMatchObject({ status: 200 })
    for (let times = 0; times < 2; times++) {
      await expect(send("PUT", "/", "x".repeat(1_000))).rejects.toMatchObject(reset)
    }
    expect(await send("PUT", "/", "x".repeat(1_000))).toMatchObject({ status: 200 })
    expect(proxy.counts()).toMatchObject({ resets: 2, connections: 3 })
  })
})

describe("refuse", () => {
  test("resets live and new connections until it is cleared", async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    mayAnswer = promise
    const live = send("GET", "/live")
    await until(() => received.length === 1)
    proxy.refuse()
    await expect(live).rejects.toMatchObject(reset)
    await expect(send("GET", "/new")).rejects.toMatchObject(reset)
    resolve()
    proxy.clear()
    expect(await send("GET", "/")).toMatchObject({ status: 200 })
    expect(proxy.counts()).toMatchObject({ refusals: 1, connections: 3 })
    expect(received).toEqual(["GET /live ", "GET / "])
  })

  test("ends by itself after so many times", async () => {
    proxy.refuse({ times: 1 })
    await expect(send("GET", "/")).rejects.toMatchObject(reset)
    expect(await send("GET", "/")).toMatchObject({ status: 200 })
  })
})

describe("freeze", () => {
  test("stops a live connection and a new one, and what was sent arrives afterwards", async () => {
    await send("GET", "/live")
    proxy.freeze()
    const live = send("GET", "/live")
    agent = new Agent()
    const fresh = send("GET", "/new")
    await until(() => proxy.counts().connections === 2 && proxy.counts().bytesHeld > "GET /liveGET /new".length)
    expect(proxy.counts()).toMatchObject({ requests: 1 })
    expect(received).toEqual(["GET /live "])
    proxy.clear()
    expect(await live).toMatchObject({ status: 200 })
    expect(await fresh).toMatchObject({ status: 200 })
    expect(proxy.counts()).toMatchObject({ bytesHeld: 0, bytesSwallowed: 0 })
  })

  test("holds back an answer whose request already passed", async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    mayAnswer = promise
    const answer = send("GET", "/")
    await until(() => received.length === 1)
    proxy.freeze()
    resolve()
    await until(() => proxy.counts().bytesHeld > 0)
    expect(proxy.counts()).toMatchObject({ bytesDown: 0 })
    proxy.clear()
    expect(await answer).toMatchObject({ status: 200 })
  })
})

describe("blackhole", () => {
  test("takes bytes that never arrive, and resets the connections that lost some when it is cleared", async () => {
    proxy.blackhole()
    const lost = send("PUT", "/lost", "body")
    await until(() => proxy.counts().bytesSwallowed > "PUT /lost HTTP/1.1body".length)
    proxy.clear()
    await expect(lost).rejects.toMatchObject(reset)
    expect(await send("GET", "/")).toMatchObject({ status: 200 })
    expect(received).toEqual(["GET / "])
  })
})

describe("answer503", () => {
  test("answers the next requests itself, on a connection that stays usable", async () => {
    await send("GET", "/before")
    proxy.answer503({ times: 2, retryAfter: 7 })
    const refused = await send("PUT", "/key", "body")
    expect(refused).toMatchObject({ status: 503, headers: { "retry-after": "7", "content-type": "application/xml" } })
    expect(refused.body).toContain("<Code>SlowDown</Code>")
    const chunked = await send("PUT", "/key", "body", { "transfer-encoding": "chunked" })
    expect(chunked).toMatchObject({ status: 503 })
    expect(await send("PUT", "/key", "body")).toMatchObject({ status: 200 })
    expect(received).toEqual(["GET /before ", "PUT /key body"])
    expect(proxy.counts()).toMatchObject({ answers: 2, requests: 4, connections: 1 })
  })

  test("answers HEAD without a body, until it is cleared", async () => {
    proxy.answer503()
    for (let times = 0; times < 3; times++) expect(await send("HEAD", "/")).toMatchObject({ status: 503, body: "" })
    proxy.clear()
    expect(await send("HEAD", "/")).toMatchObject({ status: 200 })
    expect(proxy.counts()).toMatchObject({ connections: 1 })
    expect(received).toEqual(["HEAD / "])
  })

  test("answers a client that waits for 100 Continue before it sends the body", async () => {
    proxy.answer503({ times: 1 })
    const headers = { expect: "100-continue", "content-length": "4" }
    const outgoing = request(proxy.endpoint, { method: "PUT", agent, headers })
    outgoing.flushHeaders()
    const [message] = await once(outgoing, "response")
    expect(message.statusCode).toBe(503)
    expect(await text(message)).toContain("SlowDown")
    outgoing.destroy()
    expect(await send("GET", "/")).toMatchObject({ status: 200 })
    expect(received).toEqual(["GET / "])
  })
})

test("faults that are set together apply together", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] })
  proxy.latency(1_000)
  proxy.answer503({ times: 1 })
  const answer = send("GET", "/")
  await until(() => proxy.counts().bytesHeld > 0)
  await vi.advanceTimersByTimeAsync(1_000)
  await until(() => proxy.counts().answers === 1)
  expect(proxy.counts()).toMatchObject({ bytesDown: 0 })
  await vi.advanceTimersByTimeAsync(1_000)
  expect(await answer).toMatchObject({ status: 503 })
})
