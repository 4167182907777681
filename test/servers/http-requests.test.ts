import { describe, expect, test } from "vitest"
import { RequestFollower, type RequestEvent } from "./http-requests.ts"

const GET = "GET /key HTTP/1.1\r\nHost: a\r\n\r\n"
const PUT = "PUT /key HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nGET /"
const CHUNKED =
  "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\n\r\n\r\n\r\nA\r\n0123456789\r\n0\r\nt: 1\r\n\r\n"

/** The events without their bytes, and all the bytes. */
function follow(pieces: string[]): { kinds: string[]; bytes: string; events: RequestEvent[] } {
  const follower = new RequestFollower()
  const events = pieces.flatMap((piece) => follower.push(Buffer.from(piece, "latin1")))
  const bytes = events.map((event) => (event.kind === "bytes" ? event.bytes.toString("latin1") : "")).join("")
  return { kinds: events.map(({ kind }) => kind).filter((kind) => kind !== "bytes"), bytes, events }
}

const request = ["begin", "head", "end"]

describe("following the requests of a connection", () => {
  test.each([
    ["a request without a body", GET],
    ["a body of known length", PUT],
    ["a chunked body with extensions, line breaks in its data and a trailer", CHUNKED],
  ])("sees begin, head and end of %s", (_, text) => {
    expect(follow([text])).toMatchObject({ kinds: request, bytes: text })
  })

  test("sees the same however the bytes are cut", () => {
    const text = GET + PUT + CHUNKED + GET
    const kinds = [...request, ...request, ...request, ...request]
    expect(follow(text.split(""))).toMatchObject({ kinds, bytes: text })
    for (let cut = 1; cut < text.length; cut++) {
      expect(follow([text.slice(0, cut), text.slice(cut)])).toMatchObject({ kinds, bytes: text })
    }
  })

  test("tells the method and whether the client waits for 100 Continue", () => {
    const heads = follow([PUT, GET]).events.flatMap((event) => (event.kind === "head" ? [event.head] : []))
    expect(heads).toEqual([
      { method: "PUT", expectsContinue: true },
      { method: "GET", expectsContinue: false },
    ])
  })

  test("lets bytes pass that are not HTTP, and sees no request in them", () => {
    const text = "\x16\x03\x01 not HTTP\r\nat all\r\n\r\n"
    expect(follow([text, GET])).toMatchObject({ kinds: ["begin"], bytes: text + GET })
  })
})
