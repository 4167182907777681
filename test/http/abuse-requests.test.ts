import { once } from "node:events"
import { connect } from "node:net"
import { setTimeout as delay } from "node:timers/promises"
import { serveStorage } from "@node-storages/http"
import { LocalStorage } from "@node-storages/local"
import { MemoryStorage } from "@node-storages/memory"
import { describe, expect, it } from "vitest"
import { MEBIBYTE, sampleBytes } from "../sample-bytes.ts"
import { parseByteranges } from "./byteranges.ts"
import { everythingOf, exchange, parseResponse } from "./raw-client.ts"
import { expectNoUnhandledRejections, HANDLERS, serve, temporaryFolder } from "./served.ts"

const SIZE = 200_000
const BYTES = Buffer.from(sampleBytes(SIZE))
/** As many bytes of headers as a server can be made to take. */
const LARGE_HEADERS = { maxHeaderSize: 2 * MEBIBYTE }

function times(count: number, part: (index: number) => string, separator = ","): string {
  return Array.from({ length: count }, (_, index) => part(index)).join(separator)
}

/** Values that are long, and of which each is a way to make a parser slow. */
const BOMBS: Record<string, readonly string[]> = {
  range: [
    `bytes=${times(100_000, (index) => `${index}-${index}`)}`,
    `bytes=${times(100_000, () => "0-")}`,
    `bytes=${times(100_000, () => "-1")}`,
    `bytes=${times(100_000, () => "0-0")}`,
    `bytes=${",".repeat(1_000_000)}`,
    `bytes=0-1${" ".repeat(1_000_000)}x`,
    `bytes=0-1${"\t ".repeat(500_000)},2-3`,
    `bytes=${" ".repeat(1_000_000)}0-1`,
    `bytes=${"9".repeat(1_000_000)}-`,
    `bytes=-${"9".repeat(1_000_000)}`,
    `bytes=0-${"0".repeat(1_000_000)}`,
    `${"bytes".repeat(200_000)}=0-1`,
    `${" ".repeat(1_000_000)}bytes=0-1`,
    `bytes${"=".repeat(1_000_000)}`,
  ],
  "if-none-match": [
    times(100_000, (index) => `"${index}"`),
    times(100_000, () => "W/"),
    `"a"${" ,".repeat(400_000)}x`,
    `"a"${" ".repeat(1_000_000)}x`,
    `"${"a".repeat(1_000_000)}`,
    '"'.repeat(1_000_000),
    ",".repeat(1_000_000),
  ],
  "if-range": ['"'.repeat(1_000_000), "W/".repeat(500_000), " ".repeat(1_000_000), `"${"a".repeat(1_000_000)}"`],
  "if-modified-since": [
    "Sun, ".repeat(200_000),
    " ".repeat(1_000_000),
    `Sun, 06 Nov 1994 08:49:37 GMT${" ".repeat(900_000)}x`,
  ],
  "accept-encoding": [
    times(100_000, () => "gzip;q=0.1"),
    times(100_000, (index) => `x${index}`),
    `gzip${" ".repeat(1_000_000)}x`,
    `gzip;q=${"0".repeat(1_000_000)}`,
    ",;=".repeat(300_000),
  ],
  origin: ["https://".repeat(100_000)],
  cookie: [times(100_000, (index) => `a${index}=b`, "; ")],
}
BOMBS["if-match"] = BOMBS["if-none-match"]!
BOMBS["if-unmodified-since"] = BOMBS["if-modified-since"]!

