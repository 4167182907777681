import type { FileInfo } from "@node-storages/core"
import { MemoryStorage } from "@node-storages/memory"
import { describe, expect, it } from "vitest"
import { fileHeaders, isCompressible, notModifiedHeaders, type SentFile, validatorsOf } from "./file-headers.ts"
import { type ServeOptions, settingsOf } from "./serve-options.ts"

const INFO: FileInfo = { name: "a.txt", size: 5, modified: new Date("1994-11-06T08:49:37.500Z"), etag: '"x"' }

function headersOf(info: Partial<FileInfo> = {}, file: Partial<SentFile> = {}, options: ServeOptions = {}) {
  const settings = settingsOf(new MemoryStorage(), options, "serveStorage()")
  return fileHeaders({ name: INFO.name, info: { ...INFO, ...info }, isPrivate: false, ...file }, settings)
}

describe("fileHeaders", () => {
  it("of a file that nothing is known of", () => {
    expect(headersOf()).toEqual({
      "content-type": "application/octet-stream",
      "cache-control": "no-cache",
      "last-modified": "Sun, 06 Nov 1994 08:49:37 GMT",
      etag: '"x"',
      "accept-ranges": "bytes",
      "x-content-type-options": "nosniff",
    })
  })

  it.each([
    ["text/plain", "text/plain; charset=utf-8"],
    ["text/plain; charset=latin1", "text/plain; charset=latin1"],
    ["text/html;CHARSET=x", "text/html;CHARSET=x"],
    ["application/javascript", "application/javascript; charset=utf-8"],
    ["image/png", "image/png"],
    ["application/json", "application/json"],
  ])("the type %s is sent as %s", (contentType, sent) => {
    expect(headersOf({ contentType })["content-type"]).toBe(sent)
  })

  it("what was stored by other tools is sent as it can be, or not at all", () => {
    const headers = headersOf({
      contentType: "text/plain\r\nset-cookie: a=b",
      contentDisposition: 'attachment; filename="ü€.txt"',
      cacheControl: "a\nb",
      contentLanguage: "\0",
      contentEncoding: "gz\u007fip",
    })
    expect(headers["content-type"]).toBe("application/octet-stream")
    expect(Buffer.from(headers["content-disposition"]!, "latin1").toString()).toBe('attachment; filename="ü€.txt"')
    expect([headers["cache-control"], headers["content-language"], headers["content-encoding"]]).toEqual([
      "no-cache",
      undefined,
      undefined,
    ])
  })

  it("a sibling has the type of the name that was asked for, and its own coding", () => {
    const info = { contentType: "application/gzip", contentEncoding: undefined }
    expect(headersOf(info, { name: "app.css", coding: "gzip" })).toMatchObject({
      "content-type": "text/css; charset=utf-8",
      "content-encoding": "gzip",
    })
  })

  it("a signature's type and disposition count, also for what could run scripts", () => {
    const signed = { contentType: "text/html", contentDisposition: "attachment" }
    const info = { contentType: "image/png", contentDisposition: "inline" }
    expect(headersOf(info, signed)).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "content-disposition": "attachment",
      "content-security-policy": "sandbox",
    })
  })

  it("what is private is kept by nobody on the way, unless the app says so", () => {
    expect(headersOf({}, { isPrivate: true })["cache-control"]).toBe("private, no-cache")
    expect(headersOf({}, { isPrivate: true }, { immutable: () => true })["cache-control"]).toBe("private, no-cache")
    expect(headersOf({}, { isPrivate: true }, { cacheControl: "max-age=1" })["cache-control"]).toBe("max-age=1")
  })

  it.each([
    { headers: () => ({ "a b": "c" }) },
    { headers: () => ({ a: "b\r\nc" }) },
    { headers: () => ({ a: 7 }) },
    { headers: () => ({ a: undefined }) },
    { cacheControl: () => "a\nb" },
    { cacheControl: () => "ü€" },
  ])("what no header can be is an error before the answer begins (%#)", (options) => {
    expect(() => headersOf({}, {}, options as never)).toThrow(TypeError)
  })
})

it("tells versions apart by a strong tag, or a weak one where the bytes may be others", () => {
  expect(validatorsOf(INFO).etag).toBe('"x"')
  expect(validatorsOf({ ...INFO, decoded: true }).etag).toBe('W/"x"')
  expect(validatorsOf({ ...INFO, etag: 'W/"x"', decoded: true }).etag).toBe('W/"x"')
  const bare = { ...INFO, etag: undefined }
  const tags = [bare, { ...bare, size: 6 }, { ...bare, modified: new Date(0) }].map((info) => validatorsOf(info).etag!)
  expect(new Set(tags).size).toBe(3)
  for (const tag of tags) expect(tag).toMatch(/^W\/"[\w-]+"$/)
})

it("looks for siblings of what shrinks", () => {
  for (const name of ["a.css", "a.js", "a.svg", "a.json", "a.wasm", "a.xml", "a.ttf", "a.webmanifest", "a.ico"]) {
    expect([name, isCompressible(name)]).toEqual([name, true])
  }
  for (const name of ["a.png", "a.woff2", "a.zip", "a.css.gz", "a.mp4", "a", "css"]) {
    expect([name, isCompressible(name)]).toEqual([name, false])
  }
})

it("304 repeats what RFC 9110 names, and nothing of the content", () => {
  const headers = headersOf({ contentType: "text/html", contentLanguage: "de" }, {}, { precompressed: true })
  expect(Object.keys(notModifiedHeaders({ ...headers, vary: "origin" })).toSorted()).toEqual([
    "cache-control",
    "etag",
    "last-modified",
    "vary",
  ])
})
