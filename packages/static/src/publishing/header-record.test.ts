import type { FileInfo } from "@node-storages/core"
import { describe, expect, it } from "vitest"
import { hasHeaders, HeaderTexts, type PublishedHeaders, recordHeaders } from "./header-record.ts"

function file(name: string, cacheControl = "public", hashed = true): PublishedHeaders {
  return { name, hashed, contentType: "text/css", cacheControl }
}

function recordOf(files: readonly PublishedHeaders[]) {
  const headers = new HeaderTexts()
  return recordHeaders(new Map(files.map((each) => [each.name, { headers: headers.of(each) }])))
}

const BARE: FileInfo = { name: "x", size: 1, modified: new Date(0) }

describe("recordHeaders()", () => {
  const files = [
    file("a.1.css"),
    file("b.1.css"),
    file("c.1.css", "no-cache"),
    { ...file("a.1.css.br"), contentEncoding: "br" },
    file("a.css", "max-age=60", false),
    file("LICENSE", "max-age=60", false),
  ]
  const record = {
    hashed: { ".css": "text/css | public", ".css.br": "text/css | public | br" },
    plain: { ".css": "text/css | max-age=60", "": "text/css | max-age=60" },
    names: { "c.1.css": "text/css | no-cache" },
  }

  it("tells once what most files of an ending have, and by name what differs", () => {
    expect(recordOf(files)).toEqual(record)
  })

  it("does not depend on the order, also where two are equally many", () => {
    const even = [...files, file("d.1.css", "no-cache")]
    expect(recordOf(even.toReversed())).toEqual({ ...recordOf(even), names: expect.any(Object) })
    expect(recordOf(even).hashed[".css"]).toBe("text/css | no-cache")
  })

  it("is what hasHeaders() compares with", () => {
    for (const each of files) expect(hasHeaders(each, BARE, record)).toBe(true)
    for (const each of files) expect(hasHeaders({ ...each, cacheControl: "other" }, BARE, record)).toBe(false)
  })
})

describe("hasHeaders()", () => {
  const listed = { ...BARE, contentType: "text/css", cacheControl: "public" }

  it("believes a listing that tells headers, whatever the record says", () => {
    const record = recordOf([file("a.css", "no-cache")])
    expect(hasHeaders(file("a.css"), listed, record)).toBe(true)
    expect(hasHeaders(file("a.css", "no-cache"), listed, record)).toBe(false)
    expect(hasHeaders(file("a.css"), { ...listed, contentType: "text/plain" }, record)).toBe(false)
    expect(hasHeaders(file("a.css"), { ...listed, contentEncoding: "gzip" }, record)).toBe(false)
    expect(hasHeaders(file("a.css"), { ...BARE, contentType: "text/css" }, record)).toBe(false)
  })

  it("without any record trusts hashed names, which only we write, and no others", () => {
    expect(hasHeaders(file("a.css"), BARE, undefined)).toBe(true)
    expect(hasHeaders(file("a.css", "public", false), BARE, undefined)).toBe(false)
  })
})
