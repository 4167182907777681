import { once } from "node:events"
import { connect } from "node:net"
import { contentDisposition, type Storage } from "@node-storages/core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { describeOnAzure } from "../azure/support.ts"
import { storageOn } from "../gcs/support.ts"
import { describeOnS3 } from "../s3/support.ts"
import { MEBIBYTE, sampleBytes } from "../sample-bytes.ts"
import { until } from "../servers/until.ts"
import { parseByteranges } from "./byteranges.ts"
import { reading } from "./drivers.ts"
import { HANDLERS, serve } from "./served.ts"
import { provided } from "../servers/provided.ts"

const BYTES = Buffer.from(sampleBytes(200_000))
const LARGE = Buffer.from(sampleBytes(12 * MEBIBYTE))
const gcs = provided("gcs")

/** What holds for the files of each service when their bytes pass through the app. */
function proxies(open: () => Storage): void {
  let storage: Storage
  beforeAll(async () => {
    storage = open()
    const stored = { contentType: "text/x-own", cacheControl: "max-age=7", contentLanguage: "de" }
    await storage.write("a b/ü.txt", BYTES, {
      ...stored,
      contentDisposition: contentDisposition("attachment", "ü.txt"),
    })
    await storage.write("large.bin", LARGE)
    await storage.write("empty.txt", "")
  })
  afterAll(() => storage.close())

  it.each(HANDLERS)("whole, in parts, conditionally (%s)", async (_, handler) => {
    const { ask, errors } = await serve(handler, storage)
    const path = "/a%20b/%C3%BC.txt"
    const whole = await ask(path)
    expect([whole.status, whole.isWhole, whole.body.equals(BYTES)]).toEqual([200, true, true])
    expect(whole.headers).toMatchObject({
      "content-type": "text/x-own; charset=utf-8",
      "cache-control": "max-age=7",
      "content-disposition": contentDisposition("attachment", "ü.txt"),
      "content-language": "de",
      "content-length": "200000",
      "accept-ranges": "bytes",
      "content-security-policy": "sandbox",
    })
    const { etag, "last-modified": modified } = whole.headers as Record<string, string>
    const head = await ask(path, {}, { method: "HEAD" })
    expect({ ...head.headers, date: "" }).toEqual({ ...whole.headers, date: "" })
    for (const [range, first, last] of [
      ["bytes=0-0", 0, 0],
      ["bytes=-5", 199_995, 199_999],
      ["bytes=100000-", 100_000, 199_999],
    ] as const) {
      for (const ifRange of [etag!, modified!]) {
        const part = await ask(path, { range, "if-range": ifRange })
        expect([part.status, part.headers["content-range"]]).toEqual([206, `bytes ${first}-${last}/200000`])
        expect(part.body.equals(BYTES.subarray(first, last + 1))).toBe(true)
      }
    }
    const parts = await ask(path, { range: "bytes=0-9,100000-100009" })
    const bodies = parseByteranges(parts.headers["content-type"], parts.body).map(({ body }) => body)
    expect(Buffer.concat(bodies).equals(Buffer.concat([BYTES.subarray(0, 10), BYTES.subarray(100_000, 100_010)]))).toBe(
      true,
    )
    expect((await ask(path, { range: "bytes=200000-" })).headers["content-range"]).toBe("bytes */200000")
    expect((await ask(path, { "if-none-match": `W/${etag}` })).status).toBe(304)
    expect((await ask(path, { "if-modified-since": modified! })).status).toBe(304)
    expect((await ask(path, { "if-match": '"x"' })).status).toBe(412)
    expect((await ask("/missing.txt")).status).toBe(404)
    const empty = await ask("/empty.txt")
    expect([empty.status, empty.headers["content-length"]]).toEqual([200, "0"])
    expect((await ask("/empty.txt", { range: "bytes=0-0" })).status).toBe(416)
    expect(errors).toEqual([])
  })

  it.each(HANDLERS)("large, and let go of when the client goes away (%s)", async (_, handler) => {
    let ended = 0
    const watched = reading((object) => ({
      ...object,
      chunks: (async function* () {
        try {
          yield* object.chunks
        } finally {
          ended++
        }
      })(),
    }))
    const { ask, port, errors } = await serve(handler, storage.with(watched))
    expect((await ask("/large.bin")).body.equals(LARGE)).toBe(true)
    expect(ended).toBe(1)
    const sockets = Array.from({ length: 5 }, () => connect(port, "127.0.0.1").on("error", () => {}))
    for (const socket of sockets) {
      socket.write("GET /large.bin HTTP/1.1\r\nhost: x\r\n\r\n")
      await once(socket, "data")
      socket.destroy()
    }
    await until(() => ended === 1 + sockets.length)
    expect((await ask("/large.bin", { range: "bytes=-5" })).body.equals(LARGE.subarray(-5))).toBe(true)
    expect(errors).toEqual([])
  })
}

