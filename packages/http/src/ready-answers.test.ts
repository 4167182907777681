import { MemoryStorage } from "@node-storages/memory"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { StorageReader } from "./file-reader.ts"
import { MemoryCache } from "./memory-cache.ts"
import { ReadyAnswers } from "./ready-answers.ts"
import { type ServeOptions, settingsOf } from "./serve-options.ts"

async function readyFor(names: readonly string[], options: ServeOptions = {}) {
  const storage = new MemoryStorage()
  const settings = settingsOf(storage, { cache: { freshFor: 60 }, ...options }, "serveStorage()")
  const cache = new MemoryCache(new StorageReader(storage), settings.cache!, settings.isImmutable)
  for (const name of names) {
    await storage.write(name, `content of ${name}`)
    await cache.read(name)
  }
  const ready = new ReadyAnswers(cache, settings, { "x-added": "1" })
  const find = (url: string, headers = {}, method = "GET") => {
    const answer = ready.find(method, url, headers)
    return answer && Buffer.from(answer.body).toString()
  }
  return { storage, cache, ready, find }
}

describe("ReadyAnswers", () => {
  it("has whole files that are in memory, and nothing else", async () => {
    const { find, storage } = await readyFor(["a.txt", "b/ü.txt"])
    expect([find("/a.txt"), find("/a.txt?v=1"), find("/b/%C3%BC.txt")]).toEqual([
      "content of a.txt",
      "content of a.txt",
      "content of b/ü.txt",
    ])
    await storage.write("c.txt", "not in memory")
    for (const url of ["/c.txt", "/missing", "/b", "/b/", "/", "/%zz", "/%2e%2e/a.txt", "//a.txt", "a.txt", "*", ""]) {
      expect([url, find(url)]).toEqual([url, undefined])
    }
  })

  it("leaves to others what more than the file decides about", async () => {
    const { find, ready } = await readyFor(["a.txt"])
    for (const method of ["HEAD", "POST", "PUT", "OPTIONS", "get"]) expect(find("/a.txt", {}, method)).toBeUndefined()
    for (const name of ["range", "if-none-match", "if-modified-since", "if-match", "if-unmodified-since"]) {
      expect([name, find("/a.txt", { [name]: "" })]).toEqual([name, undefined])
    }
    expect(find("/a.txt?signed=x")).toBeUndefined()
    expect(ready.find(undefined, undefined, {})).toBeUndefined()
  })

  it("makes headers once for each look at the storage", async () => {
    let made = 0
    let now = performance.now()
    vi.spyOn(performance, "now").mockImplementation(() => now)
    onTestFinished(() => void vi.restoreAllMocks())
    const { ready, cache } = await readyFor(["a.txt"], {
      cacheControl: () => `max-age=${++made}`,
      cache: { freshFor: 0.05 },
    })
    await cache.read("a.txt")
    const first = ready.find("GET", "/a.txt", {})!
    expect(ready.find("GET", "/a.txt?x", {})).toBe(first)
    const headers = Object.fromEntries(first.headers.map((each, index, all) => [each, all[index + 1]]))
    expect(headers).toMatchObject({ "cache-control": "max-age=1", "content-length": "16", "x-added": "1" })
    now += 60
    expect(ready.find("GET", "/a.txt", {})).toBeUndefined()
    await cache.stat("a.txt")
    expect(ready.find("GET", "/a.txt", {})!.headers).toContain("max-age=2")
  })

  it("chooses among siblings only where it is known which there are", async () => {
    const options = { precompressed: ["br", "gzip"], cache: { freshFor: 60 } } as const
    const { find, cache } = await readyFor(["a.css", "a.css.gz", "b.png"], options)
    const accepted = { "accept-encoding": "gzip, br" }
    expect([find("/b.png", accepted), find("/a.css", { "accept-encoding": "gzip" })]).toEqual([
      "content of b.png",
      "content of a.css.gz",
    ])
    expect(find("/a.css", accepted)).toBeUndefined()
    await expect(cache.stat("a.css.br")).rejects.toMatchObject({ code: "not-found" })
    expect([find("/a.css", accepted), find("/a.css")]).toEqual(["content of a.css.gz", "content of a.css"])
    // As a file of its own it has other headers than as a sibling.
    expect(find("/a.css.gz", accepted)).toBe("content of a.css.gz")
  })

  it("shows no hidden names, and nothing that the app's own functions throw", async () => {
    const hidden = await readyFor([".env", ".well-known/a"])
    expect([hidden.find("/.env"), hidden.find("/.well-known/a")]).toEqual([undefined, "content of .well-known/a"])
    expect((await readyFor([".env"], { dotfiles: true })).find("/.env")).toBe("content of .env")
    const throwing = await readyFor(["a.txt"], { headers: () => expect.unreachable() })
    expect(throwing.find("/a.txt")).toBeUndefined()
  })

  it("goes on when it has seen more spellings of paths, and more codings, than it remembers", async () => {
    const name = "abcdefghijklmn.css"
    const { find } = await readyFor([name], { precompressed: true })
    // Each letter plain or escaped.
    const spelling = (index: number) =>
      name.replace(/[a-n]/g, (letter) =>
        (index >> (letter.charCodeAt(0) - 97)) & 1 ? `%${letter.charCodeAt(0).toString(16)}` : letter,
      )
    for (let index = 0; index < 10_050; index++) {
      expect(find(`/${spelling(index)}`, { "accept-encoding": `x${index}` })).toBe(`content of ${name}`)
    }
  })
})
