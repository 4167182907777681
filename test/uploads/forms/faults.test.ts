import { once } from "node:events"
import type { IncomingMessage } from "node:http"
import { LocalStorage } from "@node-storages/local"
import { MemoryStorage } from "@node-storages/memory"
import { receiveForm, UploadError } from "@node-storages/uploads"
import { intercept } from "@node-storages/core"
import { describe, expect, it, vi } from "vitest"
import { filesBelow, temporaryRoot } from "../../../packages/local/test/root.ts"
import { PATIENCE } from "../../patience.ts"
import { MEBIBYTE, sampleBytes } from "../../sample-bytes.ts"
import { someTurns, until } from "../../servers/until.ts"
import { expectNoUnhandledErrors } from "./unhandled-errors.ts"
import {
  bodyOf,
  CONTENT_TYPE,
  END,
  fieldPart,
  fileHead,
  filePart,
  namesIn,
  type Outcome,
  PNG,
  rawConnection,
  received,
  receiver,
  requestHead,
} from "./support.ts"

expectNoUnhandledErrors()

const first = filePart("first", "first.png", PNG)
const content = sampleBytes(2 * MEBIBYTE)

function errorOf(outcome: Outcome): UploadError {
  if ("error" in outcome && UploadError.is(outcome.error)) return outcome.error
  throw new Error("The form should have ended with an UploadError.", { cause: outcome })
}

describe("a client that goes away", () => {
  const moments: [when: string, body: Buffer][] = [
    ["before anything", Buffer.alloc(0)],
    ["in a boundary", Buffer.from("----")],
    ["in a header", bodyOf(first, fileHead("a", "a.bin").slice(0, 60))],
    ["in a small file", bodyOf(first, fileHead("a", "a.bin"), content.subarray(0, 100))],
    ["in a large file", bodyOf(first, fileHead("a", "a.bin"), content.subarray(0, 1_000_000))],
    ["between files", bodyOf(first, filePart("a", "a.bin", content))],
    ["right before the end", bodyOf(first, filePart("a", "a.bin", content), END.slice(0, -4))],
  ]
  it.each(moments)("%s leaves nothing, neither files nor temporary files", async (_, body) => {
    const root = await temporaryRoot()
    for (const how of ["resetAndDestroy", "destroy"] as const) {
      const { port, outcome, server } = await receiver({ storage: new LocalStorage(root) })
      const socket = await rawConnection(port)
      const sent = bodyOf(requestHead(5_000_000), body)
      socket.write(sent)
      const [request] = (await once(server, "request")) as [IncomingMessage]
      expect(request).toBeDefined()
      await until(() => request.socket.bytesRead === sent.byteLength)
      await someTurns()
      socket[how]()
      expect(errorOf(await outcome())).toMatchObject({ code: "truncated", status: 400 })
      expect(await filesBelow(root)).toEqual([])
    }
  })

  it("while the storage hangs is noticed all the same", async () => {
    const storage = new MemoryStorage()
    let isHanging = false
    const hanging = storage.with(
      intercept(async (call) => {
        if (call.member !== "put") return call.run(call.signal)
        isHanging = true
        return new Promise((_, reject) =>
          call.signal?.addEventListener("abort", () => reject(call.signal!.reason as Error)),
        )
      }),
    )
    const { port, outcome } = await receiver({ storage: hanging })
    const socket = await rawConnection(port)
    socket.write(bodyOf(requestHead(5_000_000), fileHead("a", "a.bin"), content.subarray(0, 30_000)))
    await until(() => isHanging)
    socket.destroy()
    expect(errorOf(await outcome()).code).toBe("truncated")
  })
})

describe("a body of another length than announced", () => {
  it("that is shorter leaves nothing", async () => {
    const storage = new MemoryStorage()
    const { port, outcome } = await receiver({ storage })
    const socket = await rawConnection(port)
    const body = bodyOf(first, END)
    socket.end(bodyOf(requestHead(body.byteLength + 10), body))
    expect(errorOf(await outcome()).code).toBe("truncated")
    expect(await namesIn(storage)).toEqual([])
    socket.destroy()
  })

  it("that is longer than the announced length is cut off there", async () => {
    const storage = new MemoryStorage()
    const { port, outcome } = await receiver({ storage })
    const socket = await rawConnection(port)
    const body = bodyOf(first, filePart("a", "a.bin", content), END)
    socket.write(bodyOf(requestHead(body.byteLength - 1000), body))
    expect(errorOf(await outcome()).code).toBe("truncated")
    expect(await namesIn(storage)).toEqual([])
    socket.destroy()
  })

  it("in chunks that break off leaves nothing", async () => {
    const storage = new MemoryStorage()
    const { port, outcome } = await receiver({ storage })
    const socket = await rawConnection(port)
    socket.write(bodyOf(requestHead(undefined), `${first.byteLength.toString(16)}\r\n`, first, "\r\nnonsense"))
    expect(errorOf(await outcome()).code).toBe("truncated")
    expect(await namesIn(storage)).toEqual([])
    socket.destroy()
  })
})

