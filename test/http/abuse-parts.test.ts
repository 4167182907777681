import { readdir } from "node:fs/promises"
import { join } from "node:path"
import type { MultipartUpload } from "@node-storages/core"
import { LocalStorage } from "@node-storages/local"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { hooked, systemError } from "../../packages/local/test/faulty.ts"
import { namesOf } from "../names-of.ts"
import { MEBIBYTE } from "../sample-bytes.ts"
import { expectNoUnhandledRejections, HANDLERS, serve, temporaryFolder } from "./served.ts"

describe.each(HANDLERS)("parts of uploads that are not what was signed, by %s", (_, handler) => {
  const site = async (onCall: Parameters<typeof hooked>[0] = () => {}) => {
    expectNoUnhandledRejections()
    const root = await temporaryFolder()
    const signing = { baseUrl: "/", signingKeys: ["0123456789abcdef0123456789abcdef"] }
    const storage = new LocalStorage(root, { ...signing, fileSystem: hooked(onCall) })
    const { ask, errors } = await serve(handler, storage)
    const upload = await storage.startMultipart("large.bin")
    const put = (url: string, body: string | Uint8Array) =>
      ask(url, { "content-length": String(Buffer.byteLength(body)) }, { method: "PUT", body })
    const send = async (number: number, body: string, size = body.length, of: MultipartUpload = upload) =>
      (await put((await of.signPart(number, { size })).url, body)).status
    const temporary = () => readdir(join(root, ".node-storages/tmp")).catch(() => [])
    const left = async () => {
      const parts = (await upload.parts()).map(({ number, size }) => `${number}: ${size}`)
      return { names: await Array.fromAsync(namesOf(storage)), parts, temporary: await temporary() }
    }
    return { ask, errors, storage, upload, put, send, left, temporary }
  }

  it("of another size they are refused, and nothing of them is kept", async () => {
    const { send, left } = await site()
    expect([await send(1, "1234", 5), await send(1, "123456", 5), await send(1, "", 5)]).toEqual([400, 413, 400])
    expect(await left()).toEqual({ names: [], parts: [], temporary: [] })
    expect(await send(1, "12345")).toBe(200)
    // What is sent again and is not whole leaves what was there.
    expect(await send(1, "12", 5)).toBe(400)
    expect(await left()).toEqual({ names: [], parts: ["1: 5"], temporary: [] })
  })

  it("sent without a length, cut short or too long, they are refused, too", async () => {
    const { ask, upload, left } = await site()
    const { url } = await upload.signPart(1, { size: 5 })
    for (const [body, status] of [
      ["4\r\n1234\r\n0\r\n\r\n", 400],
      ["6\r\n123456\r\n0\r\n\r\n", 413],
      ["5\r\n12345\r\n0\r\n\r\n", 200],
    ] as const) {
      const answer = await ask(url, { "transfer-encoding": "chunked" }, { method: "PUT", body })
      expect([body, answer.status]).toEqual([body, status])
    }
    expect((await left()).parts).toEqual(["1: 5"])
  })

  it("a URL is for one part of one upload, until it expires", async () => {
    const { ask, storage, upload, put, left } = await site()
    const { url, expiresAt } = await upload.signPart(1, { size: 1, expiresIn: "1h" })
    const other = await storage.startMultipart("large.bin")
    expect((await put(url.replace("large.bin", "other.bin"), "x")).status).toBe(403)
    expect((await ask(url)).status).toBe(403)
    expect((await put(url, "x")).status).toBe(200)
    expect([(await left()).parts, await other.parts()]).toEqual([["1: 1"], []])
    vi.useFakeTimers({ toFake: ["Date"], now: expiresAt.getTime() + 5 })
    onTestFinished(() => void vi.useRealTimers())
    expect((await put(url, "y")).status).toBe(403)
    // It is not there under its name before the upload is completed.
    expect((await ask(await storage.url("large.bin"))).status).toBe(404)
    await upload.complete()
    expect((await ask(await storage.url("large.bin"))).body.toString()).toBe("x")
  })

  it("for an upload that is over there is no place", async () => {
    const { send, storage, upload, temporary } = await site()
    await upload.abort()
    expect(await send(1, "12345")).toBe(404)
    const done = await storage.startMultipart("done.bin")
    expect(await send(1, "12345", 5, done)).toBe(200)
    await done.complete()
    expect(await send(2, "12345", 5, done)).toBe(404)
    expect(await storage.open("done.bin").text()).toBe("12345")
    expect(await temporary()).toEqual([])
  })

  it("on a disk that is full they are 507, and leave nothing", async () => {
    let writes = 0
    const { upload, put, left, errors } = await site((call) => {
      if (call === "handle.write" && ++writes === 2) throw systemError("ENOSPC")
    })
    const size = 4 * MEBIBYTE
    const { url } = await upload.signPart(1, { size })
    expect((await put(url, Buffer.alloc(size))).status).toBe(507)
    expect(errors).toHaveLength(1)
    expect(await left()).toEqual({ names: [], parts: [], temporary: [] })
    expect((await put(url, Buffer.alloc(size))).status).toBe(200)
  })
})
