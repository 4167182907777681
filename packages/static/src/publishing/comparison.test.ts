import type { FileInfo } from "@node-storages/core"
import { describe, expect, it } from "vitest"
import type { Manifest } from "../manifest.ts"
import { digestOf, isUnchanged, type PublishedFile } from "./comparison.ts"

const bytes = new TextEncoder().encode("content")
const [md5, sha256] = [digestOf("md5", bytes), digestOf("sha256", bytes)]
const HEADERS = { contentType: "text/css", cacheControl: "public" }
const HASHED: PublishedFile = { ...HEADERS, name: "a.1.css", bytes, hashed: true }
const PLAIN: PublishedFile = { ...HEADERS, name: "a.css", bytes, hashed: false }
const LISTED: FileInfo = { ...HEADERS, name: "a", size: 7, modified: new Date(0), etag: '"1"' }

function manifest(record: { sha256: string; etag?: string }): Manifest {
  return { version: 1, files: {}, plain: { "a.css": record } }
}

describe("a file is unchanged", () => {
  it("never where it is not there, or of another size", () => {
    expect(isUnchanged(HASHED, undefined, undefined, sha256)).toBe(false)
    expect(isUnchanged(HASHED, { ...LISTED, size: 8 }, undefined, sha256)).toBe(false)
    expect(isUnchanged(HASHED, { ...LISTED, size: 8, checksum: { md5 } }, undefined, sha256)).toBe(false)
  })

  it.each([HASHED, PLAIN])("by its MD5 where the listing tells that ($name)", (file) => {
    const wrong = "0".repeat(32)
    expect(isUnchanged(file, { ...LISTED, checksum: { md5 } }, undefined, sha256)).toBe(true)
    expect(isUnchanged(file, { ...LISTED, checksum: { md5: wrong } }, manifest({ sha256 }), sha256)).toBe(false)
  })

  it("under a hashed name by its size", () => {
    expect(isUnchanged(HASHED, LISTED, undefined, sha256)).toBe(true)
  })

  it.each([
    [manifest({ sha256, etag: '"1"' }), true],
    [manifest({ sha256 }), true],
    [manifest({ sha256, etag: '"2"' }), false],
    [manifest({ sha256: "0".repeat(64), etag: '"1"' }), false],
    [{ version: 1, files: {}, plain: {} } as const, false],
    [{ version: 1, files: {} } as const, false],
    [undefined, false],
  ])("under a plain name only where the record says so (case %#)", (previous, unchanged) => {
    expect(isUnchanged(PLAIN, LISTED, previous, sha256)).toBe(unchanged)
  })

  it("never by its time", () => {
    const later = { ...LISTED, modified: new Date(2 ** 41) }
    expect(isUnchanged(HASHED, later, undefined, sha256)).toBe(true)
    expect(isUnchanged(PLAIN, later, manifest({ sha256: "0".repeat(64) }), sha256)).toBe(false)
  })

  it("under a plain name that is not recorded only where the headers are told too", () => {
    const { contentType: _, cacheControl: __, ...bare } = LISTED
    const headers = { hashed: {}, plain: { ".css": "text/css | public" }, names: {} }
    const previous: Manifest = { version: 1, files: {}, headers }
    expect(isUnchanged(PLAIN, { ...bare, checksum: { md5 } }, previous, sha256)).toBe(false)
    const recorded = { ...previous, plain: { "a.css": { sha256 } } }
    expect(isUnchanged(PLAIN, { ...bare, checksum: { md5 } }, recorded, sha256)).toBe(true)
  })
})
