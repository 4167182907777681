import { once } from "node:events"
import { readdir } from "node:fs/promises"
import { connect } from "node:net"
import { join } from "node:path"
import { StorageError } from "@node-storages/core"
import { describe, expect, it } from "vitest"
import { MEBIBYTE, sampleBytes, streamOf } from "../../sample-bytes.ts"
import { until } from "../../servers/until.ts"
import { everythingOf } from "../raw-client.ts"
import { type Framework, LARGE, type Running } from "./framework.ts"
import { OTHER_ORIGIN, type Site } from "./site.ts"

/** More than frameworks take by themselves: 1 MB, 10 MB. */
const HUGE = sampleBytes(24 * MEBIBYTE + 3)

async function temporaryFiles({ root }: Site): Promise<string[]> {
  return readdir(join(root, ".node-storages/tmp"))
}

async function isMissing(site: Site, name: string): Promise<boolean> {
  const found: unknown = await site.media.stat(name).catch((error: unknown) => error)
  return StorageError.is(found, "not-found")
}

/** The head of a request, up to what tells the length of its body. */
function headOf(url: string, headers: Readonly<Record<string, string>>): string {
  const { pathname, search } = new URL(url)
  const lines = Object.entries({ host: "127.0.0.1", ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  return `PUT ${pathname}${search} HTTP/1.1\r\n${lines.join("")}`
}

/** Uploads to signed URLs. */
export function describeUploads({ takesUnknownLengths = true }: Framework, running: () => Running): void {
  describe("a signed upload", () => {
    it.each([
      ["text/plain", "hello"],
      ["application/json", '{"not":"for the body parser"}'],
      ["application/x-www-form-urlencoded", "a=1&b=2"],
      ["multipart/form-data; boundary=x", "--x--\r\n"],
      ["application/octet-stream", ""],
    ])("of %s is stored as it came", async (contentType, body) => {
      const { site } = running()
      const { url, method, headers } = await site.media.signedUpload("new/small", { contentType, maxSize: 100 })
      const response = await fetch(url, { method, headers, body })
      expect([response.status, await response.text()]).toEqual([200, ""])
      expect(response.headers.get("etag")).toBe((await site.media.stat("new/small")).etag)
      expect(await site.media.open("new/small").text()).toBe(body)
      expect((await site.media.stat("new/small")).contentType).toBe(contentType)
    })

    it("may be larger than what the framework takes as a body, with or without its length told", async () => {
      const { site } = running()
      const upload = await site.media.signedUpload("new/huge.bin", { maxSize: HUGE.byteLength })
      for (const body of takesUnknownLengths ? [HUGE, ReadableStream.from(streamOf(HUGE))] : [HUGE]) {
        const init = { method: upload.method, headers: { ...upload.headers, origin: OTHER_ORIGIN }, body }
        const response = await fetch(upload.url, { ...init, duplex: "half" })
        expect(response.status).toBe(200)
        expect(response.headers.get("access-control-allow-origin")).toBe(OTHER_ORIGIN)
        expect(Buffer.compare(await site.media.open("new/huge.bin").bytes(), HUGE)).toBe(0)
        await site.media.delete("new/huge.bin")
      }
    })

    it("can come in parts", async () => {
      const { site } = running()
      const upload = await site.media.startMultipart("new/parts.bin")
      const size = Math.ceil(LARGE.byteLength / 2)
      for (const number of [2, 1]) {
        const body = LARGE.subarray((number - 1) * size, number * size)
        const { url, method, headers } = await upload.signPart(number, { size: body.byteLength })
        expect((await fetch(url, { method, headers, body })).status).toBe(200)
      }
      await upload.complete()
      expect(Buffer.compare(await site.media.open("new/parts.bin").bytes(), LARGE)).toBe(0)
    })

    it("is refused without its signature, with another's, and for another type", async () => {
      const { site } = running()
      const { url, headers } = await site.media.signedUpload("new/a.txt", { contentType: "text/plain" })
      const put = async (to: string, more: object = headers) =>
        (await fetch(to, { method: "PUT", headers: { ...more }, body: "x" })).status
      expect(await put(url.split("?")[0]!)).toBe(403)
      expect(await put(url.replace("a.txt", "b.txt"))).toBe(403)
      expect(await put(url, { "content-type": "text/html" })).toBe(403)
      expect([await isMissing(site, "new/a.txt"), await isMissing(site, "new/b.txt")]).toEqual([true, true])
    })

    it.skipIf(takesUnknownLengths)("must tell its length where the framework may cut it off", async () => {
      const { site } = running()
      const { url, headers } = await site.media.signedUpload("new/d.bin", { maxSize: 1000 })
      const body = ReadableStream.from(streamOf(sampleBytes(100)))
      expect((await fetch(url, { method: "PUT", headers, body, duplex: "half" })).status).toBe(411)
      expect(await isMissing(site, "new/d.bin")).toBe(true)
    })

    it("that is too large is refused, before its body where it tells its length, and leaves nothing", async () => {
      const { site, port } = running()
      const { url, headers } = await site.media.signedUpload("new/b.bin", { maxSize: 1000 })
      const streamed = await fetch(url, {
        method: "PUT",
        headers,
        body: ReadableStream.from(streamOf(sampleBytes(MEBIBYTE / 2))),
        duplex: "half",
      })
      const refused = takesUnknownLengths ? [413, "1000 bytes"] : [411, "Content-Length"]
      expect([streamed.status, await streamed.text()]).toEqual([
        refused[0],
        expect.stringContaining(String(refused[1])),
      ])
      // These clients wait for the answer before they send the rest of the body.
      const begins = [
        "content-length: 99999999\r\n\r\n",
        `transfer-encoding: chunked\r\n\r\n400\r\n${"x".repeat(1024)}`,
      ]
      for (const begin of begins) {
        const socket = connect(port, "127.0.0.1").on("error", () => {})
        socket.write(`${headOf(url, headers)}${begin}`)
        const [answer] = (await once(socket, "data")) as [Buffer]
        expect(answer.toString()).toMatch(takesUnknownLengths ? /^HTTP\/1\.1 413 / : /^HTTP\/1\.1 41[13] /)
        socket.destroy()
      }
      expect(await isMissing(site, "new/b.bin")).toBe(true)
      await until(async () => (await temporaryFiles(site)).length === 0)
    })

    it.each(["end", "resetAndDestroy"] as const)("that breaks off (%s) leaves nothing", async (goAway) => {
      const { site, port, ask } = running()
      const { url, headers } = await site.media.signedUpload("new/c.bin")
      const socket = connect(port, "127.0.0.1")
      const gone = everythingOf(socket)
      socket.write(`${headOf(url, headers)}content-length: 3000000\r\n\r\n`)
      socket.write(LARGE.subarray(0, MEBIBYTE))
      await until(async () => (await temporaryFiles(site)).length > 0)
      socket[goAway]()
      await until(async () => (await temporaryFiles(site)).length === 0)
      expect(await isMissing(site, "new/c.bin")).toBe(true)
      expect((await ask("/media/report.txt")).status).toBe(200)
      socket.destroy()
      await gone
      expect(site.errors).toEqual([])
    })
  })
}
