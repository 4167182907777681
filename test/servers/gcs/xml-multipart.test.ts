import { randomBytes } from "node:crypto"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { TransferManager } from "@google-cloud/storage"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { startGcsServer, type GcsServer } from "./gcs-server.ts"
import { codeOf, rawClient, type RawAnswer, type RawClient } from "./raw-client.ts"
import { officialClient } from "./sdk-client.ts"
import { namedParts } from "./xml-multipart.ts"

const PART = 5 * 1024 * 1024
const NAME = "folder/ä %#?.bin"
const PATH = "/in-parts/folder/%C3%A4%20%25%23%3F.bin"

let server: GcsServer
let client: RawClient

beforeAll(async () => {
  server = await startGcsServer({ buckets: ["in-parts"] })
  client = rawClient(server, "in-parts")
})
afterAll(() => server.stop())

async function start(headers: Record<string, string> = {}): Promise<string> {
  const { status, text } = await client.send("POST", `${PATH}?uploads`, { headers })
  expect(status).toBe(200)
  return valueOf(text, "UploadId")
}

function send(id: string, number: number | string, body: string | Uint8Array<ArrayBuffer>, headers = {}) {
  return client.send("PUT", `${PATH}?partNumber=${number}&uploadId=${id}`, { body, headers })
}

