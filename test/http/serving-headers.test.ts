import { contentDisposition } from "@node-storages/core"
import type { ServeOptions } from "@node-storages/http"
import { MemoryStorage } from "@node-storages/memory"
import { describe, expect, it } from "vitest"
import { HANDLERS, serve } from "./served.ts"

const FOR_EVER = "public, max-age=31536000, immutable"

describe.each(HANDLERS)("headers by %s", (_, handler) => {
  const site = async (files: readonly string[], options: Omit<ServeOptions<object>, "onError"> = {}) => {
    const storage = new MemoryStorage()
    for (const name of files) await storage.write(name, `content of ${name}`)
    return { storage, ...(await serve(handler, storage, options)) }
  }

  it("sandboxes whatever could run scripts on the page's origin, and forbids guessing of all types", async () => {
    const active = ["a.html", "a.htm", "a.svg", "a.xml", "a.xhtml", "a.js", "a.mjs", "a.rss", "a.wasm"]
    const passive = ["a.png", "a.jpg", "a.webp", "a.mp4", "a.mp3", "a.woff2", "a.txt", "a.css", "a.csv", "a.pdf"]
    const unknown = ["a.unknown", "a"]
    const { ask, storage } = await site([...active, ...passive, ...unknown])
    for (const name of [...active, ...passive, ...unknown]) {
      const { status, headers } = await ask(`/${name}`)
      expect([name, status, headers["x-content-type-options"]]).toEqual([name, 200, "nosniff"])
      const expected = active.includes(name) ? "sandbox" : undefined
      expect([name, headers["content-security-policy"]]).toEqual([name, expected])
    }
    // The name does not matter where a type was given, however it is written.
    for (const contentType of [
      "text/html",
      "TEXT/HTML",
      "text/html;charset=x",
      "image/SVG+xml",
      "text/x-new",
      "nothing",
    ]) {
      await storage.write("b.png", "<script>", { contentType })
      expect([contentType, (await ask("/b.png")).headers["content-security-policy"]]).toEqual([contentType, "sandbox"])
    }
  })

  it("trusted content is not sandboxed", async () => {
    const { ask } = await site(["a.html"], { trusted: true })
    const { headers } = await ask("/a.html")
    expect([headers["content-security-policy"], headers["x-content-type-options"]]).toEqual([undefined, "nosniff"])
    expect(headers["content-type"]).toBe("text/html; charset=utf-8")
  })

  it("gives what the file was stored with", async () => {
    const { ask, storage } = await site([])
    const stored = {
      contentType: "text/plain; charset=iso-8859-1",
      contentDisposition: contentDisposition("attachment", "Übersicht „neu“.txt"),
      contentLanguage: "de-AT",
      contentEncoding: "gzip",
      cacheControl: "max-age=7",
    }
    await storage.write("a.txt", "x", stored)
    for (const headers of [{}, { range: "bytes=0-0" }]) {
      expect((await ask("/a.txt", headers)).headers).toMatchObject({
        "content-type": stored.contentType,
        "content-disposition": stored.contentDisposition,
        "content-language": "de-AT",
        "content-encoding": "gzip",
        "cache-control": "max-age=7",
      })
    }
  })

  it("names that change with their content are kept for ever, others are asked for again", async () => {
    const hashed = ["app.3f9a1c0b2d4e.css", "js/vendor.0123456789ab.min.js", "LICENSE.0123456789ab"]
    const plain = ["app.css", "app.3f9a1c0b2d4.css", "3f9a1c0b2d4e.css", "app.3F9A1C0B2D4E.css", "x.0123456789ab/a.css"]
    const { ask } = await site([...hashed, ...plain], { immutable: true })
    const keptFor = async (name: string) => (await ask(`/${name}`)).headers["cache-control"]
    for (const name of hashed) expect([name, await keptFor(name)]).toEqual([name, FOR_EVER])
    for (const name of plain) expect([name, await keptFor(name)]).toEqual([name, "no-cache"])
    expect((await ask("/gone.0123456789ab.css")).headers["cache-control"]).toBe("no-store")
  })

  it("a rule for immutable names may be a pattern or a function, also one with state", async () => {
    for (const immutable of [/\.v\d+\./g, (name: string) => name.includes(".v1.")]) {
      const { ask } = await site(["a.v1.css"], { immutable })
      for (const turn of [1, 2]) {
        expect([turn, (await ask("/a.v1.css")).headers["cache-control"]]).toEqual([turn, FOR_EVER])
      }
    }
  })

  it("Cache-Control by patterns, of which the first that fits counts", async () => {
    const cacheControl = { "private/**": "private, max-age=1", "*.png": "max-age=2", "docs/*.txt": "max-age=3" }
    const names = ["private/a.png", "b.png", "deep/er/c.png", "docs/d.txt", "docs/e/f.txt", ".g.png", "!h.png"]
    const { ask } = await site(names, { cacheControl, dotfiles: true })
    const given = await Promise.all(names.map(async (name) => (await ask(`/${name}`)).headers["cache-control"]))
    const two = "max-age=2"
    expect(given).toEqual(["private, max-age=1", two, two, "max-age=3", "no-cache", two, two])
  })

  it("Cache-Control by a function, which may leave it to the stored one", async () => {
    const { ask, storage } = await site(["a.txt", "b.txt"], {
      cacheControl: (name, { size }) => (name === "a.txt" ? `max-age=${size}` : undefined),
    })
    await storage.write("c.txt", "", { cacheControl: "max-age=9" })
    const keptFor = async (name: string) => (await ask(`/${name}`)).headers["cache-control"]
    expect([await keptFor("a.txt"), await keptFor("b.txt"), await keptFor("c.txt")]).toEqual([
      "max-age=16",
      "no-cache",
      "max-age=9",
    ])
  })

  it("headers of one's own are added, and replace others", async () => {
    const { ask } = await site(["a.html"], {
      headers: (name, { size }) => ({ "X-Name": `${name} ${size}`, "Content-Security-Policy": "default-src 'none'" }),
    })
    for (const [headers, status] of [
      [{}, 200],
      [{ range: "bytes=0-0" }, 206],
    ] as const) {
      const answer = await ask("/a.html", headers)
      expect(answer.status).toBe(status)
      expect(answer.headers).toMatchObject({
        "x-name": "a.html 17",
        "content-security-policy": "default-src 'none'",
      })
    }
  })

  it("headers that throw, or that no header can be, are a 500 that tells nothing, and are reported", async () => {
    const files = { "a.txt": () => expect.unreachable(), "b.txt": () => ({ "x-bad": "a\r\nset-cookie: b" }) }
    const { ask, errors } = await site(Object.keys(files), {
      headers: (name) => files[name as keyof typeof files](),
    })
    for (const name of Object.keys(files)) {
      const { status, headers, body } = await ask(`/${name}`)
      expect([name, status, headers["set-cookie"]]).toEqual([name, 500, undefined])
      expect(body.toString()).toBe("Internal Server Error\n")
    }
    expect(errors).toHaveLength(2)
  })
})

