import assert from "node:assert/strict"
import { inspect } from "node:util"
import { gzipSync } from "node:zlib"
import { type DriverFeatures, type FileHeaders, type FileInfo, StorageError } from "@node-storages/core"
import { generated, noise, utf8 } from "../helpers/contents.ts"
import { expectContent, expectError, expectOnly, failureOf } from "../helpers/expect.ts"
import { declares, declaresNo, given } from "../needs.ts"
import { type Suite, suite } from "../suite.ts"

type Header = Exclude<keyof FileHeaders & keyof DriverFeatures, "removeManyLimit">

/** An option, and a value that a careless adapter spoils. */
const HEADERS: Readonly<Record<Header, FileHeaders[Header]>> = {
  cacheControl: "public, max-age=31536000, immutable",
  contentDisposition: "attachment; filename=\"a b; (1).txt\"; filename*=UTF-8''%C3%A4%20b.txt",
  contentEncoding: "gzip",
  contentLanguage: "de-AT, en",
  metadata: { "owner-id": "42", note: "a=b; c, d  e", quote: '"quoted" 100%' },
}

/** An object without a prototype equals one with. */
function plain(value: unknown): unknown {
  return typeof value === "object" && value !== null ? { ...value } : value
}

export const metadata: Suite = suite("metadata", (test) => {
  for (const header of Object.keys(HEADERS) as Header[]) {
    const options = { [header]: HEADERS[header] }

    const expectKept = (info: FileInfo) => assert.deepEqual(plain(info[header]), HEADERS[header])

    test(`${header} comes back from stat as it was given`, [declares(header)], async ({ storage }) => {
      await storage.write("bytes.bin", "x", options)
      expectKept(await storage.stat("bytes.bin"))
      await storage.write("stream.bin", generated(noise(300_000)), options)
      expectKept(await storage.stat("stream.bin"))
      await expectContent(storage, "stream.bin", noise(300_000))
      await storage.save("saved.bin", "x", { ...options, overwrite: true })
      expectKept(await storage.open("saved.bin").stat())
    })

    test(
      `${header} comes with the bytes, unless the driver says that it does not`,
      [declares(header)],
      async ({ storage }) => {
        await storage.write("a.bin", "x", { ...options, contentType: "text/x-mine" })
        const { info, chunks, partialInfo } = await storage.open("a.bin").read()
        for await (const _ of chunks) break
        assert.equal(info.contentType, "text/x-mine")
        const { etag, size } = await storage.stat("a.bin")
        assert.equal(info.etag, etag)
        if (partialInfo) return
        assert.equal(info.size, size)
        expectKept(info)
      },
    )

    test(`${header} of a large stream comes back from stat`, [declares(header)], async ({ storage, largeBytes }) => {
      await storage.write("large.bin", generated(noise(largeBytes)), options)
      expectKept(await storage.stat("large.bin"))
    })

    test(`${header} is gone when the file is replaced without it`, [declares(header)], async ({ storage }) => {
      await storage.write("a.bin", "x", options)
      await storage.write("a.bin", "y")
      assert.equal((await storage.stat("a.bin"))[header], undefined)
    })

    test(
      `${header} is refused with unsupported where the driver does not declare it, never dropped`,
      [declaresNo(header)],
      async ({ storage }) => {
        let read = false
        async function* content() {
          read = true
          yield "x"
        }
        await expectError("unsupported", () => storage.write("a.bin", content(), options))
        await expectError("unsupported", () => storage.save("a.bin", "x", { ...options, overwrite: true }))
        assert.equal(read, false, "the content was read before the option was refused")
        await expectOnly(storage, [])
      },
    )
  }

  test("a key with an underscore comes back from stat", [declares("metadata")], async ({ storage }) => {
    await storage.write("a.bin", "x", { metadata: { x_y: "1" } })
    assert.deepEqual(plain((await storage.stat("a.bin")).metadata), { x_y: "1" })
  })

  test(
    "all headers together come back from stat",
    (["metadata", "cacheControl", "contentDisposition", "contentEncoding", "contentLanguage"] as const).map(declares),
    async ({ storage }) => {
      await storage.write("a.bin", "x", { ...HEADERS, contentType: "text/x-all" } as FileHeaders)
      const { name, size, modified, etag, checksum: _, ...headers } = await storage.stat("a.bin")
      assert.deepEqual(
        [name, size, modified instanceof Date, etag === undefined || etag.length > 0],
        ["a.bin", 1, true, true],
      )
      const told = Object.entries(headers).filter(([, value]) => value !== undefined)
      assert.deepEqual(Object.fromEntries(told.map(([key, value]) => [key, plain(value)])), {
        ...HEADERS,
        contentType: "text/x-all",
      })
    },
  )

  test("a file without headers has none in stat", async ({ storage }) => {
    await storage.write("a.txt", "x")
    const info = await storage.stat("a.txt")
    for (const header of Object.keys(HEADERS) as Header[]) {
      if (header !== "metadata") assert.equal(info[header], undefined, header)
    }
    assert.deepEqual(plain(info.metadata ?? {}), {})
  })

  test("keys of metadata are in lower case, their values as given", [declares("metadata")], async ({ storage }) => {
    await storage.write("a.txt", "x", { metadata: { "Owner-ID": "MiXed" } })
    assert.deepEqual(plain((await storage.stat("a.txt")).metadata), { "owner-id": "MiXed" })
  })

  test(
    "metadata in any script comes back as it was given, or is refused: never spoilt",
    [declares("metadata")],
    async ({ storage }) => {
      const texts = { owner: "Zoë 日本語 🎉", padded: " spaces around " }
      for (const [key, value] of Object.entries(texts)) {
        const error = await failureOf(() => storage.write("a.txt", "x", { metadata: { [key]: value } }))
        if (error === undefined) assert.deepEqual(plain((await storage.stat("a.txt")).metadata), { [key]: value })
        else
          assert.ok(StorageError.is(error, "invalid-option") || StorageError.is(error, "unsupported"), inspect(error))
      }
    },
  )

  test("metadata and headers that hold control characters are refused", async ({ storage }) => {
    await expectError("invalid-option", () => storage.write("a.txt", "x", { contentType: "text/plain\r\nx: y" }))
    await expectError("invalid-option", () => storage.write("a.txt", "x", { metadata: { a: "b\nc" } }))
    await expectError("invalid-option", () => storage.write("a.txt", "x", { metadata: { "a b": "c" } }))
    await expectOnly(storage, [])
  })

  test("the content type is the caller's, also for streams", async ({ storage }) => {
    await storage.write("a.txt", "x", { contentType: "application/x-mine; charset=utf-8" })
    assert.equal((await storage.stat("a.txt")).contentType, "application/x-mine; charset=utf-8")
    await storage.write("a.txt", generated(utf8("x")), { contentType: "image/png" })
    assert.equal((await storage.stat("a.txt")).contentType, "image/png")
  })

  test("the content type is by the name's extension where none is given", async ({ storage }) => {
    const types = {
      "a.txt": "text/plain",
      "a.png": "image/png",
      "a.JPG": "image/jpeg",
      "a.css": "text/css",
      "a.pdf": "application/pdf",
    }
    for (const [name, type] of Object.entries(types)) {
      await storage.write(name, "x")
      assert.equal((await storage.stat(name)).contentType, type, name)
    }
  })

  test("the content type is application/octet-stream where nothing tells it, never text for a string", async ({
    storage,
  }) => {
    for (const name of ["README", "a.unknown-extension", ".env", "folder.txt/file"]) {
      await storage.write(name, "a string")
      assert.equal((await storage.stat(name)).contentType, "application/octet-stream", name)
      await storage.write(name, generated(utf8("a stream")))
      assert.equal((await storage.stat(name)).contentType, "application/octet-stream", name)
    }
  })

  test("the content type is the Blob's where the name does not tell one", async ({ storage }) => {
    await storage.write("picture", new Blob(["x"], { type: "image/webp" }))
    assert.equal((await storage.stat("picture")).contentType, "image/webp")
  })

  test("a .tar.gz has no content encoding, and comes back byte for byte", async ({ storage }) => {
    const gzip = gzipSync("a text that is packed")
    await storage.write("a.tar.gz", gzip)
    const info = await storage.stat("a.tar.gz")
    assert.equal(info.contentEncoding, undefined)
    assert.equal(info.contentType, "application/gzip")
    await expectContent(storage, "a.tar.gz", gzip)
  })

  test(
    "bytes with a content encoding come back as they were stored, not decoded",
    [declares("contentEncoding")],
    async ({ storage }) => {
      const gzip = gzipSync("a text that is packed")
      await storage.write("a.txt", gzip, { contentEncoding: "gzip", contentType: "text/plain" })
      await expectContent(storage, "a.txt", gzip)
    },
  )

  test(
    "headers given as defaults of the storage are those of its files",
    [given("createWith"), declares("cacheControl")],
    async ({ anotherWith }) => {
      const storage = await anotherWith({
        defaults: (name) => (name.endsWith(".css") ? { cacheControl: "max-age=60" } : {}),
      })
      await storage.write("a.css", "x")
      await storage.write("b.css", "x", { cacheControl: "no-store" })
      await storage.write("a.txt", "x")
      assert.equal((await storage.stat("a.css")).cacheControl, "max-age=60")
      assert.equal((await storage.stat("b.css")).cacheControl, "no-store")
      assert.equal((await storage.stat("a.txt")).cacheControl, undefined)
    },
  )
})