describe.each(HANDLERS)("requests that want to do harm, by %s", (_, handler) => {
  const site = async (serverOptions: object = {}) => {
    expectNoUnhandledRejections()
    const storage = new MemoryStorage()
    await storage.write("a.js", BYTES)
    return serve(handler, storage, { precompressed: true, allowOrigins: ["https://a.example"] }, serverOptions)
  }

  it.each(Object.entries(BOMBS))("%s of a megabyte is answered at once", async (name, values) => {
    const { port, errors } = await site(LARGE_HEADERS)
    for (const value of values) {
      for (const more of name === "if-range" ? ["range: bytes=0-1\r\n"] : [""]) {
        const before = process.cpuUsage()
        const head = `GET /a.js HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${more}${name}: ${value}\r\n\r\n`
        const { status, isWhole } = await exchange(port, Buffer.from(head))
        const shown = `${name}: ${value.slice(0, 40)}`
        expect([shown, isWhole, [200, 206, 304, 412, 416].includes(status)]).toEqual([shown, true, true])
        // In microseconds of work, which do not grow with the work of others.
        expect([shown, process.cpuUsage(before).user < 2_000_000]).toEqual([shown, true])
      }
    }
    expect(errors).toEqual([])
  })

  it("thousands of ranges are one whole answer, and fifty are parts; never more bytes than that", async () => {
    const { ask } = await site(LARGE_HEADERS)
    for (const range of [
      `bytes=${times(5000, (index) => `${index * 2}-${index * 2}`)}`,
      `bytes=${times(5000, () => "0-")}`,
      `bytes=${times(51, (index) => `${index * 1000}-${index * 1000}`)}`,
    ]) {
      const { status, body } = await ask("/a.js", { range })
      expect([status, body.equals(BYTES)]).toEqual([200, true])
    }
    const fifty = await ask("/a.js", { range: `bytes=${times(50, (index) => `${index * 1000}-${index * 1000 + 1}`)}` })
    expect(parseByteranges(fifty.headers["content-type"], fifty.body)).toHaveLength(50)
    // Overlapping ranges are joined: nobody gets the file fifty times.
    for (const range of [
      `bytes=${times(50, () => "0-")}`,
      `bytes=${times(50, (index) => `${index}-`)}`,
      `bytes=${times(49, (index) => `${index * 100}-199999`)},-1`,
    ]) {
      const { status, body, headers } = await ask("/a.js", { range })
      expect([200, 206]).toContain(status)
      expect(body.byteLength).toBeLessThanOrEqual(SIZE)
      expect(headers["content-type"]).toMatch(/^text\/javascript/)
    }
  })

  it("more headers than the server takes are 431, and the next request is answered", async () => {
    const { port, ask } = await site()
    const head = (lines: string) => Buffer.from(`GET /a.js HTTP/1.1\r\nhost: x\r\n${lines}\r\n`)
    expect((await exchange(port, head(`range: bytes=${"0-1,".repeat(10_000)}\r\n`))).status).toBe(431)
    expect((await exchange(port, head(times(3000, (index) => `x-${index}: y\r\n`, "")))).status).toBe(431)
    expect((await ask("/a.js")).status).toBe(200)
  })

  it("the same header several times is as if they were joined, or the first of them", async () => {
    const { port } = await site()
    const status = async (...lines: readonly string[]) => {
      const head = ["GET /a.js HTTP/1.1", "host: x", "connection: close", ...lines].join("\r\n")
      return (await exchange(port, Buffer.from(`${head}\r\n\r\n`))).status
    }
    expect(await status("range: bytes=0-1", "range: bytes=5-6")).toBe(200)
    expect(await status('if-none-match: "a"', "if-none-match: *")).toBe(200)
    expect(await status('if-match: "a"', 'if-match: "b"')).toBe(412)
    expect(await status("if-range: a", "if-range: b", "range: bytes=0-1")).toBe(200)
    expect(await status("accept-encoding: x", "accept-encoding: br", "origin: a", "origin: b")).toBe(200)
  })

  it("requests on one connection, sent at once, are answered in order", async () => {
    const { port } = await site()
    const range = (index: number) => `GET /a.js HTTP/1.1\r\nhost: x\r\nrange: bytes=${index * 10}-${index * 10 + 9}\r\n`
    const socket = connect(port, "127.0.0.1")
    const answer = everythingOf(socket)
    socket.write(times(100, (index) => `${range(index)}${index === 99 ? "connection: close\r\n" : ""}\r\n`, ""))
    const starts = [...(await answer).toString("latin1").matchAll(/content-range: bytes (\d+)-/gi)].map(
      (match) => +match[1]!,
    )
    expect(starts).toEqual(Array.from({ length: 100 }, (__, index) => index * 10))
  })

  it("a GET with a body is answered, and the body is not taken for the next request", async () => {
    const { port } = await site()
    const smuggled = "GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n"
    const head = `GET /missing HTTP/1.1\r\nhost: x\r\ncontent-length: ${smuggled.length}\r\n\r\n${smuggled}`
    const last = "GET /a.js HTTP/1.1\r\nhost: x\r\nrange: bytes=0-0\r\nconnection: close\r\n\r\n"
    const socket = connect(port, "127.0.0.1")
    const answer = everythingOf(socket)
    socket.write(head + last)
    const statuses = [...(await answer).toString("latin1").matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1])
    // The connection may end with the first answer.
    expect([["404"], ["404", "206"]]).toContainEqual(statuses)
  })

  it("a client that reads nothing costs no memory, however large the file is", async () => {
    expectNoUnhandledRejections()
    const storage = new LocalStorage(await temporaryFolder())
    const size = 200 * MEBIBYTE
    await storage.write("large.bin", zeros(size))
    const { port } = await serve(handler, storage)
    globalThis.gc?.()
    const before = process.memoryUsage.rss()
    const sockets = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const socket = connect(port, "127.0.0.1")
        socket.write("GET /large.bin HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        await once(socket, "readable")
        return socket
      }),
    )
    let peak = 0
    for (let turn = 0; turn < 20; turn++) {
      await delay(25)
      peak = Math.max(peak, process.memoryUsage.rss() - before)
    }
    expect(peak).toBeLessThan(60 * MEBIBYTE)
    // And who begins to read at last gets all of it.
    let length = 0
    for await (const chunk of sockets.pop()!) length += (chunk as Buffer).byteLength
    expect(length).toBeGreaterThan(size)
    for (const socket of sockets) socket.destroy()
  })
})

async function* zeros(size: number): AsyncGenerator<Uint8Array> {
  for (let given = 0; given < size; given += MEBIBYTE) yield new Uint8Array(MEBIBYTE)
}

describe("a web request with headers that no server of Node lets through", () => {
  it("is answered", async () => {
    const storage = new MemoryStorage()
    await storage.write("a.js", "x")
    const handle = serveStorage(storage, { precompressed: true })
    for (const [name, values] of Object.entries(BOMBS)) {
      for (const value of values) {
        const { status } = await handle(new Request("http://x/a.js", { headers: { [name]: value } }))
        expect([name, [200, 206, 304, 412, 416].includes(status)]).toEqual([name, true])
      }
    }
  })
})

describe("what comes back to this test's client", () => {
  it("is seen to be cut short", () => {
    const short = Buffer.from("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n1234")
    expect(parseResponse(short).isWhole).toBe(false)
    expect(parseResponse(Buffer.concat([short, Buffer.from("5")])).isWhole).toBe(true)
    const chunks = Buffer.from("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n")
    expect(parseResponse(chunks).isWhole).toBe(false)
    expect(parseResponse(Buffer.concat([chunks, Buffer.from("0\r\n\r\n")])).isWhole).toBe(true)
  })
})
