import { StorageError } from "@node-storages/core"
import { MemoryStorage } from "@node-storages/memory"
import { describe, expect, it } from "vitest"
import type { Incoming } from "./answer.ts"
import { FileServer } from "./file-server.ts"
import type { ServeOptions } from "./serve-options.ts"

const NATIVE = { from: "the framework" }

function request(url: string, more: Partial<Incoming<typeof NATIVE>> = {}): Incoming<typeof NATIVE> {
  return { native: NATIVE, method: "GET", url, headers: {}, body: () => expect.unreachable(), ...more }
}

async function serverOf(options: ServeOptions<typeof NATIVE> = {}, storage = new MemoryStorage()) {
  await storage.write("a.txt", "a")
  await storage.write("docs/index.html", "docs")
  return new FileServer(storage, options, "test()")
}

describe("FileServer", () => {
  it("leaves to others what is none of its files, where there are others", async () => {
    const server = await serverOf({ prefix: "/media/", index: "index.html" })
    for (const [url, method] of [
      ["/other", "GET"],
      ["/media/missing", "GET"],
      ["/media/..", "GET"],
      ["/media/a.txt", "POST"],
      ["/media/a.txt", "PUT"],
    ] as const) {
      expect([url, await server.respond(request(url, { method }), true)]).toEqual([url, undefined])
      const own = await server.respond(request(url, { method }), false)
      expect([url, own!.status]).toEqual([url, method === "GET" ? 404 : 405])
    }
    // What concerns this storage is answered here.
    for (const [url, status] of [
      ["/media/a.txt", 200],
      ["/media/docs", 301],
      ["/media/docs/", 200],
      ["/media/%zz", 400],
    ] as const) {
      expect([url, (await server.respond(request(url), true))!.status]).toEqual([url, status])
    }
  })

  it("a refusal is no invitation to others", async () => {
    const server = await serverOf({ authorize: () => false })
    for (const url of ["/a.txt", "/missing"]) expect((await server.respond(request(url), true))!.status).toBe(403)
  })

  it("gives the framework's own request to authorize and onError", async () => {
    const told: unknown[] = []
    const server = await serverOf({
      authorize: (native, name) => {
        told.push(native, name)
        throw new StorageError("timeout", "the database is slow")
      },
      onError: (error, native) => void told.push((error as StorageError).code, native),
    })
    expect((await server.respond(request("/a.txt"), false))!.status).toBe(504)
    expect(told).toEqual([NATIVE, "a.txt", "timeout", NATIVE])
  })

  it("tells nobody of an error of a request that was given up", async () => {
    const told: unknown[] = []
    const server = await serverOf({ onError: (error) => void told.push(error) })
    const signal = AbortSignal.abort()
    const answer = await server.respond(request("/a.txt", { signal }), false)
    expect([answer!.status, told]).toEqual([500, []])
  })

  it("sends a client to the index relatively, from wherever it is mounted", async () => {
    const server = await serverOf({ index: "index.html" })
    const location = async (url: string, originalUrl?: string) =>
      (await server.respond(request(url, { originalUrl }), false))!.headers["location"]
    expect(await location("/docs")).toBe("./docs/")
    expect(await location("/docs?a=b")).toBe("./docs/?a=b")
    expect(await location("/d%6fcs", "/mount/d%6fcs")).toBe("./d%6fcs/")
  })

  it("has answers at hand only for what everybody may have", async () => {
    const signing = { baseUrl: "/", signingKeys: ["0123456789abcdef0123456789abcdef"] }
    const isReady = async (options: ServeOptions<typeof NATIVE>, storage?: MemoryStorage) => {
      const server = await serverOf(options, storage)
      await server.respond(request("/a.txt"), false)
      return server.ready("GET", "/a.txt", {}) !== undefined
    }
    expect(await isReady({ cache: true })).toBe(true)
    expect(await isReady({ cache: true }, new MemoryStorage({ ...signing, signedUrls: false }))).toBe(true)
    expect(await isReady({ cache: true, allowOrigins: "*" })).toBe(true)
    expect(await isReady({})).toBe(false)
    expect(await isReady({ cache: true, authorize: () => true })).toBe(false)
    expect(await isReady({ cache: true }, new MemoryStorage(signing))).toBe(false)
    expect(await isReady({ cache: true, allowOrigins: ["https://a.example"] })).toBe(false)
    expect(await isReady({ cache: true, delivery: { accelRedirect: "/internal/" } })).toBe(false)
  })
})
