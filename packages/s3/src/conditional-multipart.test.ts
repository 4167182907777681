import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { StorageError } from "@node-storages/core"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { S3Storage, type S3StorageOptions } from "./index.ts"

/** A service that honours If-None-Match on PutObject and on CompleteMultipartUpload, as Amazon does. */
class ConditionalService {
  readonly objects: Map<string, Buffer> = new Map()
  readonly uploads: Map<string, Map<number, Buffer>> = new Map()
  readonly server: Server = createServer((request, response) => {
    void this.#answer(request, response)
  })
  /** Called before an upload is completed: the moment in which somebody else may take the key. */
  beforeCompletion: (key: string) => void = () => {}

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname: key, searchParams } = new URL(request.url!, "http://localhost")
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const id = searchParams.get("uploadId") ?? ""
    const changed = () => (request.headers["if-match"] ?? '"etag"') !== '"etag"'
    const taken = () => request.headers["if-none-match"] === "*" && this.objects.has(key)
    const answer = (status: number, text = "") => response.writeHead(status, { etag: '"etag"' }).end(text)

    if (request.method === "HEAD") return void answer(this.objects.has(key) ? 200 : 404)
    if (request.method === "POST" && searchParams.has("uploads")) {
      this.uploads.set("1", new Map())
      return void answer(200, "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>")
    }
    if (request.method === "PUT" && id) {
      this.uploads.get(id)!.set(Number(searchParams.get("partNumber")), body)
      return void answer(200)
    }
    if (request.method === "PUT") {
      if (taken() || changed()) return void answer(412, "<Error><Code>PreconditionFailed</Code></Error>")
      this.objects.set(key, body)
      return void answer(200)
    }
    if (request.method === "POST") {
      this.beforeCompletion(key)
      if (taken()) return void answer(412, "<Error><Code>PreconditionFailed</Code></Error>")
      const parts = [...this.uploads.get(id)!].toSorted(([a], [b]) => a - b).map(([, part]) => part)
      this.objects.set(key, Buffer.concat(parts))
      this.uploads.delete(id)
      return void answer(200, '<CompleteMultipartUploadResult><ETag>"etag"</ETag></CompleteMultipartUploadResult>')
    }
    if (request.method === "DELETE" && id) {
      this.uploads.delete(id)
      return void answer(204)
    }
    return void answer(404, "<Error><Code>NoSuchUpload</Code></Error>")
  }
}

const PART = 5 * 1024 * 1024
const bytes = Buffer.alloc(2 * PART + 7, "0123456789")

async function* stream() {
  for (let start = 0; start < bytes.byteLength; start += 1_000_000) yield bytes.subarray(start, start + 1_000_000)
}

let service: ConditionalService
let storage: S3Storage
let options: S3StorageOptions

beforeEach(async () => {
  service = new ConditionalService()
  await new Promise<void>((resolve) => service.server.listen(0, "127.0.0.1", resolve))
  options = {
    endpoint: `http://127.0.0.1:${(service.server.address() as AddressInfo).port}`,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: "key", secretAccessKey: "secret" },
    conditionalCreate: "put-and-multipart",
    partSize: PART,
  }
  storage = new S3Storage("bucket", options)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await storage.close()
  service.server.close()
})

describe("on a service that completes uploads conditionally", () => {
  it("a large stream is saved in parts under the name itself where it is free", async () => {
    expect(await storage.save("film.mp4", stream())).toBe("film.mp4")
    expect(service.objects.get("/bucket/film.mp4")!.equals(bytes)).toBe(true)
    expect(service.uploads.size).toBe(0)
  })

  it("a large stream is saved under an alternative where the name is taken", async () => {
    service.objects.set("/bucket/film.mp4", Buffer.from("first"))
    const name = await storage.save("film.mp4", stream())
    expect(name).toMatch(/^film_[A-Za-z0-9]{7}\.mp4$/)
    expect(service.objects.get("/bucket/film.mp4")!.toString()).toBe("first")
    expect(service.objects.get(`/bucket/${name}`)!.equals(bytes)).toBe(true)
  })

  it("a one-shot stream that loses the race at its very end is sent again under another name", async () => {
    service.beforeCompletion = (key) => {
      if (key === "/bucket/film.mp4") service.objects.set(key, Buffer.from("the winner's"))
    }
    const name = await storage.save("film.mp4", stream())
    expect(name).toMatch(/^film_[A-Za-z0-9]{7}\.mp4$/)
    expect(service.objects.get(`/bucket/${name}`)!.equals(bytes)).toBe(true)
    expect(service.objects.get("/bucket/film.mp4")!.toString()).toBe("the winner's")
    expect(service.uploads.size).toBe(0)
  })

  it("it is refused where no temporary file could be made, and nothing is lost or left behind", async () => {
    vi.stubEnv("TMPDIR", "/nonexistent")
    service.beforeCompletion = (key) => service.objects.set(key, Buffer.from("the winner's"))
    const error: unknown = await storage.save("film.mp4", stream()).catch((reason: unknown) => reason)
    expect(StorageError.is(error, "already-exists")).toBe(true)
    expect((error as Error).message).toContain("read twice")
    expect(service.objects.get("/bucket/film.mp4")!.toString()).toBe("the winner's")
    expect(service.uploads.size).toBe(0)
  })

  it("content that can be read again finds another name when it loses the race", async () => {
    service.beforeCompletion = (key) => {
      if (key === "/bucket/film.mp4") service.objects.set(key, Buffer.from("the winner's"))
    }
    const name = await storage.save("film.mp4", new Blob([bytes]))
    expect(name).toMatch(/^film_[A-Za-z0-9]{7}\.mp4$/)
    expect(service.objects.get(`/bucket/${name}`)!.equals(bytes)).toBe(true)
    expect(service.objects.get("/bucket/film.mp4")!.toString()).toBe("the winner's")
  })

  it("write() with ifAbsent is refused with `already-exists`", async () => {
    service.objects.set("/bucket/film.mp4", Buffer.from("first"))
    await expect(storage.write("film.mp4", stream(), { ifAbsent: true })).rejects.toMatchObject({
      code: "already-exists",
    })
    expect(service.uploads.size).toBe(0)
  })
})

describe("on a service that knows conditions for PutObject only", () => {
  it("a large stream with ifMatch goes as one put, so that a version that has changed is not replaced", async () => {
    const storageOfPuts = new S3Storage("bucket", { ...options, conditionalCreate: "put", conditionalMatch: true })
    service.objects.set("/bucket/film.mp4", Buffer.from("first"))
    const stale = storageOfPuts.write("film.mp4", stream(), { ifMatch: '"another"' })
    await expect(stale).rejects.toMatchObject({ code: "precondition-failed" })
    expect(service.objects.get("/bucket/film.mp4")!.toString()).toBe("first")
    await storageOfPuts.write("film.mp4", stream(), { ifMatch: '"etag"' })
    expect(service.objects.get("/bucket/film.mp4")!.equals(bytes)).toBe(true)
    await storageOfPuts.close()
  })
})