function complete(id: string, parts: readonly (readonly [number: number, etag: string])[]): Promise<RawAnswer> {
  const items = parts.map(([number, etag]) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`)
  const body = `<CompleteMultipartUpload>${items.join("")}</CompleteMultipartUpload>`
  return client.send("POST", `${PATH}?uploadId=${id}`, { body })
}

function list(id: string, query = ""): Promise<RawAnswer> {
  return client.send("GET", `${PATH}?uploadId=${id}${query}`)
}

function valueOf(text: string, element: string): string {
  return new RegExp(`<${element}>([^<]*)</${element}>`).exec(text)?.[1] ?? ""
}

function valuesOf(text: string, element: string): string[] {
  return [...text.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, "g"))].map(([, value]) => value!)
}

const etagOf = (answer: RawAnswer): string => answer.headers.get("etag")!

describe("an upload in parts", () => {
  test("becomes an object with the headers of its start, no MD5, and an entity tag that is none", async () => {
    const id = await start({ "content-type": "a/b", "cache-control": "no-store", "x-goog-meta-owner": "7" })
    const whole = randomBytes(2 * PART + 10)
    const parts = [whole.subarray(0, PART), whole.subarray(PART, 2 * PART), whole.subarray(2 * PART)]
    const etags: [number, string][] = []
    for (const number of [3, 1, 2]) {
      const answer = await send(id, number, new Uint8Array(parts[number - 1]!))
      expect([answer.status, answer.headers.get("x-goog-hash")]).toEqual([200, expect.stringMatching(/^crc32c=.*md5=/)])
      etags.push([number, etagOf(answer)])
    }
    expect((await client.send("GET", PATH)).status).toBe(404)
    const answer = await complete(
      id,
      etags.toSorted(([a], [b]) => a - b),
    )
    expect(answer.status).toBe(200)
    expect([valueOf(answer.text, "Bucket"), valueOf(answer.text, "Key")]).toEqual(["in-parts", NAME])
    const { json } = await client.send("GET", client.object(NAME))
    expect(json).toMatchObject({
      contentType: "a/b",
      cacheControl: "no-store",
      metadata: { owner: "7" },
      size: String(whole.length),
      crc32c: expect.any(String),
    })
    expect(json).not.toHaveProperty("md5Hash")
    const stored = await fetch(server.endpoint + PATH, { headers: { authorization: `Bearer ${server.accessToken()}` } })
    expect(valueOf(answer.text, "ETag")).toBe(stored.headers.get("etag"))
    expect(stored.headers.get("x-goog-hash")).not.toContain("md5")
    expect(Buffer.from(await stored.arrayBuffer()).equals(whole)).toBe(true)
    const copied = await client.send("POST", `${client.object(NAME)}/rewriteTo/b/in-parts/o/copy`)
    expect(copied.json?.["resource"]).not.toHaveProperty("md5Hash")
  })

  test("tells its parts page by page", async () => {
    const id = await start()
    for (const number of [7, 2, 5]) await send(id, number, `part ${number}`)
    const first = await list(id, "&max-parts=2")
    expect(valuesOf(first.text, "PartNumber")).toEqual(["2", "5"])
    expect(valuesOf(first.text, "Size")).toEqual(["6", "6"])
    expect([valueOf(first.text, "IsTruncated"), valueOf(first.text, "NextPartNumberMarker")]).toEqual(["true", "5"])
    const second = await list(id, "&max-parts=2&part-number-marker=5")
    expect(valuesOf(second.text, "PartNumber")).toEqual(["7"])
    expect([valueOf(second.text, "IsTruncated"), valueOf(second.text, "MaxParts")]).toEqual(["false", "2"])
    expect(codeOf(await list(id, "&max-parts=0"))).toBe("400 InvalidArgument")
    expect(codeOf(await list(id, "&part-number-marker=x"))).toBe("400 InvalidArgument")
  })

  test("is gone with all its parts when it is aborted or completed", async () => {
    const aborted = await start()
    await send(aborted, 1, "x")
    expect((await client.send("DELETE", `${PATH}?uploadId=${aborted}`)).status).toBe(204)
    const completed = await start()
    const part = etagOf(await send(completed, 1, "x"))
    await send(completed, 2, "not named")
    expect((await complete(completed, [[1, part]])).status).toBe(200)
    for (const id of [aborted, completed, "nobody"]) {
      expect(codeOf(await send(id, 1, "x"))).toBe("404 NoSuchUpload")
      expect(codeOf(await list(id))).toBe("404 NoSuchUpload")
      expect(codeOf(await complete(id, [[1, part]]))).toBe("404 NoSuchUpload")
      expect(codeOf(await client.send("DELETE", `${PATH}?uploadId=${id}`))).toBe("404 NoSuchUpload")
    }
    expect((await client.send("GET", PATH)).text).toBe("x")
  })

  test("belongs to its object: under another name it is none", async () => {
    const id = await start()
    expect(codeOf(await client.send("GET", `/in-parts/other?uploadId=${id}`))).toBe("404 NoSuchUpload")
  })
})

describe("a part", () => {
  test("is replaced by one that is sent again, by whose entity tag alone it can be named", async () => {
    const id = await start()
    const first = etagOf(await send(id, 1, "first"))
    const second = etagOf(await send(id, 1, "second"))
    expect(codeOf(await complete(id, [[1, first]]))).toBe("400 InvalidPart")
    expect(codeOf(await complete(id, [[1, second.replaceAll('"', "")]]))).toBe("400 InvalidPart")
    expect(codeOf(await complete(id, [[2, second]]))).toBe("400 InvalidPart")
    expect((await complete(id, [[1, second.replaceAll('"', "&quot;")]])).status).toBe(200)
    expect((await client.send("GET", PATH)).text).toBe("second")
  })

  test("must be of 5 MiB, but for the last, which is held when the upload is completed", async () => {
    const id = await start()
    const small = etagOf(await send(id, 1, new Uint8Array(PART - 1)))
    const last = etagOf(await send(id, 2, "x"))
    expect(
      codeOf(
        await complete(id, [
          [1, small],
          [2, last],
        ]),
      ),
    ).toBe("400 EntityTooSmall")
    const large = etagOf(await send(id, 1, new Uint8Array(PART)))
    expect(
      (
        await complete(id, [
          [1, large],
          [2, last],
        ])
      ).status,
    ).toBe(200)
  })

  test("has a number from 1 to 10,000", async () => {
    const id = await start()
    expect((await send(id, 10_000, "x")).status).toBe(200)
    for (const number of [0, 10_001, "x", "1.5", ""]) {
      expect(codeOf(await send(id, number, "x"))).toBe("400 InvalidArgument")
    }
    expect(codeOf(await client.send("PUT", `${PATH}?uploadId=${id}`, { body: "x" }))).toBe("400 InvalidArgument")
  })

  test("is refused where its digest or its size is another than announced", async () => {
    const id = await start()
    expect(codeOf(await send(id, 1, "x", { "content-md5": "AAAAAAAAAAAAAAAAAAAAAA==" }))).toMatch(/^400 /)
    expect(codeOf(await send(id, 1, "x", { "x-goog-hash": "crc32c=AAAAAA==" }))).toMatch(/^400 /)
    expect(codeOf(await send(id, 1, "xx", { "x-goog-content-length-range": "1,1" }))).toBe("400 EntityTooLarge")
    expect(codeOf(await send(id, 1, "", { "x-goog-content-length-range": "1,1" }))).toBe("400 EntityTooSmall")
    expect(valuesOf((await list(id)).text, "PartNumber")).toEqual([])
    expect((await send(id, 1, "x", { "x-goog-content-length-range": "1,1" })).status).toBe(200)
  })
})

describe("a completion", () => {
  test("names parts in ascending order, each once", async () => {
    const id = await start()
    const etag = etagOf(await send(id, 1, new Uint8Array(PART)))
    await send(id, 2, new Uint8Array(PART))
    expect(
      codeOf(
        await complete(id, [
          [2, etag],
          [1, etag],
        ]),
      ),
    ).toBe("400 InvalidPartOrder")
    expect(
      codeOf(
        await complete(id, [
          [1, etag],
          [1, etag],
        ]),
      ),
    ).toBe("400 InvalidPartOrder")
    expect((await list(id)).status).toBe(200)
  })

  test("is one document and nothing else", () => {
    const part = "<Part><ETag>&quot;a&amp;b&quot;</ETag><PartNumber>1</PartNumber></Part>"
    const document = `<?xml version="1.0"?>\n<CompleteMultipartUpload xmlns="x">\n ${part}\n</CompleteMultipartUpload>\n`
    expect(namedParts(document)).toEqual([{ number: 1, etag: '"a&b"' }])
    for (const wrong of [
      "",
      "{}",
      "<CompleteMultipartUpload></CompleteMultipartUpload>",
      `<CompleteMultipartUpload>${part}`,
      `<CompleteMultipartUpload>${part}x</CompleteMultipartUpload>`,
      "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>",
      "<CompleteMultipartUpload><Part><PartNumber>x</PartNumber><ETag>a</ETag></Part></CompleteMultipartUpload>",
    ]) {
      expect(() => namedParts(wrong)).toThrow(/not well-formed/)
    }
  })

  test("takes no preconditions, and needs access", async () => {
    const id = await start()
    const headers = { "x-goog-if-generation-match": "0" }
    expect(codeOf(await client.send("POST", `${PATH}?uploads`, { headers }))).toBe("400 InvalidArgument")
    expect(codeOf(await client.send("POST", `${PATH}?uploadId=${id}`, { headers, body: "x" }))).toBe(
      "400 InvalidArgument",
    )
    for (const [method, query] of [
      ["POST", "uploads"],
      ["PUT", `uploadId=${id}&partNumber=1`],
      ["GET", `uploadId=${id}`],
      ["POST", `uploadId=${id}`],
      ["DELETE", `uploadId=${id}`],
    ] as const) {
      expect(codeOf(await client.send(method, `${PATH}?${query}`, { token: null }))).toBe("403 AccessDenied")
    }
    expect(codeOf(await client.send("POST", "/missing-bucket/a?uploads"))).toBe("404 NoSuchBucket")
  })
})

describe("the official client", () => {
  test("uploads a file in chunks", async () => {
    const folder = await mkdtemp(join(tmpdir(), "gcs-in-parts-"))
    const storage = await officialClient(server)
    const bucket = storage.bucket("in-parts")
    // It asks at https://BUCKET.HOST, whatever the endpoint is, and takes no Blob, which its transport makes of XML.
    const { authClient } = storage
    const request = authClient.request.bind(authClient)
    authClient.request = async (options: Parameters<typeof request>[0]) => {
      const url = String(options?.url).replace(/^https:\/\/in-parts\.[^/]+/, `${server.endpoint}/in-parts`)
      return request({ ...options, url, responseType: "text" })
    }
    try {
      const bytes = randomBytes(2 * PART + 1234)
      const path = join(folder, "film.bin")
      await writeFile(path, bytes)
      server.requests.reset()
      const options = {
        chunkSizeBytes: PART,
        uploadName: "by-the-official-client.bin",
        headers: { "Content-Type": "video/x-test" },
      }
      await new TransferManager(bucket).uploadFileInChunks(path, options)
      const counts = ["start", "part", "complete"].map((each) => server.requests.count(`xml.multipart.${each}`))
      expect(counts).toEqual([1, 3, 1])
      const [content] = await bucket.file(options.uploadName).download()
      const [metadata] = await bucket.file(options.uploadName).getMetadata()
      expect([content.equals(bytes), metadata.contentType]).toEqual([true, "video/x-test"])
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
