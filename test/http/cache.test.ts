import { intercept, type Storage, StorageError } from "@node-storages/core"
import type { ServeOptions } from "@node-storages/http"
import { MemoryStorage } from "@node-storages/memory"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { HANDLERS, serve } from "./served.ts"

const FRESH_FOR = 0.2

/** By the clock of this process, in milliseconds. It stands still, however long a test takes. */
let now: number
beforeEach(() => {
  now = performance.now()
  vi.spyOn(performance, "now").mockImplementation(() => now)
})
afterEach(() => void vi.restoreAllMocks())

function becomeStale(): void {
  now += FRESH_FOR * 1000 + 20
}

describe.each(HANDLERS)("files that are kept in memory, by %s", (_, handler) => {
  const site = async (options: Omit<ServeOptions<object>, "onError"> = {}, given: Storage = new MemoryStorage()) => {
    const calls: string[] = []
    let failure: Error | undefined
    const watched = given.with(
      intercept((call) => {
        calls.push(call.member)
        if (failure) throw failure
        return call.run(call.signal)
      }),
    )
    const served = await serve(handler, watched, { cache: { freshFor: FRESH_FOR }, ...options })
    const text = async (path: string) => {
      const { status, body } = await served.ask(path)
      return status === 200 ? body.toString() : status
    }
    const fail = (error: Error | undefined) => void (failure = error)
    return { ...served, storage: given, text, fail, called: () => calls.splice(0) }
  }

  it("are read once, also by many at the same time, and looked at again when that was a while ago", async () => {
    const { storage, text, called, ask } = await site()
    await storage.write("a.txt", "a")
    const all = await Promise.all(Array.from({ length: 50 }, () => text("/a.txt")))
    expect([new Set(all), called().length]).toEqual([new Set(["a"]), 2])
    for (const headers of [{}, { range: "bytes=0-0" }, { "if-none-match": '"x"' }]) await ask("/a.txt", headers)
    await ask("/a.txt", {}, { method: "HEAD" })
    expect(called()).toEqual([])
    becomeStale()
    expect(await text("/a.txt")).toBe("a")
    // It has not changed: a look, and no reading.
    expect(called()).toHaveLength(1)
  })

  it("are those that the storage has, at the latest when they are looked at again", async () => {
    const { storage, text, ask } = await site()
    expect(await text("/a.txt")).toBe(404)
    await storage.write("a.txt", "one")
    becomeStale()
    expect(await text("/a.txt")).toBe("one")
    const { etag } = (await ask("/a.txt")).headers
    await storage.write("a.txt", "two")
    becomeStale()
    const changed = await ask("/a.txt", { "if-none-match": etag! })
    expect([changed.status, changed.body.toString()]).toEqual([200, "two"])
    await storage.delete("a.txt")
    becomeStale()
    expect(await text("/a.txt")).toBe(404)
  })

  it("have the same headers as others", async () => {
    const options = {
      precompressed: true,
      immutable: true,
      allowOrigins: "*",
      headers: () => ({ "x-own": "1" }),
    } as const
    const { storage, ask } = await site(options)
    const plain = await serve(handler, storage, options)
    await storage.write("a.html", "<p>", { cacheControl: "max-age=9", contentLanguage: "de" })
    await storage.write("app.0123456789ab.css", "a {}")
    await storage.write("app.0123456789ab.css.br", "not really")
    for (const path of ["/a.html", "/app.0123456789ab.css", "/app.0123456789ab.css?v=1"]) {
      for (const headers of [{}, { "accept-encoding": "gzip, br" }]) {
        const expected = await plain.ask(path, headers)
        for (const turn of [1, 2, 3]) {
          const { status, headers: got, body } = await ask(path, headers)
          expect([turn, status, body.toString()]).toEqual([turn, 200, expected.body.toString()])
          expect({ ...got, date: "" }).toEqual({ ...expected.headers, date: "" })
        }
      }
    }
  })

  it("with a name that changes with the content are never asked for again", async () => {
    const { storage, text, called } = await site({ immutable: true })
    await storage.write("app.0123456789ab.js", "1")
    await text("/app.0123456789ab.js")
    called()
    becomeStale()
    expect([await text("/app.0123456789ab.js"), called()]).toEqual(["1", []])
  })

  it("are small: a large one is asked for each time, by one request", async () => {
    const { storage, ask, called } = await site({ cache: { maxFileBytes: 1000 } })
    await storage.write("large.bin", Buffer.alloc(1001, 1))
    await ask("/large.bin")
    called()
    for (const turn of [1, 2]) {
      expect([turn, (await ask("/large.bin")).body.byteLength, called()]).toEqual([turn, 1001, ["get"]])
    }
    await ask("/large.bin", { range: "bytes=0-0" })
    expect(called()).toEqual(["get"])
  })

  it("take no more memory than they may, and names of no file drive out none", async () => {
    const { storage, ask, text, called } = await site({ cache: { maxBytes: 20_000, freshFor: 60 } })
    for (let index = 0; index < 10; index++) await storage.write(`${index}.bin`, Buffer.alloc(4000, 65))
    for (let index = 0; index < 10; index++) await ask(`/${index}.bin`)
    called()
    // The last four fit, with what each costs beside its bytes.
    for (let index = 6; index < 10; index++) await ask(`/${index}.bin`)
    expect(called()).toEqual([])
    for (let index = 0; index < 300; index++) await text(`/missing-${index}`)
    called()
    for (let index = 6; index < 10; index++) await ask(`/${index}.bin`)
    expect(called()).toEqual([])
    await ask("/0.bin")
    expect(called()).toHaveLength(2)
  })

  it("a failure of the storage is answered as such, and not kept", async () => {
    const { storage, ask, text, fail } = await site()
    await storage.write("a.txt", "a")
    fail(new StorageError("unavailable", "down"))
    expect(await text("/a.txt")).toBe(503)
    fail(undefined)
    expect(await text("/a.txt")).toBe("a")
    fail(new StorageError("unavailable", "down"))
    // What is fresh needs no storage.
    expect(await text("/a.txt")).toBe("a")
    becomeStale()
    expect(await text("/a.txt")).toBe(503)
    fail(undefined)
    expect((await ask("/a.txt", { range: "bytes=0-0" })).status).toBe(206)
  })

  it("are only for who may have them", async () => {
    let isAllowed = true
    const { storage, text } = await site({ authorize: () => isAllowed })
    await storage.write("a.txt", "secret")
    expect([await text("/a.txt"), await text("/a.txt")]).toEqual(["secret", "secret"])
    isAllowed = false
    expect(await text("/a.txt")).toBe(403)
  })

  it("and signed URLs are checked at each request", async () => {
    const signing = { baseUrl: "/", signingKeys: ["0123456789abcdef0123456789abcdef"] }
    const signed = await site({}, new MemoryStorage(signing))
    await signed.storage.write("a.txt", "secret")
    const url = await signed.storage.url("a.txt")
    expect([await signed.text(url), await signed.text(url), await signed.text("/a.txt")]).toEqual([
      "secret",
      "secret",
      403,
    ])
    // Where the files are public, a signature still decides about headers.
    const open = await site({}, new MemoryStorage({ ...signing, signedUrls: false }))
    await open.storage.write("a.txt", "public")
    await open.text("/a.txt")
    const download = await open.storage.url("a.txt", { expiresIn: "1h", download: "b.txt" })
    expect((await open.ask(download)).headers["content-disposition"]).toContain("b.txt")
    expect((await open.ask("/a.txt?signed=x.y")).status).toBe(403)
    expect((await open.ask("/a.txt")).headers["content-disposition"]).toBeUndefined()
  })

  it("hidden names stay hidden", async () => {
    const { storage, text } = await site({ precompressed: true })
    await storage.write(".env", "secret")
    for (const turn of [1, 2, 3]) expect([turn, await text("/.env"), await text("/%2eenv")]).toEqual([turn, 404, 404])
  })
})
