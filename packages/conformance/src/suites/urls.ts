import assert from "node:assert/strict"
import { noise, utf8 } from "../helpers/contents.ts"
import { expectBytes, expectContent, expectError, nextSecond } from "../helpers/expect.ts"
import { changedParameters } from "../helpers/tamper.ts"
import { ODD_NAMES } from "../helpers/names.ts"
import { given, has, hasNo, publicUrls, servedUrls } from "../needs.ts"
import { type Suite, suite } from "../suite.ts"

const SIGNED = [has("signedUrl"), servedUrls]

export const urls: Suite = suite("urls", (test) => {
  for (const name of ODD_NAMES) {
    test(`the signed URL of ${JSON.stringify(name)} gives its bytes over HTTP`, SIGNED, async ({ storage, fetch }) => {
      await storage.write(name, `in ${name}`)
      const response = await fetch(await storage.url(name, { expiresIn: "10m" }))
      assert.equal(response.status, 200, await response.clone().text())
      expectBytes(await response.bytes(), utf8(`in ${name}`))
    })

    test(
      `the public URL of ${JSON.stringify(name)} gives its bytes over HTTP`,
      [publicUrls, servedUrls],
      async ({ storage, fetch }) => {
        await storage.write(name, `in ${name}`)
        const response = await fetch(storage.publicUrl(name))
        assert.equal(response.status, 200, await response.clone().text())
        expectBytes(await response.bytes(), utf8(`in ${name}`))
      },
    )
  }

  test("what a URL gives has the file's content type and headers", SIGNED, async ({ storage, fetch, driver }) => {
    const cacheControl = driver.features.cacheControl ? { cacheControl: "public, max-age=60" } : {}
    await storage.write("a.bin", "x", { contentType: "text/x-mine", ...cacheControl })
    const response = await fetch(await storage.url("a.bin", { expiresIn: "10m" }))
    assert.match(response.headers.get("content-type") ?? "", /^text\/x-mine/)
    if (driver.features.cacheControl) assert.equal(response.headers.get("cache-control"), "public, max-age=60")
    await response.bytes()
  })

  test("a signed URL gives parts of a file, for players and resumed downloads", SIGNED, async ({ storage, fetch }) => {
    await storage.write("a.bin", noise(1000))
    const url = await storage.url("a.bin", { expiresIn: "10m" })
    const response = await fetch(url, { headers: { range: "bytes=10-19" } })
    assert.equal(response.status, 206)
    expectBytes(await response.bytes(), noise(1000).subarray(10, 20))
  })

  test("a signed URL of a missing file can be made, and gives 404 or 403", SIGNED, async ({ storage, fetch }) => {
    const response = await fetch(await storage.url("missing.bin", { expiresIn: "10m" }))
    assert.ok(response.status === 404 || response.status === 403, `the status is ${response.status}`)
  })

  test("a signed URL without its signature, or for another file, is refused", SIGNED, async ({ storage, fetch }) => {
    await storage.write("mine.txt", "mine")
    await storage.write("other.txt", "other")
    const url = await storage.url("mine.txt", { expiresIn: "10m" })
    assert.equal(await (await fetch(url)).text(), "mine")
    for (const wrong of [url.replace("mine.txt", "other.txt"), url.slice(0, url.indexOf("?"))]) {
      assert.notEqual(wrong, url)
      await expectRefused(fetch, wrong)
    }
  })

  test("a signed URL of which any parameter was changed is refused", SIGNED, async ({ storage, fetch }) => {
    await storage.write("mine.txt", "mine")
    const options = { expiresIn: "10m", download: "a.txt", contentType: "text/x-mine" } as const
    for (const url of changedParameters(await storage.url("mine.txt", options))) await expectRefused(fetch, url)
  })

  test(
    "a signed URL to which a download name was added is refused, or gives none",
    SIGNED,
    async ({ storage, fetch }) => {
      await storage.write("mine.txt", "mine")
      const url = await storage.url("mine.txt", { expiresIn: "10m" })
      for (const parameter of ["response-content-type=text/html", "rsct=text/html", "contentType=text/html"]) {
        const response = await fetch(`${url}&${parameter}`)
        assert.doesNotMatch(response.ok ? (response.headers.get("content-type") ?? "") : "", /html/)
        await response.bytes()
      }
    },
  )

  test("a signed URL that has expired is refused", SIGNED, async ({ storage, driver, fetch }) => {
    await storage.write("mine.txt", "mine")
    const now = Date.now()
    const old = await driver.signedUrl!("mine.txt", { signedAt: new Date(now - 3_600_000), expiresIn: 600 })
    await expectRefused(fetch, old)
    const valid = await driver.signedUrl!("mine.txt", { signedAt: new Date(now - 300_000), expiresIn: 600 })
    assert.equal(await (await fetch(valid)).text(), "mine")
  })

  test("a signed URL for reading is refused for writing and deleting", SIGNED, async ({ storage, fetch }) => {
    await storage.write("mine.txt", "mine")
    const url = await storage.url("mine.txt", { expiresIn: "10m" })
    for (const method of ["PUT", "POST", "DELETE"]) {
      await expectRefused(fetch, url, method === "DELETE" ? { method } : { method, body: "changed" })
    }
    await expectContent(storage, "mine.txt", "mine")
  })

  test("a download name arrives as Content-Disposition, in any script", SIGNED, async ({ storage, fetch }) => {
    await storage.write("a.pdf", "x")
    const plain = await dispositionOf(fetch, await storage.url("a.pdf", { download: "report.pdf" }))
    assert.match(plain, /^attachment; filename="?report\.pdf"?$/)
    const own = await dispositionOf(fetch, await storage.url("a.pdf", { download: true }))
    assert.match(own, /^attachment; filename="?a\.pdf"?$/)
    const odd = await dispositionOf(fetch, await storage.url("a.pdf", { download: 'résumé "1" 100%.pdf' }))
    assert.match(odd, /^attachment;/)
    assert.match(odd, /filename\*=UTF-8''r%C3%A9sum%C3%A9%20%221%22%20100%25\.pdf/i)
  })

  test("a download name wins over the disposition that the file has", SIGNED, async ({ storage, fetch, driver }) => {
    const stored = driver.features.contentDisposition ? { contentDisposition: "inline" } : {}
    await storage.write("a.pdf", "x", stored)
    assert.match(
      await dispositionOf(fetch, await storage.url("a.pdf", { download: "b.pdf" })),
      /^attachment; filename="?b\.pdf"?$/,
    )
  })

  test("another content type arrives", SIGNED, async ({ storage, fetch }) => {
    await storage.write("a.txt", "x")
    const response = await fetch(await storage.url("a.txt", { contentType: "application/x-other" }))
    assert.match(response.headers.get("content-type") ?? "", /^application\/x-other/)
    await response.bytes()
  })

  test(
    "signed URLs are the same within a rounding window, and valid",
    [given("createWith"), has("signedUrl"), servedUrls],
    async ({ anotherWith, fetch }) => {
      const storage = await anotherWith({ signedUrls: { expiresIn: "1h", roundTo: "12h" } })
      await storage.write("a.txt", "rounded")
      const twice = async () => {
        const first = await storage.url("a.txt")
        await nextSecond()
        return [first, await storage.url("a.txt")] as const
      }
      let [first, second] = await twice()
      // Once in twelve hours a window ends in between.
      if (first !== second) [first, second] = await twice()
      assert.equal(first, second)
      assert.equal(await (await fetch(first)).text(), "rounded")
    },
  )

  test("signing is refused with unsupported where the driver can't sign", [hasNo("signedUrl")], async ({ storage }) => {
    await expectError("unsupported", () => storage.url("a.txt", { expiresIn: "10m" }))
    await expectError("unsupported", () => storage.url("a.txt", { download: "b.txt" }))
    await expectError("unsupported", () => storage.url("a.txt", { contentType: "text/x-other" }))
  })

  test(
    "any URL is refused with unsupported where the driver has none",
    [hasNo("signedUrl"), hasNo("publicUrl")],
    async ({ storage }) => {
      await expectError("unsupported", () => storage.url("a.txt"))
      await expectError("unsupported", () => storage.publicUrl("a.txt"))
    },
  )

  test(
    "a base URL makes public URLs, without network, encoded segment by segment",
    [given("createWith")],
    async ({ anotherWith }) => {
      const storage = await anotherWith({ baseUrl: "https://cdn.example.com/media" })
      for (const name of ODD_NAMES) {
        const url = new URL(storage.publicUrl(name))
        assert.equal(url.origin, "https://cdn.example.com")
        assert.equal(url.search + url.hash, "")
        assert.ok(url.pathname.startsWith("/media/"))
        assert.ok(url.href.endsWith(`/${name.split("/").map(encodeURIComponent).join("/")}`), url.href)
        assert.ok(decodeURIComponent(url.pathname).endsWith(`/${name}`))
        assert.equal(await storage.url(name), url.href)
      }
      assert.ok(storage.publicUrl("~!*'().txt").endsWith("/~!*'().txt"))
    },
  )

  test(
    "a base URL keeps its path and query, with or without a trailing slash",
    [given("createWith")],
    async ({ anotherWith }) => {
      const plain = (await anotherWith({ baseUrl: "https://cdn.example.com/media" })).publicUrl("a b.txt")
      const slash = (await anotherWith({ baseUrl: "https://cdn.example.com/media/" })).publicUrl("a b.txt")
      for (const url of [plain, slash]) assert.match(url, /^https:\/\/cdn\.example\.com\/media\/([^/]+\/)*a%20b\.txt$/)
      const query = (await anotherWith({ baseUrl: "https://cdn.example.com/media?version=2" })).publicUrl("a b.txt")
      assert.match(query, /^https:\/\/cdn\.example\.com\/media\/([^/]+\/)*a%20b\.txt\?version=2$/)
    },
  )

  test("no name makes a URL of another host", [given("createWith")], async ({ anotherWith }) => {
    const storage = await anotherWith({ baseUrl: "https://cdn.example.com/" })
    for (const name of [
      "\\\\\\evil.com",
      "\\evil.com",
      "http:\\\\evil.com",
      "evil.com",
      "@evil.com",
      "a@evil.com:80",
      "javascript:alert(1)",
      "?//evil.com",
    ]) {
      let url
      try {
        url = storage.publicUrl(name)
      } catch {
        await expectError("invalid-name", () => storage.publicUrl(name))
        continue
      }
      assert.equal(new URL(url).origin, "https://cdn.example.com")
    }
  })

  test("a signer signs the URL made of the base URL", [given("createWith")], async ({ anotherWith }) => {
    const asked: { url: string; expiresAt: Date }[] = []
    const storage = await anotherWith({
      baseUrl: "https://cdn.example.com/media/",
      signedUrls: { expiresIn: "10m" },
      signer: (url, { expiresAt }) => {
        asked.push({ url, expiresAt })
        return `${url}?signature=1`
      },
    })
    const url = await storage.url("a b.txt")
    assert.match(url, /^https:\/\/cdn\.example\.com\/media\/([^/]+\/)*a%20b\.txt\?signature=1$/)
    assert.ok(Math.abs(asked[0]!.expiresAt.getTime() - Date.now() - 600_000) < 60_000)
  })
})

async function expectRefused(fetch: typeof globalThis.fetch, url: string, request: RequestInit = {}): Promise<void> {
  const response = await fetch(url, { redirect: "manual", ...request })
  await response.bytes()
  assert.ok(
    response.status >= 400 && response.status < 500,
    `${request.method ?? "GET"} ${url} answered ${response.status}`,
  )
}

async function dispositionOf(fetch: typeof globalThis.fetch, url: string): Promise<string> {
  const response = await fetch(url)
  assert.equal(response.status, 200, await response.clone().text())
  await response.bytes()
  return response.headers.get("content-disposition") ?? ""
}
