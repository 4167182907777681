import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { type AddressInfo, connect } from "node:net"
import { setTimeout as delay } from "node:timers/promises"
import { lendingChunks, lentChunks } from "@node-storages/core"
import { nodeHandler, type NodeHandler } from "@node-storages/http"
import { LocalStorage } from "@node-storages/local"
import { describe, expect, it, onTestFinished } from "vitest"
import { MEBIBYTE, sampleBytes } from "../sample-bytes.ts"
import { reading } from "./drivers.ts"
import { rawRequest } from "./raw-client.ts"
import { expectNoise, HANDLERS, serve, temporaryFolder } from "./served.ts"

const FILES = Array.from({ length: 5 }, (_, index) => Buffer.from(sampleBytes(3 * MEBIBYTE + index * 1000, index + 1)))

async function storageOfFiles(): Promise<LocalStorage> {
  const storage = new LocalStorage(await temporaryFolder())
  for (const [index, bytes] of FILES.entries()) await storage.write(`${index}.bin`, bytes)
  return storage
}

describe.each(HANDLERS)("large files at the same time, by %s", (_, handler) => {
  it("are each sent with their own bytes, whoever is slow, stops, or goes away", async () => {
    const { port, ask, errors } = await serve(handler, await storageOfFiles())
    const quick = async (index: number) => {
      const { body } = await ask(`/${index % 5}.bin`)
      return body.equals(FILES[index % 5]!)
    }
    const ranged = async (index: number) => {
      const { body } = await ask(`/${index % 5}.bin`, { range: "bytes=1000-2999999" })
      return body.equals(FILES[index % 5]!.subarray(1000, 3_000_000))
    }
    const slow = async (index: number) => {
      const socket = connect(port, "127.0.0.1")
      socket.write(`GET /${index % 5}.bin HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)
      const chunks: Buffer[] = []
      for await (const chunk of socket) {
        chunks.push(chunk as Buffer)
        if (chunks.length % 10 === 0) await delay(2)
      }
      const bytes = FILES[index % 5]!
      return Buffer.concat(chunks).subarray(-bytes.byteLength).equals(bytes)
    }
    const leaving = async (index: number) => {
      const socket = connect(port, "127.0.0.1").on("error", () => {})
      socket.write(`GET /${index % 5}.bin HTTP/1.1\r\nhost: x\r\n\r\n`)
      await once(socket, "data")
      await delay(index % 7)
      socket.destroy()
      return true
    }
    const all = Array.from({ length: 80 }, (__, index) => [quick, slow, leaving, ranged][index % 4]!(index))
    expect((await Promise.all(all)).every(Boolean)).toBe(true)
    expect(errors).toEqual([])
  })
})

describe("a large file that fails behind its last byte, by nodeHandler", () => {
  it.each([
    ["lent", true],
    ["the reader's own", false],
  ])("is not taken for whole: its last bytes are kept back (chunks that are %s)", async (_, isLent) => {
    expectNoise()
    const error = new Error("the digest is another one")
    const failingLate = reading((object) => {
      const chunks = async function* () {
        yield* (isLent ? lentChunks(object.chunks) : undefined) ?? object.chunks
        throw error
      }
      return { ...object, chunks: isLent ? lendingChunks(chunks(), chunks) : chunks() }
    })
    const [, handler] = HANDLERS.find(([name]) => name === "nodeHandler")!
    const { ask, errors } = await serve(handler, (await storageOfFiles()).with(failingLate))
    const { status, isWhole, body } = await ask("/0.bin")
    expect([status, isWhole]).toEqual([200, false])
    expect(body.byteLength).toBeLessThan(FILES[0]!.byteLength)
    expect(errors).toHaveLength(1)
  })
})

describe("large files through middleware that has taken over the response, by nodeHandler", () => {
  const through = async (middleware: (response: ServerResponse) => void): Promise<number> => {
    const handler: NodeHandler = nodeHandler(await storageOfFiles())
    const server = createServer((request: IncomingMessage, response) => {
      middleware(response)
      void handler(request, response)
    })
    await once(server.listen(0, "127.0.0.1"), "listening")
    onTestFinished(() => void server.close())
    return (server.address() as AddressInfo).port
  }

  it("are whole where chunks are kept, and nobody tells when they are written", async () => {
    const kept: Uint8Array[] = []
    const port = await through((response) => {
      const write = response.write.bind(response)
      response.write = ((chunk: Uint8Array) => {
        kept.push(chunk)
        return write(chunk, "utf8")
      }) as typeof response.write
    })
    const { body } = await rawRequest(port, "/1.bin")
    expect(body.equals(FILES[1]!)).toBe(true)
    const before = Buffer.concat(kept)
    expect(before.equals(FILES[1]!.subarray(0, before.byteLength))).toBe(true)
    expect(before.byteLength).toBeGreaterThan(MEBIBYTE)
  })
})
