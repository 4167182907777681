import { once } from "node:events"
import { LocalStorage } from "@node-storages/local"
import { MemoryStorage } from "@node-storages/memory"
import { receiveForm, UploadError } from "@node-storages/uploads"
import { type StorageDriver, StorageError, intercept } from "@node-storages/core"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { hooked, systemError } from "../../../packages/local/test/faulty.ts"
import { filesBelow, temporaryRoot } from "../../../packages/local/test/root.ts"
import { MEBIBYTE, sampleBytes } from "../../sample-bytes.ts"
import {
  bodyOf,
  CONTENT_TYPE,
  END,
  fieldPart,
  fileHead,
  filePart,
  formRequest,
  namesIn,
  type Outcome,
  PNG,
  rawConnection,
  received,
  receiver,
  requestHead,
} from "./support.ts"

const unhandled: unknown[] = []
const listener = (reason: unknown) => void unhandled.push(reason)
beforeEach(() => void process.on("unhandledRejection", listener).on("uncaughtException", listener))
afterEach(async () => {
  await new Promise((resolve) => setTimeout(resolve, 20))
  process.off("unhandledRejection", listener).off("uncaughtException", listener)
  expect(unhandled.splice(0)).toEqual([])
})

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
      const [request] = (await Promise.all([
        once(server, "request"),
        new Promise((resolve) => socket.write(bodyOf(requestHead(5_000_000), body), resolve)),
      ])) as [[object], unknown]
      expect(request).toBeDefined()
      await new Promise((resolve) => setTimeout(resolve, 50))
      socket[how]()
      expect(errorOf(await outcome())).toMatchObject({ code: "truncated", status: 400 })
      expect(await filesBelow(root)).toEqual([])
    }
  })

  it("while the storage hangs is noticed all the same", async () => {
    const storage = new MemoryStorage()
    const hanging = storage.with(
      intercept(async (call) => {
        if (call.member !== "put") return call.run(call.signal)
        return new Promise((_, reject) =>
          call.signal?.addEventListener("abort", () => reject(call.signal!.reason as Error)),
        )
      }),
    )
    const { port, outcome } = await receiver({ storage: hanging })
    const socket = await rawConnection(port)
    socket.write(bodyOf(requestHead(5_000_000), fileHead("a", "a.bin"), content.subarray(0, 30_000)))
    await new Promise((resolve) => setTimeout(resolve, 50))
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
    const answer = received(socket, 2000)
    const error = errorOf(await outcome())
    expect(error).toMatchObject({ code: "timeout", status: 408 })
    expect(error.message).toContain('0.1 seconds ("idleTimeout")')
    expect(await answer).toMatch(/^HTTP\/1\.1 408 /)
    expect(await namesIn(storage)).toEqual([])
  })

  it("that sends a byte now and then is ended by the time for the whole form", async () => {
    const storage = new MemoryStorage()
    const { port, outcome } = await receiver({ storage, idleTimeout: "1s", timeout: "300ms" })
    const socket = await rawConnection(port)
    socket.write(bodyOf(requestHead(5_000_000), first, fileHead("a", "a.bin")))
    const dripping = setInterval(() => socket.write("x"), 20)
    const answer = received(socket, 2000)
    expect(errorOf(await outcome())).toMatchObject({ code: "timeout", status: 408 })
    clearInterval(dripping)
    expect(await answer).toMatch(/^HTTP\/1\.1 408 /)
    expect(await namesIn(storage)).toEqual([])
  })

  it("is not blamed for the time that the storage takes", async () => {
    const storage = new MemoryStorage().with(
      intercept(async (call) => {
        if (call.member === "put") await new Promise((resolve) => setTimeout(resolve, 300))
        return call.run(call.signal)
      }),
    )
    const body = bodyOf(first, filePart("a", "a.bin", content), END)
    const { url } = await receiver({ storage, idleTimeout: "100ms" })
    const response = await fetch(url, { method: "POST", headers: { "content-type": CONTENT_TYPE }, body })
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
    const answer = received(socket, 20_000)
    expect(errorOf(await outcome()).code).toBe("total-too-large")
    expect(await answer).toMatch(/^HTTP\/1\.1 413 /)
    expect(sent).toBeLessThan(40 * MEBIBYTE)
  }, 30_000)

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
    await expect.poll(() => cancelled, { timeout: 10_000 }).toBe(true)
    expect(given).toBeLessThan(25)
  }, 20_000)
})

describe("a storage that fails", () => {
  const failing = (at: number, error: Error) => {
    let puts = 0
    return intercept((call) => {
      if (call.member === "put" && ++puts === at) throw error
      return call.run(call.signal)
    })
  }

  it("in the middle of a form: its error is passed on, and what was stored is removed", async () => {
    const storage = new MemoryStorage()
    const { url, outcome } = await receiver({
      storage: storage.with(failing(3, new StorageError("no-space", "The bucket is full."))),
    })
    const body = bodyOf(first, filePart("a", "a.bin", content), filePart("b", "b.bin", content), END)
    const response = await fetch(url, { method: "POST", headers: { "content-type": CONTENT_TYPE }, body })
    expect(response.status).toBe(507)
    const ended = await outcome()
    expect("error" in ended && StorageError.is(ended.error) && ended.error.code).toBe("no-space")
    expect(await namesIn(storage)).toEqual([])
  })

  it("in the middle of a file: the disk is full, at every call in turn, and nothing is left", async () => {
    let reached = true
    let failures = 0
    for (let at = 1; reached; at++) {
      const root = await temporaryRoot()
      let calls = 0
      reached = false
      const fileSystem = hooked((call) => {
        if (call === "unlink" || call === "rmdir" || call === "readdir" || call === "handle.close") return
        if (++calls !== at) return
        reached = true
        throw systemError("ENOSPC")
      })
      const storage = new LocalStorage(root, { fileSystem })
      const request = formRequest(
        filePart("a", "a.bin", content.subarray(0, 300_000)),
        filePart("b", "b.html", "<html>"),
        END,
      )
      const error: unknown = await receiveForm(request, { storage }).then(
        () => undefined,
        (reason: unknown) => reason,
      )
      if (error === undefined) continue
      failures++
      expect(StorageError.is(error)).toBe(true)
      const left = (await filesBelow(root)).filter((path) => !path.includes(".node-storages"))
      expect({ at, left }).toEqual({ at, left: [] })
      expect((await filesBelow(root)).filter((path) => path.includes("tmp"))).toEqual([])
    }
    expect(failures).toBeGreaterThan(5)
  })

  it("and can't remove what it stored either: the names are told", async () => {
    const storage = new MemoryStorage()
    const broken = storage.with((next: StorageDriver) => ({
      ...next,
      features: next.features,
      removeMany: undefined,
      remove: async () => {
        throw new Error("no deletes today")
      },
    }))
    const promise = receiveForm(formRequest(first, filePart("a", "a.bin", content).subarray(0, 5000)), {
      storage: broken,
    })
    const error: unknown = await promise.catch((reason: unknown) => reason)
    if (!StorageError.is(error, "partial-failure")) throw error
    expect(error.failures?.map(({ name }) => name)).toEqual(["first.png"])
    expect(error.message).toContain("It was given up because: The form ends without its closing boundary")
    expect(UploadError.is(error.cause, "truncated")).toBe(true)
  })
})
