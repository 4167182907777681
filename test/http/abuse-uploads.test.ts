import { once } from "node:events"
import { readdir } from "node:fs/promises"
import { connect } from "node:net"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import type { UploadOptions } from "@node-storages/core"
import { LocalStorage, type LocalStorageOptions } from "@node-storages/local"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { hooked, systemError } from "../../packages/local/test/faulty.ts"
import { namesOf } from "../names-of.ts"
import { PATIENCE } from "../patience.ts"
import { MEBIBYTE } from "../sample-bytes.ts"
import { until } from "../servers/until.ts"
import { everythingOf, exchange, parseResponse, type RawRequest } from "./raw-client.ts"
import { expectNoUnhandledRejections, HANDLERS, type Serve, serve, temporaryFolder } from "./served.ts"

const TYPE = { "content-type": "text/plain" }

function chunked(...chunks: readonly string[]): string {
  return chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join("")
}

/** A storage with one old file, served; what is left behind at the end is what `left` tells. */
async function uploadSite(handler: Serve, options: LocalStorageOptions = {}, serverOptions: object = {}) {
  expectNoUnhandledRejections()
  const root = await temporaryFolder()
  const signing = { baseUrl: "/", signingKeys: ["0123456789abcdef0123456789abcdef"] }
  await new LocalStorage(root).write("a.txt", "old")
  const storage = new LocalStorage(root, { ...signing, ...options })
  const served = await serve(handler, storage, {}, serverOptions)
  const put = async (given: UploadOptions, request: Omit<RawRequest, "method">) => {
    const { url } = await storage.signedUpload("a.txt", given)
    return served.ask(url, { ...TYPE, ...request.headers }, { method: "PUT", body: request.body })
  }
  /** Everything that there is, and whether the server still answers. */
  const left = async () => {
    const names = await Array.fromAsync(namesOf(storage))
    const text = await storage.open("a.txt").text()
    const temporary = await readdir(join(root, ".node-storages/tmp")).catch(() => [])
    const { status } = await served.ask(await storage.url("a.txt"))
    return { names, text, temporary, status }
  }
  return { ...served, storage, put, left }
}
const NOTHING_LEFT = { names: ["a.txt"], text: "old", temporary: [], status: 200 }