/** And when the client is sent to the service. */
function redirects(open: () => Storage): void {
  it.each(HANDLERS)("by a redirect to the service, which gives bytes with ranges (%s)", async (_, handler) => {
    const storage = open()
    await storage.write("a b/ü.txt", BYTES)
    const { ask, origin } = await serve(handler, storage, { delivery: "redirect", authorize: () => true })
    const redirect = await ask("/a%20b/%C3%BC.txt", { range: "bytes=0-9" })
    expect([redirect.status, redirect.headers["cache-control"], redirect.body.byteLength]).toEqual([302, "no-store", 0])
    expect(new URL(redirect.headers["location"]!).origin).not.toBe(origin)
    const followed = await fetch(`${origin}/a b/ü.txt`, { headers: { range: "bytes=100-199" } })
    expect([followed.status, followed.redirected]).toEqual([206, true])
    expect(Buffer.from(await followed.arrayBuffer()).equals(BYTES.subarray(100, 200))).toBe(true)
    // A signed URL of GET is good for nothing else, so that HEAD is answered here.
    const head = await ask("/a%20b/%C3%BC.txt", {}, { method: "HEAD" })
    expect([head.status, head.headers["content-length"]]).toEqual([200, "200000"])
    const refused = await serve(handler, storage, { delivery: "redirect", authorize: () => false })
    expect((await refused.ask("/a%20b/%C3%BC.txt")).headers["location"]).toBeUndefined()
  })
}

describeOnS3("files of S3, served", (bucket) => {
  proxies(() => bucket().storage({ location: "proxied", signedUrls: false }))
  redirects(() => bucket().storage({ location: "redirected" }))
})
describeOnAzure("files of Azure, served", (container) => {
  proxies(() => container().storage({ location: "proxied", signedUrls: false }))
  redirects(() => container().storage({ location: "redirected" }))
})
describe("files of GCS, served", () => {
  proxies(() => storageOn(gcs, gcs.buckets[0]!, { signedUrls: false }))
  redirects(() => storageOn(gcs, gcs.buckets[0]!))
})

describeOnS3("files that S3 keeps compressed, served", (bucket) => {
  it.each(HANDLERS)("are decoded, without a length and without ranges (%s)", async (_, handler) => {
    const storage = bucket().storage({ location: "gzip", gzip: true, signedUrls: false })
    const text = "a { b: c }\n".repeat(1000)
    await storage.write("app.css", text)
    expect((await storage.stat("app.css")).decoded).toBe(true)
    for (const cache of [false, true]) {
      const { ask, errors } = await serve(handler, storage, { cache })
      for (const headers of [{}, { range: "bytes=0-9" }, { "accept-encoding": "gzip" }]) {
        const answer = await ask("/app.css", headers)
        expect([answer.status, answer.isWhole, answer.body.toString() === text]).toEqual([200, true, true])
        expect([answer.headers["content-encoding"], answer.headers["accept-ranges"]]).toEqual([undefined, undefined])
        expect(answer.headers["etag"]).toMatch(/^W\//)
      }
      const { etag } = (await ask("/app.css")).headers
      expect((await ask("/app.css", { "if-none-match": etag! })).status).toBe(304)
      expect(errors).toEqual([])
    }
  })
})
