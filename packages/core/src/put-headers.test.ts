import { describe, expect, test } from "vitest"
import type { ContentInput } from "./content.ts"
import { DriverStorage } from "./driver-storage.ts"
import type { FileHeaders } from "./file-info.ts"
import type { WriteOptions } from "./storage.ts"
import type { StorageOptions } from "./storage-options.ts"
import { failureOf } from "./testing/failure.ts"
import { ALL_FEATURES, MapDriver } from "./testing/map-driver.ts"

async function stored(
  name: string,
  input: ContentInput,
  options?: WriteOptions,
  defaults?: StorageOptions["defaults"],
) {
  const {
    size: _size,
    modified: _modified,
    etag: _etag,
    name: _name,
    ...headers
  } = await new DriverStorage(new MapDriver(), { defaults }).write(name, input, options)
  return JSON.parse(JSON.stringify(headers)) as FileHeaders
}

function sourceFile(headers: FileHeaders) {
  const driver = new MapDriver()
  driver.seed("source.bin", "0123456789", headers)
  return new DriverStorage(driver).open("source.bin")
}

const ALL: FileHeaders = {
  contentType: "text/x-source",
  cacheControl: "max-age=1",
  contentDisposition: "inline; filename=source",
  contentEncoding: "gzip",
  contentLanguage: "de",
  metadata: { from: "source" },
}

describe("the content type", () => {
  const blob = new Blob(["a"], { type: "text/x-blob" })
  const defaults = { contentType: "text/x-default" }

  test.each<[string, string, ContentInput, FileHeaders | undefined, FileHeaders | undefined, string]>([
    ["the caller's before all others", "a.png", blob, { contentType: "text/x-given" }, defaults, "text/x-given"],
    ["the storage's default before the extension's", "a.png", blob, undefined, defaults, "text/x-default"],
    ["the extension's before the content's own claim", "a.png", blob, undefined, undefined, "image/png"],
    ["the content's own claim where the extension tells nothing", "a", blob, undefined, undefined, "text/x-blob"],
    [
      "octet-stream where nobody knows, also for a string",
      "a",
      "text",
      undefined,
      undefined,
      "application/octet-stream",
    ],
    ["gzip for .tar.gz, which is no encoded tar", "a.tar.gz", "x", undefined, undefined, "application/gzip"],
    [
      "octet-stream for an extension that only JavaScript knows",
      "a.constructor",
      "x",
      undefined,
      undefined,
      "application/octet-stream",
    ],
  ])("is %s", async (_, name, input, options, given, expected) => {
    const headers = await stored(name, input, options, given)
    expect(headers.contentType).toBe(expected)
    expect(headers.contentEncoding).toBeUndefined()
  })
})

const byName = (name: string) => (name.endsWith(".js") ? { cacheControl: "immutable" } : {})

describe("headers", () => {
  test("of the caller come before a copied file's, and those before the defaults", async () => {
    const defaults = { cacheControl: "max-age=2", contentLanguage: "fr", metadata: { from: "defaults" } }
    const source = sourceFile({ contentType: "text/x-source", contentLanguage: "de", metadata: { from: "source" } })
    expect(await stored("a.png", source, { metadata: { from: "caller" } }, defaults)).toEqual({
      contentType: "text/x-source",
      contentLanguage: "de",
      cacheControl: "max-age=2",
      metadata: { from: "caller" },
    })
  })

  test("of a whole file come along, those of a part do not", async () => {
    expect(await stored("a.png", sourceFile(ALL))).toEqual(ALL)
    expect(await stored("a.png", sourceFile(ALL).slice(0, 4))).toEqual({ contentType: "image/png" })
  })

  test("can come from a function of the name", async () => {
    expect(await stored("dir/a.js", "x", {}, byName)).toMatchObject({ cacheControl: "immutable" })
    expect(await stored("a.css", "x", {}, byName)).toEqual({ contentType: "text/css" })
  })

  test("that the storage has no default for are checked when it is made", async () => {
    const options = { defaults: { cacheContol: "no-store" } as FileHeaders }
    const failure = await failureOf(() => new DriverStorage(new MapDriver(), options))
    expect(failure.code).toBe("invalid-option")
    expect(failure.message).toContain('"cacheControl"')
  })

  test("that nobody gave are not sent", async () => {
    const driver = new MapDriver()
    driver.features = { ...ALL_FEATURES, metadata: false, cacheControl: false, contentDisposition: false }
    await new DriverStorage(driver).write("a.txt", "x", { metadata: {}, cacheControl: undefined })
    expect(driver.count("put")).toBe(1)
  })

  test.each<[string, FileHeaders]>([
    ["a line break", { cacheControl: "no-store\r\nSet-Cookie: a=b" }],
    ["a line feed alone", { contentType: "text/html\nX: y" }],
    ["a NUL", { contentLanguage: "de\0" }],
    ["a tab", { contentDisposition: "attachment;\tfilename=a" }],
    ["DEL", { contentEncoding: "gzip\u007f" }],
    ["letters that are not ASCII", { contentDisposition: 'attachment; filename="naïve.txt"' }],
    ["nothing", { cacheControl: "" }],
    ["nothing in the content type", { contentType: "" }],
    ["a number", { cacheControl: 5 as never }],
    ["a number that JSON has no word for", { cacheControl: 5n as never }],
    ["metadata with a line break", { metadata: { a: "b\r\nc: d" } }],
    ["metadata with a key that breaks the line", { metadata: { "a\r\nb": "c" } }],
    ["metadata with a key with a space", { metadata: { "a b": "c" } }],
    ["metadata with a key with a colon", { metadata: { "a:b": "c" } }],
    ["metadata with an empty key", { metadata: { "": "c" } }],
    ["metadata with a value that is no string", { metadata: { a: 1 as never } }],
    ["metadata with a value that is undefined", { metadata: { a: undefined as never } }],
    ["metadata that is a string", { metadata: "a=b" as never }],
  ])("with %s are refused before any request", async (_, headers) => {
    const driver = new MapDriver()
    const failure = await failureOf(new DriverStorage(driver).write("a.txt", "x", headers))
    expect(failure.code).toBe("invalid-option")
    expect(driver.calls).toEqual([])
    const defaults = () => headers
    expect((await failureOf(new DriverStorage(driver, { defaults }).write("a.txt", "x"))).code).toBe("invalid-option")
  })
})

describe("metadata", () => {
  test("has its keys in lower case and its values as they are", async () => {
    expect((await stored("a", "x", { metadata: { "X-User_Id": "Ünïcödé 日本", empty: "" } })).metadata).toEqual({
      "x-user_id": "Ünïcödé 日本",
      empty: "",
    })
  })

  test("can have a key that JavaScript keeps for itself", async () => {
    const metadata = JSON.parse('{"__proto__":"a","constructor":"b"}') as Record<string, string>
    const headers = await stored("a", "x", { metadata })
    expect(Object.entries(headers.metadata!)).toEqual([
      ["__proto__", "a"],
      ["constructor", "b"],
    ])
  })
})