describe.each(HANDLERS)("uploads that are not what was signed, by %s", (_, handler) => {
  const site = (options?: LocalStorageOptions, serverOptions?: object) => uploadSite(handler, options, serverOptions)

  it("what is as signed is stored, with and without a length", async () => {
    const { put, left } = await site()
    const whole = await put({ maxSize: 10 }, { headers: { "content-length": "3" }, body: "new" })
    expect([whole.status, whole.headers["etag"]]).toEqual([200, expect.stringMatching(/^".+"$/)])
    expect(await left()).toEqual({ ...NOTHING_LEFT, text: "new" })
    const parts = await put(
      { size: 5 },
      { headers: { "transfer-encoding": "chunked" }, body: `${chunked("new", "er")}0\r\n\r\n` },
    )
    expect(parts.status).toBe(200)
    expect(await left()).toEqual({ ...NOTHING_LEFT, text: "newer" })
    const empty = await put({ size: 0 }, { headers: { "content-length": "0" } })
    expect([empty.status, (await left()).text]).toEqual([200, ""])
  })

  it.each([
    ["larger than allowed, announced", { maxSize: 5 }, { "content-length": "6" }, "123456", 413],
    [
      "larger than allowed, not announced",
      { maxSize: 5 },
      { "transfer-encoding": "chunked" },
      chunked("1234", "56"),
      413,
    ],
    ["larger than the size", { size: 5 }, { "content-length": "6" }, "123456", 413],
    ["smaller than the size", { size: 5 }, { "content-length": "4" }, "1234", 400],
    ["smaller than the size, not announced", { size: 5 }, { "transfer-encoding": "chunked" }, chunked("1234"), 400],
    ["of no bytes", { size: 5 }, { "content-length": "0" }, "", 400],
    ["without any body", { size: 5 }, {}, "", 400],
    ["of another type", {}, { "content-type": "text/html", "content-length": "1" }, "1", 403],
    ["of a type with more to it", {}, { "content-type": "text/plain; charset=x", "content-length": "1" }, "1", 403],
    ["of no type", {}, { "content-type": "", "content-length": "1" }, "1", 403],
    ["in an encoding", {}, { "content-encoding": "gzip", "content-length": "1" }, "1", 415],
  ] as const)("a body %s is refused", async (_what, given, headers, body, status) => {
    const { put, left } = await site()
    const end = "transfer-encoding" in headers ? "0\r\n\r\n" : ""
    const answer = await put(given, { headers, body: body + end })
    expect([answer.status, answer.isWhole]).toEqual([status, true])
    expect(await left()).toEqual(NOTHING_LEFT)
  })

  it.each([
    ["destroyed", "content-length: 1000\r\n\r\nonly this"],
    ["ended", "content-length: 1000\r\n\r\nonly this"],
    ["destroyed", `transfer-encoding: chunked\r\n\r\n${chunked("only this")}`],
    ["ended", `transfer-encoding: chunked\r\n\r\n${chunked("only this")}ff\r\nxx`],
  ])("a body that is cut short (%s) leaves nothing", async (how, rest) => {
    const { port, storage, left, errors } = await site()
    const { url } = await storage.signedUpload("a.txt", { maxSize: 5000 })
    const socket = connect(port, "127.0.0.1")
    const answer = everythingOf(socket)
    await new Promise<void>((sent) => {
      socket.write(`PUT ${url} HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\n${rest}`, () => sent())
    })
    await delay(20)
    if (how === "ended") socket.end()
    else socket.resetAndDestroy()
    const bytes = await answer
    if (bytes.byteLength > 0) expect(parseResponse(bytes).status).toBe(400)
    await until(async () => (await left()).temporary.length === 0)
    expect(await left()).toEqual(NOTHING_LEFT)
    expect(errors).toEqual([])
  })

  it.each([
    ["0x10\r\n", "no chunk"],
    ["-5\r\nabc\r\n0\r\n\r\n", "a negative size"],
    [`${"f".repeat(30)}\r\n`, "a size beyond all"],
  ])("a chunked body with %j is refused", async (body) => {
    const { port, storage, left } = await site()
    const { url } = await storage.signedUpload("a.txt")
    const head = `PUT ${url} HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n`
    expect((await exchange(port, Buffer.from(head + body))).status).toBe(400)
    await until(async () => (await left()).temporary.length === 0)
    expect(await left()).toEqual(NOTHING_LEFT)
  })

  it("a body that comes slowly is taken; one that stands still is given up by the server's limit", async () => {
    const send = async (pieces: readonly string[], limit: number) => {
      const limits = { requestTimeout: limit, headersTimeout: limit, connectionsCheckingInterval: 50 }
      const { port, storage, left } = await site({}, limits)
      const { url } = await storage.signedUpload("a.txt", { size: 20 })
      const socket = connect(port, "127.0.0.1")
      const answer = everythingOf(socket)
      const head = `PUT ${url} HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\nconnection: close\r\ncontent-length: 20\r\n\r\n`
      socket.write(head + pieces[0])
      for (const piece of pieces.slice(1)) {
        await delay(2)
        socket.write(piece)
      }
      const { status } = parseResponse(await answer)
      await until(async () => (await left()).temporary.length === 0)
      return [status, await left()]
    }
    expect(await send(["s".repeat(19)], 1000)).toEqual([408, NOTHING_LEFT])
    // On a busy machine it comes very slowly.
    const taken = [200, { ...NOTHING_LEFT, text: "s".repeat(20) }]
    expect(await send(Array.from("s".repeat(20)), PATIENCE)).toEqual(taken)
  })

  it.each(["ENOSPC", "EDQUOT"])(
    "a disk that is full in the middle is 507, and leaves the old file (%s)",
    async (code) => {
      let writes = 0
      const fileSystem = hooked((call) => {
        if (call === "handle.write" && ++writes === 3) throw systemError(code)
      })
      const { put, left, errors } = await site({ fileSystem })
      const size = 8 * MEBIBYTE
      const headers = { "content-length": String(size) }
      const answer = await put({ size }, { headers, body: Buffer.alloc(size, 1) })
      expect([answer.status, answer.isWhole, answer.body.toString()]).toEqual([507, true, "Insufficient Storage\n"])
      expect(writes).toBe(3)
      expect(errors).toHaveLength(1)
      expect(await left()).toEqual(NOTHING_LEFT)
      expect((await put({ size }, { headers, body: Buffer.alloc(size, "a") })).status).toBe(200)
    },
  )

  it("a URL is good until it expires, and only for what it was signed for", async () => {
    const { ask, storage, left } = await site()
    const { url, expiresAt } = await storage.signedUpload("a.txt", { expiresIn: "1h" })
    const request = { method: "PUT", body: "new" }
    const headers = { ...TYPE, "content-length": "3" }
    const status = async (path: string, method = "PUT") => (await ask(path, headers, { ...request, method })).status
    const readUrl = await storage.url("a.txt")
    const token = url.split("signed=")[1]!
    const [payload, signature] = token.split(".") as [string, string]
    const other = Buffer.from(Buffer.from(payload, "base64url").toString().replace("text/plain", "text/html"))
    for (const path of [
      "/a.txt",
      "/a.txt?signed=",
      readUrl,
      url.replace("a.txt", "b.txt"),
      `/a.txt?signed=${payload}`,
      `/a.txt?signed=${payload}.${signature.slice(0, -2)}`,
      `/a.txt?signed=${payload}.${signature.replace(/^./, (first) => (first === "A" ? "B" : "A"))}`,
      `/a.txt?signed=${other.toString("base64url")}.${signature}`,
      `/a.txt?signed=${"A".repeat(10_000)}.${signature}`,
    ]) {
      expect([path, await status(path)]).toEqual([path, 403])
    }
    expect(await status(url, "GET")).toBe(403)
    expect(await status(url, "POST")).toBe(405)
    expect(await left()).toEqual(NOTHING_LEFT)
    vi.useFakeTimers({ toFake: ["Date"], now: expiresAt.getTime() + 5 })
    onTestFinished(() => void vi.useRealTimers())
    expect(await status(url)).toBe(403)
    expect(await left()).toEqual(NOTHING_LEFT)
  })

  it("a hundred at once, of which each second one is cut short or too large, leave what was whole", async () => {
    const { put, port, storage, left } = await site()
    const headers = { "content-length": "4" }
    const all = Array.from({ length: 100 }, async (__, index) => {
      if (index % 4 === 1) return (await put({ maxSize: 3 }, { headers, body: "long" })).status
      if (index % 4 === 3) {
        const { url } = await storage.signedUpload("a.txt")
        const socket = connect(port, "127.0.0.1").on("error", () => {})
        socket.write(`PUT ${url} HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\ncontent-length: 4\r\n\r\nab`)
        await delay(5)
        socket.destroy()
        return 0
      }
      return (await put({}, { headers, body: "good" })).status
    })
    const statuses = await Promise.all(all)
    expect(statuses).toEqual(statuses.map((__, index) => [200, 413, 200, 0][index % 4]))
    await until(async () => (await left()).temporary.length === 0)
    expect(await left()).toEqual({ ...NOTHING_LEFT, text: "good" })
  })
})

