import { once } from "node:events"
import { readdirSync, readlinkSync } from "node:fs"
import { connect, type Socket } from "node:net"
import { setTimeout as delay } from "node:timers/promises"
import { StorageError, type StorageErrorCode } from "@node-storages/core"
import { serveStorage } from "@node-storages/http"
import { LocalStorage } from "@node-storages/local"
import { MemoryStorage } from "@node-storages/memory"
import { describe, expect, it } from "vitest"
import { MEBIBYTE, sampleBytes } from "../sample-bytes.ts"
import { until } from "../servers/until.ts"
import { failing, reading } from "./drivers.ts"
import { rawRequest } from "./raw-client.ts"
import { expectNoise, expectNoUnhandledRejections, HANDLERS, serve, temporaryFolder } from "./served.ts"

const BYTES = Buffer.from(sampleBytes(3 * MEBIBYTE))

describe.each(HANDLERS)("a storage that fails, by %s", (_, handler) => {
  it.each([
    ["unavailable", 503],
    ["rate-limited", 503],
    ["timeout", 504],
    ["network", 502],
    ["unauthenticated", 502],
    ["bucket-not-found", 502],
    ["no-space", 507],
    ["unknown", 500],
  ] as const)("%s before the body is %i, which tells nothing and is not kept", async (code, status) => {
    for (const member of ["get", "head"]) {
      const error = new StorageError(code satisfies StorageErrorCode, "s3://the-bucket: secret", { retryAfter: 6.2 })
      const { ask, errors } = await serve(handler, new MemoryStorage().with(failing(member, () => error)))
      const answer = await ask("/a.bin", member === "head" ? { range: "bytes=-2" } : {})
      expect([answer.status, answer.isWhole, answer.headers["retry-after"]]).toEqual([status, true, "7"])
      expect(answer.headers["cache-control"]).toBe("no-store")
      expect(answer.body.toString()).not.toMatch(/secret|bucket/)
      expect(errors).toEqual([error])
    }
  })

  it.each(["", "bytes=10-", "bytes=0-999999,2000000-2999999"])(
    "in the middle of the body the connection breaks, so that nobody takes it for the whole (%j)",
    async (range) => {
      expectNoise()
      expectNoUnhandledRejections()
      const error = new StorageError("network", "the service is gone")
      const storage = new MemoryStorage()
      await storage.write("a.bin", BYTES)
      const breaking = reading((object) => ({
        ...object,
        chunks: (async function* () {
          let left = 200_000
          for await (const chunk of object.chunks) {
            yield chunk.subarray(0, left)
            left -= chunk.byteLength
            if (left <= 0) throw error
          }
        })(),
      }))
      const { ask, errors } = await serve(handler, storage.with(breaking))
      const { status, body, isWhole } = await ask("/a.bin", range === "" ? {} : { range })
      // A server that sends nothing before it has seen some of the body has said nothing.
      expect([range === "" ? 200 : 206, 0]).toContain(status)
      expect(isWhole).toBe(false)
      expect(body.byteLength).toBeLessThan(1_000_000)
      expect(errors).toEqual([error])
    },
  )

  it.each([-1, 1])("a body whose length is not what was announced breaks too (%i)", async (difference) => {
    expectNoise()
    const storage = new MemoryStorage()
    await storage.write("a.bin", BYTES)
    const lying = reading((object) => ({ ...object, length: object.length! - difference }))
    const { ask, errors } = await serve(handler, storage.with(lying))
    const { isWhole } = await ask("/a.bin")
    expect([isWhole, errors.length]).toEqual([false, 1])
    expect((await ask("/missing.bin")).status).toBe(404)
  })

  it("onError may throw: the answer is the same, and nothing is left unheard", async () => {
    expectNoUnhandledRejections()
    const storage = new MemoryStorage().with(failing("get", () => new StorageError("unavailable", "down")))
    const handle = serveStorage(storage, {
      onError: () => {
        throw new Error("the logger is down, too")
      },
    })
    const said: unknown[] = []
    const { error } = console
    console.error = (what: unknown) => void said.push(what)
    try {
      expect((await handle(new Request("http://localhost/a.txt"))).status).toBe(503)
    } finally {
      console.error = error
    }
    expect(said).toEqual([expect.objectContaining({ message: "the logger is down, too" })])
  })
})

