import { createHash } from "node:crypto"
import { gunzipSync } from "node:zlib"
import { createServer, type IncomingHttpHeaders, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { DriverStorage } from "@node-storages/core"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { S3Storage } from "./s3-storage.ts"

/** A service with just PUT, GET and HEAD of whole objects and ranges. */
let server: Server
const objects = new Map<string, { body: Buffer; headers: IncomingHttpHeaders }>()
beforeAll(async () => {
  server = createServer((request, response) => {
    const key = request.url!.split("?")[0]!
    const chunks: Buffer[] = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      if (request.method === "PUT") {
        const body = Buffer.concat(chunks)
        objects.set(key, { body, headers: request.headers })
        response.setHeader("etag", `"${createHash("md5").update(body).digest("hex")}"`)
        return response.end()
      }
      const { body, headers } = objects.get(key)!
      for (const name of ["content-type", "content-encoding"])
        if (headers[name]) response.setHeader(name, headers[name])
      response.setHeader("content-length", body.byteLength)
      return response.end(request.method === "HEAD" ? undefined : body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
})
afterAll(() => server.close())
beforeEach(() => objects.clear())

const css = "body { color: red } ".repeat(500)

function storage(gzip: boolean | string[]): S3Storage {
  return new S3Storage("bucket", {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: "key", secretAccessKey: "secret" },
    conditionalCreate: "put",
    gzip,
  })
}

describe("the option gzip", () => {
  it("stores chosen types compressed, from bytes and from streams, and reads them as they were", async () => {
    const compressing = storage(true)
    async function* stream() {
      yield css.slice(0, 100)
      yield css.slice(100)
    }
    await compressing.save("a.css", css)
    await compressing.save("b.css", stream())
    for (const name of ["a.css", "b.css"]) {
      const { body, headers } = objects.get(`/bucket/${name}`)!
      expect(headers["content-encoding"]).toBe("gzip")
      expect(body.byteLength).toBeLessThan(500)
      expect(gunzipSync(body).toString()).toBe(css)
      expect(await compressing.open(name).text()).toBe(css)
      expect(await compressing.open(name).slice(5, 12).text()).toBe(css.slice(5, 12))
    }
  })

  it("leaves other types, and what the caller has encoded, as they are", async () => {
    const compressing = storage(["text/css"])
    await compressing.save("a.txt", css)
    await compressing.save("a.css", "already", { contentEncoding: "br" })
    expect(objects.get("/bucket/a.txt")!.body.toString()).toBe(css)
    expect(objects.get("/bucket/a.css")!.headers["content-encoding"]).toBe("br")
    expect(await compressing.open("a.css").text()).toBe("already")
  })

  it("makes the same bytes of the same content", async () => {
    await storage(true).save("a.css", css)
    await storage(true).save("b.css", css)
    expect(objects.get("/bucket/a.css")!.body.equals(objects.get("/bucket/b.css")!.body)).toBe(true)
  })

  it("copies to a storage that does not compress as what reading gives, without the encoding", async () => {
    const compressing = storage(true)
    await compressing.write("a.css", css)
    expect(await compressing.stat("a.css")).toMatchObject({ contentEncoding: "gzip", decoded: true })
    const plain = new DriverStorage(storage(false).driver, { location: "plain" })
    expect(await plain.write("b.css", compressing.open("a.css"))).toMatchObject({ size: css.length })
    expect(await plain.open("b.css").text()).toBe(css)
    expect((await plain.stat("b.css")).contentEncoding).toBeUndefined()
  })

  it("copies within the storage through this process, with a condition, as it was", async () => {
    const compressing = storage(true)
    await compressing.write("a.css", css)
    await compressing.copy("a.css", "b.css", { ifAbsent: true })
    expect(await compressing.open("b.css").text()).toBe(css)
    expect(objects.get("/bucket/b.css")!.headers["content-encoding"]).toBe("gzip")
  })
})
