import { Agent, request as httpRequest } from "node:http"
import { buffer } from "node:stream/consumers"
import fc from "fast-check"
import { serveStorage } from "@node-storages/http"
import { describe, expect, it } from "vitest"
import { fuzzSite } from "./fuzz-site.ts"
import { type HeaderSet, headerSets } from "./header-sets.ts"
import { type Judged, type Representation, wrongWith } from "./oracle.ts"
import { expectNoUnhandledRejections, HANDLERS, serve } from "./served.ts"
import { soak } from "../run/soak.ts"

const RUNS = soak(3000, 600)

describe("whatever the headers, an answer is what RFC 9110 allows", () => {
  it.each([{ cache: false }, { cache: true }])("of the handler for web requests ($cache)", async ({ cache }) => {
    expectNoUnhandledRejections()
    const { storage, options, site, known } = await fuzzSite()
    const errors: unknown[] = []
    const handle = serveStorage(storage, { ...options, cache, onError: (error) => void errors.push(error) })
    const answerTo = async ({ method, path, headers }: HeaderSet): Promise<Judged> => {
      const response = await handle(new Request(`http://localhost${path}`, { method, headers }))
      const body = Buffer.from(await response.arrayBuffer())
      return { status: response.status, headers: Object.fromEntries(response.headers), body }
    }
    const property = fc.asyncProperty(headerSets(known), async (set) => {
      expect(wrongWith(set, await answerTo(set), site)).toBeUndefined()
    })
    await fc.assert(property, { numRuns: RUNS })
    expect(errors).toEqual([])
  })

  it.each([{ cache: false }, { cache: true }])(
    "of the handler for Node, over connections that are kept ($cache)",
    async ({ cache }) => {
      expectNoUnhandledRejections()
      const { storage, options, site, known } = await fuzzSite()
      const { port, errors } = await serve(HANDLERS[0]![1], storage, { ...options, cache })
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      const answerTo = ({ method, path, headers }: HeaderSet) =>
        new Promise<Judged>((resolve, reject) => {
          const sent = httpRequest({ host: "127.0.0.1", port, agent, method, path, headers }, (message) => {
            const got = message.headers as Record<string, string>
            buffer(message).then((body) => resolve({ status: message.statusCode!, headers: got, body }), reject)
          })
          sent.on("error", reject).end()
        })
      const property = fc.asyncProperty(headerSets(known), async (set) => {
        expect(wrongWith(set, await answerTo(set), site)).toBeUndefined()
      })
      await fc.assert(property, { numRuns: RUNS })
      agent.destroy()
      expect(errors).toEqual([])
    },
  )

  it("and the judge sees what is wrong", async () => {
    const { site } = await fuzzSite()
    const [{ bytes, etag }] = site.get("/photo.png")! as readonly [Representation]
    const ask = (headers: HeaderSet["headers"]) => ({ method: "GET", path: "/photo.png", headers })
    const part = (range: string, body: Buffer) => ({
      status: 206,
      headers: { etag, "content-range": `bytes ${range}/300`, "content-length": String(body.length) },
      body,
    })
    const whole = { status: 200, headers: { etag, "content-length": "300" }, body: bytes }
    expect(wrongWith(ask({}), whole, site)).toBeUndefined()
    // What sirv answers.
    const last = ask({ range: "bytes=-5" })
    expect(wrongWith(last, part("295-299", bytes.subarray(295)), site)).toBeUndefined()
    expect(wrongWith(last, part("0-5", bytes.subarray(0, 6)), site)).toBeDefined()
    expect(wrongWith(last, whole, site)).toBeDefined()
    for (const [headers, answer] of [
      [{}, { ...whole, body: bytes.subarray(1) }],
      [{}, { ...whole, headers: { ...whole.headers, etag: '"x"' } }],
      [{}, { ...whole, headers: { ...whole.headers, "content-encoding": "br" } }],
      [{}, { ...whole, status: 304 }],
      [{ "if-none-match": `"a", W/${etag}` }, whole],
      [{ "if-match": `W/${etag}` }, whole],
      [{ range: "bytes=300-" }, whole],
      [{ range: "bytes=5-2" }, part("2-5", bytes.subarray(2, 6))],
      [{ range: "bytes=0-1", "if-range": '"x"' }, part("0-1", bytes.subarray(0, 2))],
      [{ range: "bytes=0-1" }, part("0-1", bytes.subarray(1, 3))],
    ] as const) {
      expect([headers, typeof wrongWith(ask(headers), answer, site)]).toEqual([headers, "string"])
    }
  })
})
