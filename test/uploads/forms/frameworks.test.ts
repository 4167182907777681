import { createServer, type Server } from "node:http"
import { serve } from "@hono/node-server"
import { LocalStorage } from "@node-storages/local"
import { MemoryStorage } from "@node-storages/memory"
import { receiveForm, type ReceiveFormOptions, UploadError } from "@node-storages/uploads"
import type { Storage } from "@node-storages/core"
import express from "express"
import Fastify from "fastify"
import { Hono } from "hono"
import Koa from "koa"
import { describe, expect, it } from "vitest"
import { filesBelow, temporaryRoot } from "../../../packages/local/test/root.ts"
import { PATIENCE } from "../../patience.ts"
import { MEBIBYTE, sampleBytes } from "../../sample-bytes.ts"
import {
  answerOf,
  bodyOf,
  CONTENT_TYPE,
  END,
  fileHead,
  filePart,
  listen,
  listening,
  namesIn,
  PNG,
  rawConnection,
  requestHead,
  sendError,
  sendForm,
} from "./support.ts"

/** Each framework as the guide shows it: receives forms, and answers with what arrived, or with the error's status. */
const FRAMEWORKS: Record<string, (options: ReceiveFormOptions) => Promise<{ url: string; port: number }>> = {
  "node:http": async (options) =>
    listen((request, response) => {
      receiveForm(request, options).then(
        (form) => sendForm(response, form),
        (error: unknown) => sendError(response, error),
      )
    }),

  "Express 5": async (options) => {
    const app = express()
    app.use(express.json(), express.urlencoded())
    app.set("env", "test")
    app.post("/", async (request, response) => {
      const form = await receiveForm(request, options)
      response.json(answerOf(form))
    })
    return listening(createServer(app))
  },

  Koa: async (options) => {
    const app = new Koa()
    app.silent = true
    app.use(async (context) => {
      context.body = answerOf(await receiveForm(context.req, options))
    })
    const answer = app.callback()
    return listening(createServer((request, response) => void answer(request, response)))
  },

  "Fastify 5": async (options) => {
    const app = Fastify()
    app.addContentTypeParser("multipart/form-data", (_request, _payload, done) => done(null))
    app.post("/", async (request) => answerOf(await receiveForm(request.raw, options)))
    await app.listen({ port: 0, host: "127.0.0.1" })
    return listening(app.server)
  },

  Hono: async (options) => {
    const app = new Hono()
    app.post("/", async (context) => context.json(answerOf(await receiveForm(context.req.raw, options))))
    app.onError((error, context) => context.json({}, UploadError.is(error) ? (error.status as 400) : 500))
    const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" })
    return listening(server as Server)
  },

  "a route handler of Next.js": async (options) => {
    const POST = async (request: Request): Promise<Response> => {
      try {
        return Response.json(answerOf(await receiveForm(request, options)))
      } catch (error) {
        if (!UploadError.is(error)) throw error
        return Response.json(error, { status: error.status })
      }
    }
    return listening(serve({ fetch: POST, port: 0, hostname: "127.0.0.1" }) as Server)
  },
}

function formOf(files: Record<string, Uint8Array<ArrayBuffer>>): FormData {
  const data = new FormData()
  data.append("title", "Ünïcode")
  for (const [name, bytes] of Object.entries(files)) data.append("file", new File([bytes], name))
  return data
}

describe.each(Object.entries(FRAMEWORKS))("%s", (_, start) => {
  it("receives a form of fields, a picture and a large file", async () => {
    const storage: Storage = new MemoryStorage()
    const { url } = await start({ storage })
    const large = sampleBytes(5 * MEBIBYTE)
    const response = await fetch(url, { method: "POST", body: formOf({ "a.png": PNG, "large.bin": large }) })
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      fields: [["title", "Ünïcode"]],
      files: [
        { field: "file", name: "a.png", size: PNG.byteLength, contentType: "image/png" },
        { field: "file", name: "large.bin", size: large.byteLength, contentType: "application/octet-stream" },
      ],
    })
    expect(Buffer.from(await storage.open("large.bin").bytes()).equals(large)).toBe(true)
  })

  it("answers with the error's status, also while the client is sending, and leaves nothing", async () => {
    const storage = new MemoryStorage()
    const { url } = await start({
      storage,
      limits: { fileSize: "1 MB" },
      types: ["image/png", "application/octet-stream"],
    })
    const tooLarge = await fetch(url, {
      method: "POST",
      body: formOf({ "a.png": PNG, "b.bin": sampleBytes(3 * MEBIBYTE) }),
    })
    expect(tooLarge.status).toBe(413)
    const wrongType = formOf({ "a.png": PNG, "b.png": new TextEncoder().encode("<html>") })
    expect((await fetch(url, { method: "POST", body: wrongType })).status).toBe(415)
    const headers = { "content-type": CONTENT_TYPE }
    const malformed = await fetch(url, { method: "POST", headers, body: bodyOf(filePart("a", "a.png", PNG)) })
    expect(malformed.status).toBe(400)
    expect(await namesIn(storage)).toEqual([])
    const fine = await fetch(url, { method: "POST", headers, body: bodyOf(filePart("a", "a.png", PNG), END) })
    expect(fine.status).toBe(200)
  })

  it("leaves nothing of a client that goes away in the middle of a file", async () => {
    const root = await temporaryRoot()
    const { port } = await start({ storage: new LocalStorage(root) })
    const socket = await rawConnection(port)
    const part = filePart("a", "a.png", PNG)
    socket.write(bodyOf(requestHead(5_000_000), part, fileHead("b", "b.bin"), sampleBytes(500_000)))
    await expect.poll(async () => filesBelow(root), { timeout: PATIENCE }).toContain("a.png")
    socket.resetAndDestroy()
    await expect.poll(async () => filesBelow(root), { timeout: PATIENCE }).toEqual([])
  })
})
