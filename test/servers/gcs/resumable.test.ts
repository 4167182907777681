import { randomBytes } from "node:crypto"
import { connect } from "node:net"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { PATIENCE } from "../../patience.ts"
import { startGcsServer, type GcsServer } from "./gcs-server.ts"
import { rawClient, reasonOf, type RawAnswer, type RawClient } from "./raw-client.ts"

const UNIT = 256 * 1024

let now = new Date()
let server: GcsServer
let client: RawClient

beforeAll(async () => {
  server = await startGcsServer({ buckets: ["resumable"], now: () => now })
  client = rawClient(server, "resumable")
})
afterEach(() => server.faults.clear())
afterAll(() => server.stop())

async function start(name: string, parameters: object = {}, headers: Record<string, string> = {}): Promise<string> {
  const query = new URLSearchParams({ uploadType: "resumable", name, ...parameters })
  const answer = await client.send("POST", `/upload/storage/v1/b/resumable/o?${query.toString()}`, { headers })
  return answer.headers.get("location") ?? reasonOf(answer)
}

/** The session's address is enough: no token is sent. */
function put(
  session: string,
  range: string,
  body: Uint8Array<ArrayBuffer> = new Uint8Array(),
  headers: Record<string, string> = {},
): Promise<RawAnswer> {
  return client.send("PUT", session, { headers: { "content-range": `bytes ${range}`, ...headers }, body, token: null })
}

async function stored(session: string): Promise<string | null> {
  const answer = await put(session, "*/*")
  expect(answer.status).toBe(308)
  return answer.headers.get("range")
}

