import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import type { Storage } from "@node-storages/core"
import { evaluatePreconditions, formatHttpDate, matchesIfRange, parseRange } from "@node-storages/http"
import { MemoryStorage } from "@node-storages/memory"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

const NAME = "report.txt"
const TEXT = "0123456789".repeat(100)

/** As little of a server as the rules need, on what a storage tells of its files. */
async function answer(storage: Storage, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = "GET", headers } = request
  const info = await storage.stat(NAME)
  response.setHeader("ETag", info.etag!).setHeader("Last-Modified", formatHttpDate(info.modified))
  const asked = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value?.toString()]))
  const outcome = evaluatePreconditions(method, asked, info)
  if (outcome !== "proceed") {
    response.writeHead(outcome === "failed" ? 412 : 304).end()
    return
  }
  const range = parseRange(matchesIfRange(asked["if-range"], info) ? asked["range"] : undefined, info.size)
  if (range.kind === "unsatisfiable") {
    response.writeHead(416, { "Content-Range": `bytes */${info.size}` }).end()
    return
  }
  const [{ start, end } = { start: 0, end: info.size }] = range.kind === "parts" ? range.ranges : []
  if (range.kind === "parts") response.setHeader("Content-Range", `bytes ${start}-${end - 1}/${info.size}`)
  response.statusCode = range.kind === "parts" ? 206 : 200
  response.end(await storage.open(NAME).slice(start, end).bytes())
}

describe("the rules of HTTP, with what a storage tells of a file, over a connection", () => {
  const storage = new MemoryStorage()
  const server = createServer((request, response) => void answer(storage, request, response))
  let url: string
  beforeAll(async () => {
    await storage.write(NAME, TEXT)
    await once(server.listen(0, "127.0.0.1"), "listening")
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  })
  afterAll(() => server.close())
  const ask = (headers: Readonly<Record<string, string>> = {}) => fetch(url, { headers })

  it("give a client parts that it can put together again", async () => {
    const first = await ask({ range: "bytes=0-299" })
    const rest = await ask({ range: "bytes=300-", "if-range": first.headers.get("etag")! })
    expect([first.status, rest.status]).toEqual([206, 206])
    expect(rest.headers.get("content-range")).toBe("bytes 300-999/1000")
    expect((await first.text()) + (await rest.text())).toBe(TEXT)
    expect(await (await ask({ range: "bytes=-5" })).text()).toBe("56789")
  })

  it("give all of it for a range that is none, and 416 for one that is outside", async () => {
    const whole = await ask({ range: "bytes=5-2" })
    expect([whole.status, await whole.text()]).toEqual([200, TEXT])
    const outside = await ask({ range: "bytes=1000-" })
    expect([outside.status, outside.headers.get("content-range")]).toEqual([416, "bytes */1000"])
  })

  it("send nothing again to whoever has it, and all of it when it has changed", async () => {
    const { headers } = await ask()
    const [etag, modified] = [headers.get("etag")!, headers.get("last-modified")!]
    expect((await ask({ "if-none-match": etag })).status).toBe(304)
    expect((await ask({ "if-modified-since": modified })).status).toBe(304)
    expect((await ask({ "if-match": '"another"' })).status).toBe(412)
    await storage.write(NAME, TEXT.replace("0", "x"))
    const changed = await ask({ "if-none-match": etag, "if-modified-since": modified })
    expect([changed.status, (await changed.text())[0]]).toEqual([200, "x"])
    const whole = await ask({ range: "bytes=0-1", "if-range": etag })
    expect(whole.status).toBe(200)
  })
})