describe("a slow client", () => {
  it("that sends nothing for too long is answered 408, and nothing is left", async () => {
    const storage = new MemoryStorage()
    const { port, outcome } = await receiver({ storage, idleTimeout: "100ms" })
    const socket = await rawConnection(port)
    socket.write(bodyOf(requestHead(5_000_000), first, fileHead("a", "a.bin"), content.subarray(0, 50_000)))
    const answer = once(socket, "data")
    const error = errorOf(await outcome())
    expect(error).toMatchObject({ code: "timeout", status: 408 })
    expect(error.message).toContain('0.1 seconds ("idleTimeout")')
    expect(String(await answer)).toMatch(/^HTTP\/1\.1 408 /)
    expect(await namesIn(storage)).toEqual([])
  })

  it("that sends a byte now and then is ended by the time for the whole form", async () => {
    const storage = new MemoryStorage()
    const { port, outcome } = await receiver({ storage, idleTimeout: "1s", timeout: "300ms" })
    const socket = await rawConnection(port)
    socket.write(bodyOf(requestHead(5_000_000), first, fileHead("a", "a.bin")))
    const dripping = setInterval(() => socket.write("x"), 20)
    const answer = once(socket, "data")
    expect(errorOf(await outcome())).toMatchObject({ code: "timeout", status: 408 })
    clearInterval(dripping)
    expect(String(await answer)).toMatch(/^HTTP\/1\.1 408 /)
    expect(await namesIn(storage)).toEqual([])
  })

  it("is not blamed for the time that the storage takes", async () => {
    // Time passes only while the storage works.
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    const storage = new MemoryStorage().with(
      intercept(async (call) => {
        if (call.member === "put") {
          await someTurns()
          await vi.advanceTimersByTimeAsync(300)
        }
        return call.run(call.signal)
      }),
    )
    const body = bodyOf(first, filePart("a", "a.bin", content), END)
    const { url } = await receiver({ storage, idleTimeout: "100ms" })
    const response = await fetch(url, { method: "POST", headers: { "content-type": CONTENT_TYPE }, body })
    vi.useRealTimers()
    expect(response.status).toBe(200)
  })
})

describe("a form that is refused", () => {
  it("is answered while its client is still sending, and the connection takes the next one", async () => {
    const storage = new MemoryStorage()
    const { port, outcome } = await receiver({ storage, limits: { fileSize: 1000 } })
    const socket = await rawConnection(port)
    const body = bodyOf(first, filePart("a", "a.bin", content), END)
    socket.write(bodyOf(requestHead(body.byteLength), body.subarray(0, 500_000)))
    const [head] = (await once(socket, "data")) as [Buffer]
    expect(head.toString()).toMatch(/^HTTP\/1\.1 413 /)
    expect(errorOf(await outcome()).code).toBe("file-too-large")
    const next = bodyOf(fieldPart("a", "1"), END)
    socket.write(bodyOf(body.subarray(500_000), requestHead(next.byteLength), next))
    const [answer] = (await once(socket, "data")) as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 /)
    expect(await outcome()).toHaveProperty("form")
    expect(await namesIn(storage)).toEqual([])
    socket.destroy()
  })

  it("is not listened to for ever: what goes on sending loses its connection", async () => {
    const { port, outcome } = await receiver({ storage: new MemoryStorage(), limits: { totalSize: "1 MB" } })
    const socket = await rawConnection(port)
    socket.write(bodyOf(requestHead(undefined), "fffffff\r\n", first, fileHead("a", "a.bin")))
    let sent = 0
    const send = () => {
      if (socket.destroyed) return
      sent += 65_536
      socket.write(Buffer.alloc(65_536), () => setImmediate(send))
    }
    send()
    const answer = received(socket)
    expect(errorOf(await outcome()).code).toBe("total-too-large")
    expect(await answer).toMatch(/^HTTP\/1\.1 413 /)
    expect(sent).toBeLessThan(40 * MEBIBYTE)
  })

  it("as a web Request is let go of too", async () => {
    let cancelled = false
    let given = 0
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(given++ === 0 ? bodyOf(first, fileHead("a", "a.bin")) : new Uint8Array(MEBIBYTE))
      },
      cancel() {
        cancelled = true
      },
    })
    const init = { method: "POST", headers: { "content-type": CONTENT_TYPE }, body, duplex: "half" } as RequestInit
    const receiving = receiveForm(new Request("http://localhost/", init), {
      storage: new MemoryStorage(),
      limits: { fileSize: 1000 },
    })
    await expect(receiving).rejects.toMatchObject({ code: "file-too-large" })
    await expect.poll(() => cancelled, { timeout: PATIENCE }).toBe(true)
    expect(given).toBeLessThan(25)
  })
})
