import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { describe, expect, it } from "vitest"
import { MEBIBYTE } from "../../sample-bytes.ts"
import { until } from "../../servers/until.ts"
import { LARGE, type Running, TEXT } from "./framework.ts"
import { timesOpen } from "./open-files.ts"
import { FAILS_AT_ONCE, FAILS_MIDWAY, WATCHED } from "./site.ts"

/** A client that has seen the beginning of an answer, and reads no more. */
async function readABit(port: number, path: string, headers = ""): Promise<Socket> {
  const socket = connect(port, "127.0.0.1")
  socket.on("error", () => {})
  socket.write(`GET ${path} HTTP/1.1\r\nhost: a\r\n${headers}\r\n`)
  await once(socket, "data")
  return socket.pause()
}

/** Waits until nothing more is read for a client that does not take it. */
async function standstill(bytes: () => number): Promise<number> {
  for (let before = -1; ;) {
    const now = bytes()
    if (now === before) return now
    before = now
    await delay(250)
  }
}

/** What goes wrong: the storage, clients that go away, clients that are slow. */
export function describeAccidents(running: () => Running): void {
  describe("when something goes wrong", () => {
    it("a storage that can't be read is an error of the server, told to onError", async () => {
      const { site, ask } = running()
      const { status, body } = await ask(`/media/${FAILS_AT_ONCE}`)
      expect([status, body.toString()]).toEqual([503, "Service Unavailable\n"])
      expect(site.errors).toEqual(["unavailable"])
    })

    it("a file that breaks off is never taken for the whole", async () => {
      const { site, ask } = running()
      const answer = await ask(`/media/${FAILS_MIDWAY}`)
      expect([answer.status, answer.isWhole]).toEqual([200, false])
      expect(answer.body.byteLength).toBeLessThan(LARGE.byteLength)
      const range = await ask(`/media/${FAILS_MIDWAY}`, { headers: { range: "bytes=0-2999999" } })
      expect([range.status, range.isWhole]).toEqual([206, false])
      expect(site.errors).toEqual(["network", "network"])
      expect((await ask("/media/report.txt")).body.toString()).toBe(TEXT)
    })

    it("a client that does not read holds the storage back, and lets go of the file when it leaves", async () => {
      const { site, port } = running()
      const socket = await readABit(port, `/media/${WATCHED}`)
      expect(await standstill(() => site.watchedBytes)).toBeLessThan(48 * MEBIBYTE)
      const path = join(site.root, WATCHED)
      if (process.platform === "linux") expect(timesOpen(path)).toBe(1)
      socket.resetAndDestroy()
      if (process.platform === "linux") await until(() => timesOpen(path) === 0)
      expect(site.errors).toEqual([])
    })

    it("many clients that leave in the middle leave nothing open", async () => {
      const { site, port, ask } = running()
      const sockets = await Promise.all(
        Array.from({ length: 16 }, (_, index) =>
          readABit(port, `/media/${WATCHED}`, index % 2 === 0 ? "range: bytes=7-\r\n" : ""),
        ),
      )
      for (const socket of sockets) socket.destroy()
      if (process.platform === "linux") await until(() => timesOpen(join(site.root, WATCHED)) === 0)
      expect((await ask("/media/report.txt")).status).toBe(200)
      expect(site.errors).toEqual([])
    })

    it("connections are used again after every kind of answer", async () => {
      const { port } = running()
      const get = async (path: string, headers: Record<string, string> = {}, method = "GET") => {
        const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers })
        return [response.status, (await response.bytes()).byteLength]
      }
      for (let round = 0; round < 3; round++) {
        expect(await get("/media/report.txt")).toEqual([200, TEXT.length])
        expect(await get("/media/report.txt", {}, "HEAD")).toEqual([200, 0])
        expect(await get("/media/report.txt", { range: "bytes=1-2" })).toEqual([206, 2])
        expect((await get("/media/missing"))[0]).toBe(404)
        expect((await get("/private/ada/diary.txt"))[0]).toBe(401)
        expect(await get("/media/large.bin")).toEqual([200, LARGE.byteLength])
      }
    })
  })
}
