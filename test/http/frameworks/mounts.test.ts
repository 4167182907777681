import { once } from "node:events"
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { nodeHandler, serveStorage } from "@node-storages/http"
import { fastifyStorage } from "@node-storages/http/fastify"
import { honoStorage } from "@node-storages/http/hono"
import { nextRoute } from "@node-storages/http/next"
import { MemoryStorage } from "@node-storages/memory"
import express, { Router } from "express"
import fastify, { type FastifyRequest } from "fastify"
import { Hono } from "hono"
import { NextRequest } from "next/server.js"
import { describe, expect, it, onTestFinished } from "vitest"
import { PATIENCE } from "../../patience.ts"
import { someTurns, until } from "../../servers/until.ts"
import { stopped } from "./stopped.ts"

const BASE_URL = "http://localhost/media/"
const signingKeys = ["a key that signs, for tests only, of today"]

async function filled(): Promise<MemoryStorage> {
  const storage = new MemoryStorage({ baseUrl: BASE_URL, signingKeys, signedUrls: false })
  await storage.write("a.txt", "hello")
  await storage.write("index.html", "home")
  return storage
}

async function listening(app: RequestListener): Promise<string> {
  const server = createServer(app)
  await once(server.listen(0, "127.0.0.1"), "listening")
  onTestFinished(() => stopped(server))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe("in Express", () => {
  it("routers in routers lead to the index, and files are found in them", async () => {
    const media = Router().use("/media", nodeHandler(await filled(), { index: "index.html" }))
    const origin = await listening(express().use("/en", Router().use("/shop", media)))
    expect(await (await fetch(`${origin}/en/shop/media/a.txt`)).text()).toBe("hello")
    const response = await fetch(`${origin}/en/shop/media`)
    expect([response.redirected, new URL(response.url).pathname]).toEqual([true, "/en/shop/media/"])
    expect(await response.text()).toBe("home")
  })

  it("an upload whose body a parser has read is told, and not stored as an empty file", async () => {
    const storage = await filled()
    const errors: unknown[] = []
    const handler = nodeHandler(storage, { onError: (error) => void errors.push(error) })
    const origin = await listening(express().use(express.json()).use("/media", handler))
    const { url, headers } = await storage.signedUpload("b.json")
    const body = ReadableStream.from([Buffer.from("{}")])
    const init = { method: "PUT", headers, body, duplex: "half" } as const
    const response = await fetch(url.replace("http://localhost", origin), init)
    expect(response.status).toBe(500)
    expect(String(errors[0])).toContain("mount this handler before body parsers")
    expect(await storage.exists("b.json")).toBe(false)
  })

  it("a response that a limit of time has answered meanwhile is left as it is", async () => {
    let [answered, authorized] = [0, 0]
    const slow = nodeHandler(await filled(), {
      authorize: async () => {
        await until(() => answered > authorized)
        authorized++
        return true
      },
    })
    const app = express().use((_, response, next) => {
      setTimeout(() => response.status(503).send("too slow"), 10)
      next()
    })
    const origin = await listening(app.use("/media", slow))
    for (const turn of [1, 2]) {
      const response = await fetch(`${origin}/media/a.txt`)
      expect([response.status, await response.text()]).toEqual([503, "too slow"])
      answered = turn
      await until(() => authorized === turn)
      await someTurns()
    }
  })
})

describe("in Fastify", () => {
  it("a prefix may have parameters, and lie in another", async () => {
    const app = fastify()
    onTestFinished(() => app.close())
    const storage = await filled()
    const authorize = ({ params }: FastifyRequest) => (params as { shop: string }).shop === "ours"
    const plugin = fastifyStorage(storage, { authorize, index: "index.html" })
    app.register(async (shops) => void shops.register(plugin, { prefix: "/:shop/media" }), { prefix: "/shops" })
    const origin = await app.listen({ port: 0, host: "127.0.0.1" })
    const ask = async (path: string) => {
      const response = await fetch(origin + path, { redirect: "manual" })
      return [response.status, response.headers.get("location") ?? (await response.text())]
    }
    expect(await ask("/shops/ours/media/a.txt?v=1")).toEqual([200, "hello"])
    expect(await ask("/shops/ours/media")).toEqual([301, "./media/"])
    expect(await ask("/shops/ours/media/")).toEqual([200, "home"])
    expect(await ask("/shops/theirs/media/a.txt")).toEqual([403, "Forbidden\n"])
  })

  it("without a prefix it serves the root", async () => {
    const app = fastify()
    onTestFinished(() => app.close())
    app.register(fastifyStorage(await filled(), { index: "index.html" }))
    const origin = await app.listen({ port: 0, host: "127.0.0.1" })
    expect(await (await fetch(origin)).text()).toBe("home")
    expect(await (await fetch(`${origin}/a.txt`)).text()).toBe("hello")
    expect((await fetch(`${origin}/missing`)).status).toBe(404)
  })

  it("headers and cookies that hooks have set are sent along, and hooks see the answer", async () => {
    const app = fastify()
    onTestFinished(() => app.close())
    const seen: number[] = []
    app.addHook("onRequest", async (_, reply) => {
      reply.header("set-cookie", ["a=1", "b=2"]).header("x-count", 0)
    })
    app.addHook("onResponse", async (_, reply) => void seen.push(reply.statusCode))
    app.register(fastifyStorage(await filled()), { prefix: "/media" })
    const origin = await app.listen({ port: 0, host: "127.0.0.1" })
    const response = await fetch(`${origin}/media/a.txt`)
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"])
    expect(response.headers.get("x-count")).toBe("0")
    await response.text()
    await expect.poll(() => seen, { timeout: PATIENCE }).toEqual([200])
  })

  it("the parsers of other routes are left as they are", async () => {
    const app = fastify({ bodyLimit: 10 })
    onTestFinished(() => app.close())
    app.register(fastifyStorage(await filled()), { prefix: "/media" })
    app.post("/echo", async ({ body }) => body)
    const post = (payload: string) =>
      app.inject({ method: "POST", url: "/echo", headers: { "content-type": "application/json" }, payload })
    expect((await post('{"a":1}')).json()).toEqual({ a: 1 })
    expect((await post('{"a":1234567890}')).statusCode).toBe(413)
  })
})

describe("in Hono", () => {
  it("an app in an app has the whole path as its prefix", async () => {
    const media = new Hono().get(
      "/media/*",
      honoStorage(await filled(), { prefix: "/shop/media/", index: "index.html" }),
    )
    const app = new Hono().route("/shop", media)
    const text = async (path: string) => (await app.request(path)).text()
    expect(await text("/shop/media/a.txt")).toBe("hello")
    expect(await text("/shop/media/")).toBe("home")
    expect((await app.request("/shop/media")).headers.get("location")).toBe("./media/")
    expect((await app.request("/shop/media/a.txt", { method: "HEAD" })).headers.get("content-length")).toBe("5")
    expect((await app.request("/shop/media/missing")).status).toBe(404)
  })

  it("a handler of the Fetch standard can be mounted too", async () => {
    const app = new Hono().mount("/media", serveStorage(await filled()))
    expect(await (await app.request("/media/a.txt")).text()).toBe("hello")
  })

  it("an upload whose body others have read is told, and not stored", async () => {
    const storage = await filled()
    const errors: unknown[] = []
    const app = new Hono()
    app.use(async ({ req }, next) => {
      await req.raw.text()
      await next()
    })
    app.use("/media/*", honoStorage(storage, { prefix: "/media/", onError: (error) => void errors.push(error) }))
    const { url, headers } = await storage.signedUpload("b.txt")
    const response = await app.request(url, { method: "PUT", headers, body: "hello" })
    expect(response.status).toBe(500)
    expect(String(errors[0])).toContain("read by someone else")
    expect(await storage.exists("b.txt")).toBe(false)
  })
})

describe("in Next.js", () => {
  it("authorize reads the cookies of its request", async () => {
    const { GET } = nextRoute(await filled(), {
      prefix: "/media/",
      authorize: (request: NextRequest) => request.cookies.get("user")?.value === "ada",
    })
    const ask = (cookie: string) => GET(new NextRequest(`${BASE_URL}a.txt`, { headers: { cookie } }))
    expect(await (await ask("user=ada")).text()).toBe("hello")
    expect((await ask("user=bob")).status).toBe(403)
  })
})
