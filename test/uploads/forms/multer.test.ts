import { createServer } from "node:http"
import { LocalStorage } from "@node-storages/local"
import { MemoryStorage } from "@node-storages/memory"
import { type MulterFileInfo, multerStorage, UploadError } from "@node-storages/uploads"
import { intercept } from "@node-storages/core"
import express, { type ErrorRequestHandler } from "express"
import multer, { type Options, type StorageEngine } from "multer"
import { describe, expect, it } from "vitest"
import { filesBelow, temporaryRoot } from "../../../packages/local/test/root.ts"
import { PATIENCE } from "../../patience.ts"
import { MEBIBYTE, sampleBytes } from "../../sample-bytes.ts"
import {
  bodyOf,
  CONTENT_TYPE,
  END,
  fieldPart,
  fileHead,
  filePart,
  listening,
  namesIn,
  PNG,
  rawConnection,
  requestHead,
} from "./support.ts"

async function start(engine: StorageEngine, options: Options = {}) {
  const app = express()
  const errors: unknown[] = []
  app.post("/", multer({ storage: engine, defParamCharset: "utf8", ...options }).array("file"), (request, response) => {
    response.json({ fields: request.body as unknown, files: request.files })
  })
  const report: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
    errors.push(error)
    response.status(UploadError.is(error) ? error.status : 500).end()
  }
  app.use(report)
  return { ...(await listening(createServer(app))), errors }
}

const post = async (url: string, ...parts: (string | Uint8Array)[]) =>
  fetch(url, { method: "POST", headers: { "content-type": CONTENT_TYPE }, body: bodyOf(...parts, END) })

describe("multer with an engine on a storage", () => {
  it("stores files under clean names, with their types by their bytes", async () => {
    const storage = new MemoryStorage()
    const engine = multerStorage({ storage, name: "{field}/{name}", checksums: ["md5"] })
    const { url } = await start(engine)
    const large = sampleBytes(2 * MEBIBYTE)
    const response = await post(
      url,
      fieldPart("title", "x"),
      filePart("file", "../Ünï (1).png", PNG),
      filePart("file", "b.bin", large),
    )
    expect(response.status).toBe(200)
    const { fields, files } = (await response.json()) as { fields: unknown; files: (MulterFileInfo & object)[] }
    expect(fields).toEqual({ title: "x" })
    expect(files[0]).toMatchObject({
      fieldname: "file",
      originalname: "Ünï (1).png",
      name: "file/Ünï_1.png",
      filename: "file/Ünï_1.png",
      size: PNG.byteLength,
      mimetype: "image/png",
      contentType: "image/png",
      active: false,
      checksum: { md5: expect.stringMatching(/^[0-9a-f]{32}$/) as string },
      storage: { storage: "memory" },
    })
    expect(files[1]).toMatchObject({ name: "file/b.bin", size: large.byteLength, mimetype: "application/octet-stream" })
    expect(Buffer.from(await storage.open("file/b.bin").bytes()).equals(large)).toBe(true)
  })

  it("refuses types, and removes what it stored", async () => {
    const storage = new MemoryStorage()
    const { url, errors } = await start(multerStorage({ storage, types: ["image/*"] }))
    const response = await post(url, filePart("file", "a.png", PNG), filePart("file", "b.png", "<html>"))
    expect(response.status).toBe(415)
    expect(errors).toEqual([expect.objectContaining({ code: "type-not-allowed", field: "file" })])
    expect(await namesIn(storage)).toEqual([])
  })

  it("stores nothing of a file that multer cuts off at its limit", async () => {
    const storage = new MemoryStorage()
    let puts = 0
    const counted = storage.with(
      intercept((call) => {
        if (call.member === "put") puts++
        return call.run(call.signal)
      }),
    )
    const { url, errors } = await start(multerStorage({ storage: counted }), { limits: { fileSize: 100_000 } })
    const response = await post(url, filePart("file", "a.png", PNG), filePart("file", "b.bin", sampleBytes(300_000)))
    expect(response.status).toBe(500)
    expect(errors).toEqual([expect.objectContaining({ code: "LIMIT_FILE_SIZE" })])
    expect(puts).toBe(2)
    expect(await namesIn(storage)).toEqual([])
  })

  it("leaves alone what was there under the same hash", async () => {
    const storage = new MemoryStorage()
    const { url } = await start(multerStorage({ storage, name: "{hash}{ext}" }), { limits: { files: 2 } })
    expect((await post(url, filePart("file", "a.png", PNG))).status).toBe(200)
    const [name] = await namesIn(storage)
    const many = Array.from({ length: 3 }, (_, index) => filePart("file", "a.png", index === 1 ? "another" : PNG))
    expect((await post(url, ...many)).status).toBe(500)
    await expect.poll(async () => namesIn(storage), { timeout: PATIENCE }).toEqual([name])
  })

  it("leaves nothing of a client that goes away", async () => {
    const root = await temporaryRoot()
    const { port, errors } = await start(multerStorage({ storage: new LocalStorage(root) }))
    const socket = await rawConnection(port)
    socket.write(
      bodyOf(requestHead(5_000_000), filePart("file", "a.png", PNG), fileHead("file", "b.bin"), sampleBytes(500_000)),
    )
    await expect.poll(async () => filesBelow(root), { timeout: PATIENCE }).toContain("a.png")
    socket.resetAndDestroy()
    await expect.poll(() => errors, { timeout: PATIENCE }).toHaveLength(1)
    await expect.poll(async () => filesBelow(root), { timeout: PATIENCE }).toEqual([])
  })

  it("refuses options that it does not have: limits are multer's", () => {
    const options = { storage: new MemoryStorage(), limits: { fileSize: 5 } }
    expect(() => multerStorage(options)).toThrow('multerStorage() has no option "limits".')
  })
})
