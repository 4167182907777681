import { hash } from "node:crypto"
import { Readable } from "node:stream"
import { S3Client } from "@aws-sdk/client-s3"
import { describe, expect, it } from "vitest"
import { uploadMultipart } from "./multipart.ts"

interface Sent {
  readonly method: string
  readonly query: Readonly<Record<string, string | undefined>>
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
}

/** The answers of a service to one upload in parts. */
class PartService {
  /** Whether it compares a part with the SHA-256 that it is signed with; "busy" where it can't be asked. */
  compares: boolean | "busy" = true
  /** The entity tag that it answers with: of other bytes than those that came, where it is told to. */
  changes = false
  isFull = false
  readonly parts: Map<number, Buffer> = new Map()
  readonly digests: (string | undefined)[] = []
  open = false
  stored: Buffer | undefined
  readonly client: S3Client

  constructor() {
    this.client = new S3Client({
      region: "us-east-1",
      endpoint: "http://localhost",
      credentials: { accessKeyId: "key", secretAccessKey: "secret" },
      requestChecksumCalculation: "WHEN_REQUIRED",
      maxAttempts: 1,
      requestHandler: {
        handle: async (request: Sent) => ({ response: this.#answer(request) }),
      },
    })
  }

  #answer({ method, query, headers, body }: Sent): unknown {
    if (method === "POST" && "uploads" in query) {
      this.open = true
      return answer(200, "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>")
    }
    if (method === "PUT") return this.#part(Number(query["partNumber"]), Buffer.from(body!), headers)
    if (method === "POST") {
      const numbers = [...String(body).matchAll(/<PartNumber>(\d+)</g)].map(([, number]) => Number(number))
      this.stored = Buffer.concat(numbers.map((number) => this.parts.get(number)!))
      this.open = false
      return answer(200, '<CompleteMultipartUploadResult><ETag>"whole"</ETag></CompleteMultipartUploadResult>')
    }
    if (method === "DELETE") this.open = false
    return method === "DELETE" ? answer(204) : answer(404, "<Error><Code>NoSuchUpload</Code></Error>")
  }

  #part(number: number, bytes: Buffer, headers: Sent["headers"]): unknown {
    const told = headers["x-amz-content-sha256"]
    const isOther = told !== hash("sha256", bytes)
    if (!isOther) this.digests.push(told)
    if (isOther && this.compares === "busy") return answer(503, "<Error><Code>SlowDown</Code></Error>")
    if (isOther && this.compares) return answer(400, "<Error><Code>XAmzContentSHA256Mismatch</Code></Error>")
    if (this.isFull) return answer(400, "<Error><Code>QuotaExceeded</Code></Error>")
    this.parts.set(number, Buffer.from(bytes))
    return answer(200, "", { etag: `"${hash("md5", this.changes ? "other bytes" : bytes)}"` })
  }
}

function answer(statusCode: number, text = "", headers: Record<string, string> = {}): unknown {
  return { statusCode, headers, body: Readable.from([Buffer.from(text)]) }
}

async function* pieces(text: string) {
  for (const letter of text) yield Buffer.from(letter)
}

const TARGET = { Bucket: "bucket", Key: "film.mp4" }

function upload(service: PartService, body: AsyncIterable<Uint8Array>, signal?: AbortSignal) {
  return uploadMultipart(service.client, TARGET, body, { partSize: 4, concurrency: 2, signal, compatible: true })
}

describe("an upload in parts", () => {
  it("is completed by its parts in their order, the last one shorter", async () => {
    const service = new PartService()
    expect(await upload(service, pieces("abcdefghij"))).toEqual({ etag: '"whole"', size: 10 })
    expect(service.stored?.toString()).toBe("abcdefghij")
    expect([...service.parts.values()].map((part) => part.byteLength)).toEqual([4, 4, 2])
  })

  it("is ended by a failed part at once, though its source is silent, and dropped", async () => {
    const service = new PartService()
    service.isFull = true
    async function* silent() {
      yield Buffer.from("abcd")
      await new Promise<void>((resolve) => setTimeout(resolve, 60_000).unref())
    }
    await expect(upload(service, silent())).rejects.toMatchObject({ name: "QuotaExceeded" })
    expect(service.open).toBe(false)
  })

  it("of more parts than a service takes fails with a way out", async () => {
    const answered = { UploadId: "1", ETag: '"tag"', Parts: [] }
    const client = {
      config: { requestChecksumCalculation: async () => "WHEN_REQUIRED" },
      send: async () => answered,
    } as unknown as S3Client
    async function* long() {
      for (let part = 0; part < 10_001; part++) yield Uint8Array.of(1, 2)
    }
    const options = { partSize: 2, concurrency: 4, signal: undefined, compatible: false }
    await expect(uploadMultipart(client, TARGET, long(), options)).rejects.toMatchObject({
      code: "invalid-content",
      message: expect.stringContaining("Raise partSize") as string,
    })
  })
})

describe("a part that is changed on its way", () => {
  it("is left to a service that compares digests, which each part is signed with", async () => {
    const service = new PartService()
    service.changes = true
    await upload(service, pieces("abcdefgh"))
    expect(service.digests).toEqual([hash("sha256", "abcd"), hash("sha256", "efgh")])
    expect(service.stored?.toString()).toBe("abcdefgh")
  })

  it("is told by its entity tag on a service that compares none, and nothing is left", async () => {
    const service = new PartService()
    service.compares = false
    await upload(service, pieces("abcdefgh"))
    expect(service.stored?.toString()).toBe("abcdefgh")

    service.changes = true
    service.stored = undefined
    await expect(upload(service, pieces("abcdefgh"))).rejects.toMatchObject({ code: "checksum-mismatch" })
    expect(service).toMatchObject({ open: false, stored: undefined })
  })

  it("is told by its entity tag while the service gave no clear answer, which it is asked for again", async () => {
    const service = new PartService()
    service.compares = "busy"
    service.changes = true
    await expect(upload(service, pieces("abcdefgh"))).rejects.toMatchObject({ code: "checksum-mismatch" })
    service.compares = true
    await upload(service, pieces("abcdefgh"))
    expect(service.stored?.toString()).toBe("abcdefgh")
  })
})