describe("a resumable upload", () => {
  test("tells after each chunk what is stored, and nothing when nothing is", async () => {
    const bytes = new Uint8Array(randomBytes(3 * UNIT + 5))
    const session = await start("arithmetic")
    expect(await stored(session)).toBe(null)
    const first = await put(session, `0-${UNIT - 1}/*`, bytes.subarray(0, UNIT))
    expect([first.status, first.headers.get("range")]).toEqual([308, `bytes=0-${UNIT - 1}`])
    const second = await put(session, `${UNIT}-${3 * UNIT - 1}/${bytes.length}`, bytes.subarray(UNIT, 3 * UNIT))
    expect([second.status, second.headers.get("range")]).toEqual([308, `bytes=0-${3 * UNIT - 1}`])
    expect(await stored(session)).toBe(`bytes=0-${3 * UNIT - 1}`)
    expect((await client.send("GET", client.object("arithmetic"))).status).toBe(404)
    const last = await put(session, `${3 * UNIT}-${3 * UNIT + 4}/${bytes.length}`, bytes.subarray(3 * UNIT))
    expect([last.status, last.json?.["size"]]).toEqual([200, String(bytes.length)])
    const again = await put(session, "*/*")
    expect([again.status, again.json?.generation]).toEqual([200, last.json?.generation])
  })

  test("refuses a chunk that is not the last and no multiple of 256 KiB", async () => {
    const session = await start("uneven")
    expect(reasonOf(await put(session, "0-99/*", new Uint8Array(100)))).toBe("400 invalid")
    expect(reasonOf(await put(session, `0-${UNIT}/*`, new Uint8Array(UNIT + 1)))).toBe("400 invalid")
    expect(reasonOf(await put(session, `0-99/1000`, new Uint8Array(100)))).toBe("400 invalid")
    expect(await stored(session)).toBe(null)
    expect((await put(session, "0-99/100", new Uint8Array(100))).status).toBe(200)
  })

  test("refuses a chunk whose length or range is wrong, or that leaves a gap", async () => {
    const session = await start("gap")
    expect((await put(session, `0-${UNIT - 1}/*`, new Uint8Array(UNIT))).status).toBe(308)
    expect((await put(session, `${2 * UNIT}-${3 * UNIT - 1}/*`, new Uint8Array(UNIT))).status).toBe(503)
    expect(reasonOf(await put(session, `${UNIT}-${2 * UNIT - 1}/*`, new Uint8Array(10)))).toBe("400 invalid")
    expect(reasonOf(await put(session, "5-1/10", new Uint8Array(1)))).toBe("400 invalid")
    expect(reasonOf(await put(session, "0-9/5", new Uint8Array(10)))).toBe("400 invalid")
    expect(reasonOf(await put(session, "nonsense", new Uint8Array(10)))).toBe("400 invalid")
    expect(await stored(session)).toBe(`bytes=0-${UNIT - 1}`)
  })

  test("takes bytes again that it has, once", async () => {
    const bytes = new Uint8Array(randomBytes(2 * UNIT))
    const session = await start("overlap")
    await put(session, `0-${UNIT - 1}/*`, bytes.subarray(0, UNIT))
    const end = await put(session, `0-${2 * UNIT - 1}/${2 * UNIT}`, bytes)
    expect(end.status).toBe(200)
    const content = await fetch(server.endpoint + client.object("overlap", { alt: "media" }), {
      headers: { authorization: `Bearer ${server.accessToken()}` },
    })
    expect(Buffer.from(await content.arrayBuffer()).equals(bytes)).toBe(true)
  })

  test("ends without more bytes when its total turns out to be what is stored", async () => {
    const session = await start("total")
    await put(session, `0-${UNIT - 1}/*`, new Uint8Array(UNIT))
    expect((await put(session, `*/${2 * UNIT}`)).status).toBe(308)
    expect((await put(session, `*/${UNIT}`)).status).toBe(200)
    expect((await put(await start("empty"), "*/0")).status).toBe(200)
  })

  test("keeps whole multiples of 256 KiB of a chunk that was cut", async () => {
    const session = await start("cut")
    server.faults.add({ operation: "resumable.chunk", resetAfterUploaded: 2 * UNIT + 77, times: 1 })
    await expect(put(session, `0-${4 * UNIT - 1}/${4 * UNIT}`, new Uint8Array(4 * UNIT))).rejects.toThrow()
    expect(await stored(session)).toBe(`bytes=0-${2 * UNIT - 1}`)
    const rest = new Uint8Array(2 * UNIT)
    expect((await put(session, `${2 * UNIT}-${4 * UNIT - 1}/${4 * UNIT}`, rest)).status).toBe(200)
  })

  test("goes on with a new request while an old one hangs", async () => {
    const session = await start("hanging")
    const { port, pathname, search } = new URL(session)
    const socket = connect(Number(port), "127.0.0.1").on("error", () => {})
    const head = [
      `PUT ${pathname}${search} HTTP/1.1`,
      "Host: 127.0.0.1",
      `Content-Length: ${2 * UNIT}`,
      `Content-Range: bytes 0-${2 * UNIT - 1}/*`,
    ].join("\r\n")
    socket.write(`${head}\r\n\r\n`)
    socket.write(new Uint8Array(UNIT + 9))
    await expect.poll(() => stored(session), { timeout: PATIENCE }).toBe(`bytes=0-${UNIT - 1}`)
    socket.destroy()
  })

  test("whose last answer was lost tells that it is finished", async () => {
    const session = await start("lost")
    server.faults.add({ operation: "resumable.chunk", loseAnswer: true, times: 1 })
    await expect(put(session, "0-4/5", new Uint8Array(5))).rejects.toThrow()
    expect(await put(session, "*/*")).toMatchObject({ status: 200, json: { name: "lost", size: "5" } })
  })

  test("that is cancelled answers 499 from then on", async () => {
    const session = await start("cancelled")
    await put(session, `0-${UNIT - 1}/*`, new Uint8Array(UNIT))
    expect((await client.send("DELETE", session)).status).toBe(499)
    expect((await put(session, "*/*")).status).toBe(499)
    expect((await put(session, `${UNIT}-${UNIT}/${UNIT + 1}`, new Uint8Array(1))).status).toBe(499)
    expect((await client.send("GET", client.object("cancelled"))).status).toBe(404)
  })

  test("that nobody started is not there, and one of a week ago is gone", async () => {
    const session = await start("old")
    expect((await put(session.replace(/upload_id=.*/, "upload_id=unknown"), "*/*")).status).toBe(404)
    now = new Date(now.getTime() + 7 * 24 * 60 * 60 * 1000)
    expect((await put(session, "*/*")).status).toBe(410)
    client = rawClient(server, "resumable")
  })

  test("checks its preconditions at the start and at the end", async () => {
    const session = await start("race", { ifGenerationMatch: "0" })
    expect((await client.insert("race", "other")).status).toBe(200)
    expect(await start("race", { ifGenerationMatch: "0" })).toBe("412 conditionNotMet")
    expect(reasonOf(await put(session, "0-4/5", new Uint8Array(5)))).toBe("412 conditionNotMet")
    expect((await client.send("GET", client.object("race", { alt: "media" }))).text).toBe("other")
  })

  test("must have the announced length, and the announced checksum", async () => {
    const session = await start("announced", {}, { "x-upload-content-length": "5", "x-upload-content-type": "a/b" })
    expect(reasonOf(await put(session, "0-5/6", new Uint8Array(6)))).toBe("400 invalid")
    expect(await put(session, "0-4/5", new Uint8Array(5))).toMatchObject({ status: 200, json: { contentType: "a/b" } })
    const wrong = await start("checksum")
    const hash = { "x-goog-hash": "crc32c=AAAAAA==" }
    expect(reasonOf(await put(wrong, "0-4/5", new Uint8Array(5), hash))).toBe("400 invalid")
    expect((await client.send("GET", client.object("checksum"))).status).toBe(404)
  })

  test("of one request needs no length beforehand", async () => {
    expect(await put(await start("open"), "0-*/*", new Uint8Array(70_000))).toMatchObject({ json: { size: "70000" } })
    const known = await start("known")
    expect((await put(known, `0-*/${UNIT + 1}`, new Uint8Array(UNIT))).headers.get("range")).toBe(`bytes=0-${UNIT - 1}`)
  })
})
