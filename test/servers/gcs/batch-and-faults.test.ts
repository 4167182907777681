import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { startGcsServer, type GcsServer } from "./gcs-server.ts"
import { rawClient, reasonOf, type RawAnswer, type RawClient } from "./raw-client.ts"

let server: GcsServer
let client: RawClient

beforeAll(async () => {
  server = await startGcsServer({ buckets: ["batches"] })
  client = rawClient(server, "batches")
})
afterEach(() => {
  server.faults.clear()
  server.requests.reset()
})
afterAll(() => server.stop())

function batch(calls: readonly string[], options: { token?: string | null } = {}): Promise<RawAnswer> {
  const parts = calls.map((call, index) => {
    return `--mark\r\nContent-Type: application/http\r\nContent-ID: <batch+${index}>\r\n\r\n${call}\r\n`
  })
  const headers = { "content-type": "multipart/mixed; boundary=mark" }
  return client.send("POST", "/batch/storage/v1", { ...options, headers, body: `${parts.join("")}--mark--` })
}

describe("a batch", () => {
  test("carries out each call and answers in order, by their content IDs", async () => {
    await Promise.all(["a", "b/ä %"].map((name) => client.insert(name, name)))
    const patch = JSON.stringify({ cacheControl: "no-store" })
    const answer = await batch([
      `DELETE ${client.object("a")} HTTP/1.1\r\n\r\n`,
      `DELETE ${client.object("missing")}\r\n\r\n`,
      `PATCH ${client.object("b/ä %")} HTTP/1.1\r\nContent-Type: application/json\r\n\r\n${patch}`,
      `GET ${client.object("b/ä %", { fields: "cacheControl" })} HTTP/1.1\r\n\r\n`,
      `GET ${client.object("b/ä %", { ifGenerationMatch: "1" })} HTTP/1.1\r\n\r\n`,
      `POST /storage/v1/b HTTP/1.1\r\n\r\n`,
    ])
    expect(answer.status).toBe(200)
    expect(answer.headers.get("content-type")).toMatch(/^multipart\/mixed; boundary=/)
    expect([...answer.text.matchAll(/Content-ID: (\S+)/g)].map(([, id]) => id)).toEqual(
      [0, 1, 2, 3, 4, 5].map((index) => `<response-batch+${index}>`),
    )
    const statuses = [...answer.text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status))
    expect(statuses).toEqual([204, 404, 200, 200, 412, 404])
    expect(answer.text).toContain('\r\n\r\n{"cacheControl":"no-store"}\r\n')
    expect(server.requests.count("objects.delete")).toBe(2)
    expect(server.requests.all.filter(({ batched }) => !batched).map(({ operation }) => operation)).toContain("batch")
  })

  test("of over 100 calls is refused, and one of none", async () => {
    const calls = Array.from({ length: 101 }, (_, index) => `DELETE ${client.object(`n${index}`)}\r\n\r\n`)
    expect(reasonOf(await batch(calls))).toBe("400 invalid")
    expect((await batch(calls.slice(1))).status).toBe(200)
    expect(reasonOf(await batch([]))).toBe("400 invalid")
  })

  test("without a token may do nothing, and a fault can meet one of its calls", async () => {
    await client.insert("kept", "x")
    const call = `DELETE ${client.object("kept")} HTTP/1.1\r\n\r\n`
    expect((await batch([call], { token: null })).text).toContain("HTTP/1.1 401")
    server.faults.add({ operation: "objects.delete", status: 503, times: 1 })
    const { text } = await batch([call, call])
    expect([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual(["503", "204"])
  })
})

describe("a fault", () => {
  test("answers in place of the operation, as often as it was told", async () => {
    server.faults.add({ operation: "objects.insert", status: 503, retryAfter: 7, times: 2 })
    const answers = [await client.insert("f", "x"), await client.insert("f", "x")]
    expect(answers.map(reasonOf)).toEqual(["503 backendError", "503 backendError"])
    expect(answers[0]!.headers.get("retry-after")).toBe("7")
    expect((await client.send("GET", client.object("f"))).status).toBe(404)
    expect((await client.insert("f", "x")).status).toBe(200)
    server.faults.add({ operation: /^objects\./, status: 429 })
    expect((await client.send("GET", client.object("f"))).status).toBe(429)
    server.faults.clear()
    expect((await client.send("GET", client.object("f"))).status).toBe(200)
  })

  test("loses the answer of what was carried out", async () => {
    server.faults.add({ operation: "objects.insert", loseAnswer: true, times: 1 })
    await expect(client.insert("lost", "x")).rejects.toThrow()
    expect((await client.send("GET", client.object("lost"))).status).toBe(200)
  })

  test("cuts an upload, of which nothing is stored then", async () => {
    server.faults.add({ operation: "objects.insert", resetAfterUploaded: 100_000, times: 1 })
    await expect(client.insert("cut", new Uint8Array(200_000))).rejects.toThrow()
    expect((await client.send("GET", client.object("cut"))).status).toBe(404)
  })

  test("cuts a download after exactly so many bytes", async () => {
    await client.insert("down", new Uint8Array(2_000_000))
    server.faults.add({ operation: "objects.download", resetAfterDownloaded: 1_500_000 })
    const headers = { authorization: `Bearer ${server.accessToken()}` }
    const response = await fetch(server.endpoint + client.object("down", { alt: "media" }), { headers })
    let received = 0
    const read = async (): Promise<void> => {
      for await (const chunk of response.body!) received += chunk.length
    }
    await expect(read()).rejects.toThrow()
    expect(received).toBe(1_500_000)
  })

  test("changes one byte of a download, or of an upload on its way", async () => {
    await client.insert("bytes", "abcdef")
    server.faults.add({ operation: "objects.download", corruptDownload: true, times: 1 })
    const media = client.object("bytes", { alt: "media" })
    expect((await client.send("GET", media)).text).not.toBe("abcdef")
    expect((await client.send("GET", media)).text).toBe("abcdef")
    server.faults.add({ operation: "objects.insert", corruptStored: true })
    const { json } = await client.insert("bytes", "abcdef")
    expect(json?.["md5Hash"]).not.toBe("6A8SJS6OhVzFq8R4RwpL9A==")
    expect((await client.send("GET", media)).text).not.toBe("abcdef")
  })

  test("delays", async () => {
    server.faults.add({ operation: "objects.list", delay: 80, times: 1 })
    const start = performance.now()
    await client.send("GET", "/storage/v1/b/batches/o")
    expect(performance.now() - start).toBeGreaterThan(75)
  })
})
