import { once } from "node:events"
import { connect } from "node:net"
import { text } from "node:stream/consumers"
import { afterEach, describe, expect, test, vi } from "vitest"
import { bareConnection } from "./bare-connection.ts"
import { startFaultProxy } from "./fault-proxy.ts"
import { someTurns, until } from "./until.ts"

afterEach(() => void vi.useRealTimers())

const reset = { code: "ECONNRESET" }

test("a client sees a reset when the server is absent", async () => {
  const gone = await bareConnection()
  await gone.proxy.stop()
  const proxy = await startFaultProxy({ host: gone.proxy.host, port: gone.proxy.port })
  const client = connect(proxy.port, proxy.host)
  await expect(once(client, "close")).rejects.toMatchObject(reset)
  await proxy.stop()
})

describe("a writer that is faster than the proxy may pass bytes on", () => {
  const limit = 8_000_000
  const body = "x".repeat(100_000_000)

  test("is slowed down when the server does not read", async () => {
    const bare = await bareConnection()
    bare.pauseServer()
    bare.client.write(body)
    await until(() => bare.proxy.counts().bytesHeld > 0 && bare.client.writableLength > 0)
    await someTurns()
    expect(bare.proxy.counts().bytesHeld).toBeGreaterThan(0)
    expect(bare.proxy.counts().bytesHeld).toBeLessThan(limit)
  })

  test("is slowed down when the proxy is frozen", async () => {
    const bare = await bareConnection()
    bare.proxy.freeze()
    bare.client.write(body)
    await until(() => bare.proxy.counts().bytesHeld > 0)
    await someTurns()
    expect(bare.proxy.counts().bytesHeld).toBeLessThan(limit)
  })
})

test("bytes under way arrive although client and server have closed their sides", async () => {
  const bare = await bareConnection({ allowHalfOpen: true })
  bare.client.end("question")
  await until(() => bare.arrived() === "question")
  bare.proxy.latency(3_600_000)
  const closed = bare.endServer("answer")
  await until(() => bare.proxy.counts().bytesHeld === "answer".length)
  await closed
  await someTurns()
  bare.proxy.clear()
  expect(await text(bare.client)).toBe("answer")
})

describe("rate", () => {
  test("lets so many bytes pass in a second", async () => {
    const bare = await bareConnection()
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] })
    bare.proxy.rate(100)
    bare.client.write("x".repeat(1_000))
    await until(() => bare.proxy.counts().bytesUp > 0)
    const before = bare.proxy.counts().bytesUp
    for (const second of [1, 2, 3]) {
      await vi.advanceTimersByTimeAsync(1_000)
      expect(bare.proxy.counts().bytesUp - before).toBe(100 * second)
    }
    bare.proxy.clear()
    await until(() => bare.arrived().length === 1_000)
  })

  test("refuses a rate at which nothing would ever arrive", async () => {
    const bare = await bareConnection()
    expect(() => bare.proxy.rate(0)).toThrow(RangeError)
  })
})

test("resetAfter resets the client once so many bytes went to the server", async () => {
  const bare = await bareConnection()
  bare.proxy.resetAfter({ up: 4 })
  bare.client.write("0123456789")
  await expect(once(bare.client, "close")).rejects.toMatchObject(reset)
  await until(() => bare.arrived() === "0123")
  expect(bare.proxy.counts()).toMatchObject({ bytesUp: 4, resets: 1 })
})

test("answer503 ends the connection of a client that waits for 100 Continue, as it may never send the body", async () => {
  const bare = await bareConnection()
  bare.proxy.answer503({ times: 1 })
  bare.client.write("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
  expect(await text(bare.client)).toMatch(/^HTTP\/1\.1 503 (.+\r\n)+Connection: close\r\n\r\n<\?xml/)
  expect(bare.arrived()).toBe("")
})

test("stop ends live connections and gives the port back", async () => {
  const bare = await bareConnection()
  bare.proxy.freeze()
  await bare.proxy.stop()
  await expect(once(bare.client, "close")).rejects.toMatchObject(reset)
  const late = connect(bare.proxy.port, bare.proxy.host)
  await expect(once(late, "connect")).rejects.toMatchObject({ code: "ECONNREFUSED" })
})