/** Files below a folder that this process has open. */
function openBelow(root: string): string[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`)
      return path.startsWith(root) ? [path] : []
    } catch {
      // Closed meanwhile.
      return []
    }
  })
}

/** A client that has the first bytes of an answer and takes no more. */
async function begun(port: number, head: string): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").on("error", () => {})
  socket.write(`${head}\r\nhost: localhost\r\n\r\n`)
  await once(socket, "data")
  return socket.pause()
}

describe.each(HANDLERS)("a client that goes away, by %s", (_, handler) => {
  it.skipIf(process.platform !== "linux")("leaves no file open and is no error", async () => {
    expectNoUnhandledRejections()
    const root = await temporaryFolder()
    const storage = new LocalStorage(root)
    await storage.write("large.bin", Buffer.alloc(60 * MEBIBYTE, 1))
    const { port, errors, ask } = await serve(handler, storage)
    const heads = [
      "GET /large.bin HTTP/1.1",
      "GET /large.bin HTTP/1.1\r\nrange: bytes=5-",
      "GET /large.bin HTTP/1.1\r\nrange: bytes=0-29999999,40000000-",
    ]
    const sockets = await Promise.all(heads.map((head) => begun(port, head)))
    expect(openBelow(root)).toHaveLength(heads.length)
    for (const [index, socket] of sockets.entries()) {
      if (index % 2 === 0) socket.resetAndDestroy()
      else socket.destroy()
    }
    await until(() => openBelow(root).length === 0)
    expect(errors).toEqual([])
    expect((await ask("/large.bin", { range: "bytes=0-0" })).status).toBe(206)
  })

  it("stops what the storage is doing for it", async () => {
    const storage = new MemoryStorage()
    await storage.write("a.bin", BYTES)
    const stopped: string[] = []
    const stalling = reading((object, _key, signal) => ({
      ...object,
      chunks: (async function* () {
        yield BYTES.subarray(0, 100_000)
        await new Promise((_resolve, reject) => {
          signal!.addEventListener("abort", () => {
            stopped.push("body")
            reject(signal!.reason as Error)
          })
        })
      })(),
    }))
    const { port, errors } = await serve(handler, storage.with(stalling))
    const socket = await begun(port, "GET /a.bin HTTP/1.1")
    socket.destroy()
    await until(() => stopped.length > 0)
    await delay(10)
    expect(errors).toEqual([])
  })

  it.skipIf(process.platform !== "linux")("a Response that nobody reads is let go of by cancel()", async () => {
    const root = await temporaryFolder()
    const storage = new LocalStorage(root)
    await storage.write("large.bin", Buffer.alloc(2 * MEBIBYTE))
    const handle = serveStorage(storage)
    const response = await handle(new Request("http://localhost/large.bin"))
    expect(openBelow(root)).toHaveLength(1)
    await response.body!.cancel()
    expect(openBelow(root)).toEqual([])
  })
})

describe.each(HANDLERS)("a file that is replaced again and again, by %s", (_, handler) => {
  it.each([{ cache: false }, { cache: { freshFor: 0.001 } }])(
    "is sent in one version, with the headers of that one ($cache)",
    async (options) => {
      expectNoise()
      const storage = new LocalStorage(await temporaryFolder())
      const version = (letter: string) => letter.repeat(100_000 + letter.charCodeAt(0) * 100)
      const tags = new Map<string, string>()
      const put = async (letter: string) => tags.set((await storage.write("a.txt", version(letter))).etag!, letter)
      await put("a")
      const { port, errors } = await serve(handler, storage, options)
      let isDone = false
      const writing = (async () => {
        for (let count = 0; !isDone; count++) await put("abcdefgh"[count % 8]!)
      })()
      const answers = []
      for (let turn = 0; turn < 60; turn++) {
        const range = [undefined, "bytes=0-99999", "bytes=-9", "bytes=0-1,90000-90001"][turn % 4]
        answers.push({
          range,
          ...(await rawRequest(port, "/a.txt", range === undefined ? {} : { headers: { range } })),
        })
      }
      isDone = true
      await writing
      for (const { range, status, headers, body, isWhole } of answers) {
        // Of several ranges the later ones may be gone: then the connection breaks.
        if (!isWhole && range?.includes(",")) continue
        expect([range, isWhole]).toEqual([range, true])
        expect([200, 206]).toContain(status)
        const letter = tags.get(headers["etag"]!)!
        const whole = version(letter)
        if (status === 200) expect(body.toString() === whole).toBe(true)
        else if (!range!.includes(",")) {
          expect(headers["content-range"]!.endsWith(`/${whole.length}`)).toBe(true)
          expect(new Set(body.toString())).toEqual(new Set(letter))
        } else expect(body.toString()).toContain(`${letter}${letter}\r\n--`)
      }
      for (const error of errors) expect(String(error)).toContain("replaced")
    },
  )
})