describe.each(HANDLERS)("answers for pages of other origins, by %s", (_, handler) => {
  const origin = "https://www.example.com"
  const site = async (allowOrigins: ServeOptions["allowOrigins"]) => {
    const storage = new MemoryStorage({
      baseUrl: "/",
      signingKeys: ["0123456789abcdef0123456789abcdef"],
      signedUrls: false,
    })
    await storage.write("a.txt", "x")
    return serve(handler, storage, { allowOrigins })
  }

  it("without the option no page may read them", async () => {
    const { ask } = await site(undefined)
    const { headers } = await ask("/a.txt", { origin })
    expect([headers["access-control-allow-origin"], headers["vary"]]).toEqual([undefined, undefined])
  })

  it("origins that are named may, also of errors and 304, and caches are told", async () => {
    const { ask } = await site([origin])
    const { etag } = (await ask("/a.txt")).headers
    for (const [path, more, status] of [
      ["/a.txt", {}, 200],
      ["/a.txt", { range: "bytes=0-0" }, 206],
      ["/a.txt", { "if-none-match": etag! }, 304],
      ["/missing", {}, 404],
      ["/%zz", {}, 400],
    ] as const) {
      const allowed = await ask(path, { ...more, origin })
      expect([allowed.status, allowed.headers["access-control-allow-origin"]]).toEqual([status, origin])
      expect([allowed.headers["vary"], allowed.headers["access-control-expose-headers"]]).toEqual([
        "origin",
        expect.stringContaining("content-range"),
      ])
      for (const other of ["https://evil.example", `${origin}.evil.example`, "null", `${origin}/`, "*", undefined]) {
        const { headers } = await ask(path, { ...more, ...(other !== undefined && { origin: other }) })
        expect([other, headers["access-control-allow-origin"], headers["vary"]]).toEqual([other, undefined, "origin"])
      }
    }
  })

  it("a star allows all, and the answer is the same for each", async () => {
    const { ask } = await site("*")
    for (const headers of [{ origin }, undefined]) {
      const answer = await ask("/a.txt", headers)
      expect([answer.headers["access-control-allow-origin"], answer.headers["vary"]]).toEqual(["*", undefined])
    }
  })

  it("a preflight is answered without asking for the file", async () => {
    const { ask } = await site([origin])
    const asked = { origin, "access-control-request-method": "PUT", "access-control-request-headers": "content-type" }
    const { status, headers, body } = await ask("/not/there", asked, { method: "OPTIONS" })
    expect([status, body.byteLength]).toEqual([204, 0])
    expect(headers).toMatchObject({
      "access-control-allow-origin": origin,
      "access-control-allow-methods": "GET, HEAD, OPTIONS, PUT",
      "access-control-allow-headers": "content-type",
      "access-control-max-age": "7200",
      vary: "access-control-request-headers, origin",
    })
    const refused = await ask("/a.txt", { ...asked, origin: "https://evil.example" }, { method: "OPTIONS" })
    expect(refused.headers["access-control-allow-origin"]).toBeUndefined()
    const plain = await ask("/a.txt", {}, { method: "OPTIONS" })
    expect([plain.status, plain.headers["allow"]]).toEqual([204, "GET, HEAD, OPTIONS, PUT"])
  })
})
