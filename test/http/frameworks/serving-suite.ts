import { describe, expect, it } from "vitest"
import { type Framework, LARGE, ODD_NAME, PAGE, type Running, TEXT } from "./framework.ts"
import { OTHER_ORIGIN, OWN_404 } from "./site.ts"

const FILE = "/media/report.txt"

/** Files, and what HTTP has to say of them, below the path of a mount. */
export function describeServing(
  { fallsThrough = true, own404 = OWN_404, failsOnBrokenEscapes = false, keepsFraming = true }: Framework,
  running: () => Running,
): void {
  describe("serving", () => {
    it("sends a file with its headers, and those of the app", async () => {
      const { status, headers, body } = await running().ask(FILE)
      expect([status, body.toString()]).toEqual([200, TEXT])
      expect(headers).toMatchObject({
        "content-type": "text/plain; charset=utf-8",
        "cache-control": "public, max-age=60",
        "accept-ranges": "bytes",
        "x-content-type-options": "nosniff",
        "x-app": "yes",
        ...(keepsFraming && { "content-length": String(TEXT.length) }),
      })
      expect(headers["etag"]).toMatch(/^"/)
    })

    it("sends large and empty files byte for byte", async () => {
      const { ask } = running()
      const large = await ask("/media/large.bin")
      expect([large.status, large.isWhole, Buffer.compare(large.body, LARGE)]).toEqual([200, true, 0])
      const empty = await ask("/media/empty.txt")
      expect([empty.status, empty.isWhole, empty.body.byteLength]).toEqual([200, true, 0])
    })

    it("answers HEAD as GET, without the body", async () => {
      const { ask } = running()
      const [get, head] = [await ask(FILE), await ask(FILE, { method: "HEAD" })]
      expect([head.status, head.body.byteLength]).toEqual([200, 0])
      const { date: _, "transfer-encoding": __, ...expected } = get.headers
      expect(head.headers).toMatchObject(expected)
      expect((await ask("/media/large.bin", { method: "HEAD" })).body.byteLength).toBe(0)
    })

    it("answers OPTIONS with what can be done, and a page of an allowed origin with more", async () => {
      const { ask } = running()
      const options = await ask(FILE, { method: "OPTIONS" })
      expect([options.status, options.headers["allow"]]).toEqual([204, "GET, HEAD, OPTIONS, PUT"])
      const preflight = { origin: OTHER_ORIGIN, "access-control-request-method": "PUT" }
      const { status, headers } = await ask(FILE, { method: "OPTIONS", headers: preflight })
      expect([status, headers["access-control-allow-origin"]]).toEqual([204, OTHER_ORIGIN])
      expect(headers["access-control-allow-methods"]).toContain("PUT")
    })

    it("leaves other methods to the app", async () => {
      const { status } = await running().ask(FILE, { method: "DELETE" })
      expect(status).toBe(fallsThrough ? 404 : 405)
    })

    it.each([
      ["bytes=0-4", 206, "bytes 0-4/1000", "01234"],
      ["bytes=-3", 206, "bytes 997-999/1000", "789"],
      ["bytes=995-", 206, "bytes 995-999/1000", "56789"],
      ["bytes=5-2", 200, undefined, TEXT],
    ])("gives the range %s", async (range, expected, contentRange, text) => {
      // A client that takes gzip as well wants the bytes of the file all the same.
      const { status, headers, body } = await running().ask(FILE, { headers: { range, "accept-encoding": "gzip" } })
      expect([status, headers["content-range"]]).toEqual([expected, contentRange])
      if (expected === 206) expect([headers["content-encoding"], body.toString()]).toEqual([undefined, text])
    })

    it("gives several ranges, and 416 for one that is outside", async () => {
      const { ask } = running()
      const both = await ask(FILE, { headers: { range: "bytes=0-1,900-902" } })
      expect([both.status, both.isWhole]).toEqual([206, true])
      expect(both.headers["content-type"]).toMatch(/^multipart\/byteranges; boundary=/)
      expect(both.body.toString()).toContain("content-range: bytes 900-902/1000\r\n\r\n012\r\n")
      const outside = await ask(FILE, { headers: { range: "bytes=1000-" } })
      expect([outside.status, outside.headers["content-range"]]).toEqual([416, "bytes */1000"])
    })

    it("says 304 to who has it already, and 412 to who has another", async () => {
      const { ask } = running()
      const { headers } = await ask(FILE)
      const same = await ask(FILE, { headers: { "if-none-match": headers["etag"]! } })
      expect([same.status, same.body.byteLength, same.headers["etag"]]).toEqual([304, 0, headers["etag"]])
      const since = await ask(FILE, { headers: { "if-modified-since": headers["last-modified"]! } })
      expect(since.status).toBe(304)
      expect((await ask(FILE, { headers: { "if-match": '"other"' } })).status).toBe(412)
      expect((await ask(FILE, { headers: { range: "bytes=0-1", "if-range": '"other"' } })).status).toBe(200)
    })

    it("sends what is stored encoded in a way that clients read", async () => {
      const { port, ask } = running()
      const response = await fetch(`http://127.0.0.1:${port}/media/encoded.txt`)
      expect(await response.text()).toBe(TEXT)
      const head = await ask("/media/encoded.txt", { method: "HEAD" })
      expect([head.status, head.headers["content-encoding"]]).toEqual([200, keepsFraming ? "gzip" : undefined])
      if (keepsFraming) return
      // A range of the encoded bytes would be none of what is sent.
      const range = await ask("/media/encoded.txt", { headers: { range: "bytes=0-1" } })
      expect([range.status, range.headers["etag"]?.slice(0, 2), range.body.toString()]).toEqual([200, "W/", TEXT])
    })

    it("finds names with any characters by the URLs that the storage gives", async () => {
      const { site } = running()
      const response = await fetch(site.media.publicUrl(ODD_NAME))
      expect([response.status, await response.text()]).toEqual([200, "odd"])
    })
  })

  describe("what is no file", () => {
    it("is the app's to answer, also below the mount", async () => {
      const { ask } = running()
      for (const path of ["/media/missing.txt", "/media/docs/missing/", "/media/report.txt/", "/private/ada/missing"]) {
        const { status, body } = await ask(path, { headers: { "x-user": "ada" } })
        expect(status, path).toBe(404)
        if (fallsThrough) expect(body.toString(), path).toContain(own404)
      }
      const elsewhere = await ask("/elsewhere")
      expect([elsewhere.status, elsewhere.body.toString()]).toEqual([404, expect.stringContaining(own404)])
    })

    it.each([
      "/media/../private/ada/diary.txt",
      "/media/..%2f..%2fetc%2fpasswd",
      "/media/%2e%2e/%2e%2e/etc/passwd",
      "/media/docs%2findex.html",
      "/media/..\\..\\etc\\passwd",
      "/media/%5c..%5cetc",
      "/media//etc/passwd",
      "/media/report.txt%00.png",
      "/media/.node-storages/meta",
      "//media/report.txt",
    ])("is nothing that a path can trick out: %s", async (path) => {
      const { status, body } = await running().ask(path)
      expect(status).toBeGreaterThanOrEqual(300)
      expect(status).toBeLessThan(500)
      expect(body.toString()).not.toMatch(/Dear diary|root:|0123456789/)
    })

    it.each(["/media/%zz", "/media/%ff%fe"])("is not a path with broken escapes: %s", async (path) => {
      const { site, ask } = running()
      const { status } = await ask(path)
      if (failsOnBrokenEscapes) expect(status).toBe(500)
      else expect([400, 404]).toContain(status)
      // The handler is not to blame.
      expect(site.errors).toEqual([])
    })

    it("leaves the app's own routes alone", async () => {
      const body = JSON.stringify({ hello: "world" })
      const headers = { "content-type": "application/json", "content-length": String(body.length) }
      const answer = await running().ask("/echo", { method: "POST", headers, body })
      expect([answer.status, JSON.parse(answer.body.toString())]).toEqual([200, { hello: "world" }])
    })
  })

  describe("an index", () => {
    it.each(["/media/", "/media/docs/", "/media/docs/deep%20er/"])("is sent for %s", async (path) => {
      const { status, headers, body } = await running().ask(path)
      expect([status, body.toString()]).toEqual([200, PAGE])
      expect(headers).toMatchObject({
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": "sandbox",
      })
    })

    it.each(["/media", "/media/docs", "/media/docs/deep%20er", "/media/docs?a=1&b=%2B"])(
      "%s leads to the path with a slash, below the mount",
      async (path) => {
        const { port, ask } = running()
        const { status, headers } = await ask(path)
        expect(status).toBe(301)
        const [way, query] = path.split("?")
        const target = new URL(headers["location"]!, `http://127.0.0.1:${port}${path}`)
        expect(target.pathname + target.search).toBe(`${way}/${query === undefined ? "" : `?${query}`}`)
        expect((await ask(target.pathname)).body.toString()).toBe(PAGE)
      },
    )
  })

  describe("authorize", () => {
    const DIARY = "/private/ada/diary.txt"

    it("knows who asks by what the framework has put on its request", async () => {
      const { ask } = running()
      const own = await ask(DIARY, { headers: { "x-user": "ada" } })
      expect([own.status, own.body.toString()]).toEqual([200, "Dear diary"])
      expect(own.headers["cache-control"]).toBe("private, no-cache")
      expect((await ask(DIARY, { headers: { "x-user": "bob" } })).status).toBe(403)
    })

    it("answers in its own words, whether there is such a file or not", async () => {
      const { ask } = running()
      for (const path of [DIARY, "/private/ada/nothing.txt"]) {
        const { status, headers, body } = await ask(path)
        expect([status, headers["www-authenticate"], body.toString()]).toEqual([401, "Basic", "Who are you?\n"])
      }
      const range = await ask(DIARY, { headers: { range: "bytes=0-1" } })
      expect([range.status, (await ask(DIARY, { method: "HEAD" })).status]).toEqual([401, 401])
    })
  })
}