describe("a flood, by nodeHandler", () => {
  it.each([{ "content-length": String(50 * MEBIBYTE) }, { "transfer-encoding": "chunked" }])(
    "a flood is answered with 413 and then cut off, whether its size is told or not (%j)",
    async (headers) => {
      const { port, storage, left } = await uploadSite(HANDLERS[0]![1])
      const { url } = await storage.signedUpload("a.txt", { maxSize: 100_000 })
      const socket = connect(port, "127.0.0.1")
      const answer = everythingOf(socket)
      const lines = Object.entries({ host: "x", ...TYPE, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
      socket.write(`PUT ${url} HTTP/1.1\r\n${lines.join("")}\r\n`)
      let sent = 0
      const chunk = Buffer.alloc(65_536, "a")
      while (!socket.destroyed && sent < 50 * MEBIBYTE) {
        if ("transfer-encoding" in headers) socket.write("10000\r\n")
        const isFull = !socket.write(chunk)
        if ("transfer-encoding" in headers) socket.write("\r\n")
        sent += chunk.byteLength
        if (isFull) await Promise.race([once(socket, "drain"), once(socket, "close")]).catch(() => {})
      }
      const { status, isWhole } = parseResponse(await answer)
      expect([status, isWhole]).toEqual([413, true])
      // What the sockets hold on both sides comes on top of what is let in.
      expect(sent).toBeLessThan(20 * MEBIBYTE)
      expect(await left()).toEqual(NOTHING_LEFT)
    },
  )
})
