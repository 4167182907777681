import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Manifest } from "../manifest.ts"
import { StaticError } from "../static-error.ts"
import { parseManifest, serializeManifest } from "./manifest-file.ts"

const ENTRY = { name: "css/app.3f9a1c0b2d4e.css", size: 10, integrity: "sha256-abc+/=" }
const SHA256 = "0".repeat(64)
const FULL: Manifest = {
  version: 1,
  files: {
    "js/app.js": { ...ENTRY, name: "js/app.1.js", encodings: { gzip: 5, br: 4 }, imports: ["z.js", "a.js"] },
    "css/app.css": ENTRY,
  },
  plain: { "robots.txt": { sha256: SHA256, etag: '"1"' }, "favicon.ico": { sha256: SHA256 } },
  headers: { hashed: { ".css": "text/css | public" }, plain: {}, names: {} },
}
const TEXT = `{
  "version": 1,
  "files": {
    "css/app.css": {"name":"css/app.3f9a1c0b2d4e.css","size":10,"integrity":"sha256-abc+/="},
    "js/app.js": {"name":"js/app.1.js","size":10,"integrity":"sha256-abc+/=","encodings":{"br":4,"gzip":5},"imports":["z.js","a.js"]}
  },
  "plain": {
    "favicon.ico": {"sha256":"${SHA256}"},
    "robots.txt": {"sha256":"${SHA256}","etag":"\\"1\\""}
  },
  "headers": {
    "hashed": {
      ".css": "text/css | public"
    },
    "plain": {},
    "names": {}
  }
}
`

function failure(text: string): StaticError {
  try {
    parseManifest(text, "staticfiles.json in s3://bucket")
  } catch (error) {
    if (error instanceof StaticError) return error
    throw error
  }
  return expect.fail("It should have failed.")
}

describe("serializeManifest()", () => {
  it("gives one entry a line, sorted, and a newline at the end", () => {
    expect(serializeManifest(FULL)).toBe(TEXT)
  })

  it("gives the same text whatever the order was", () => {
    const turned = { ...FULL, files: Object.fromEntries(Object.entries(FULL.files).toReversed()) }
    expect(serializeManifest(turned)).toBe(TEXT)
  })

  it("of an empty manifest is one that can be read", () => {
    expect(parseManifest(serializeManifest({ version: 1, files: {} }), "x")).toEqual({ version: 1, files: {} })
  })
})

describe("parseManifest()", () => {
  it("reads what was written", () => {
    expect(parseManifest(TEXT, "x")).toEqual(FULL)
  })

  it("reads any names, also those that objects have by themselves", () => {
    const name = fc.oneof(fc.constantFrom("__proto__", "constructor", "\u2028", "\ud800"), fc.string())
    fc.assert(
      fc.property(fc.array(name), (names) => {
        const manifest: Manifest = { version: 1, files: Object.fromEntries(names.map((each) => [each, ENTRY])) }
        const text = serializeManifest(manifest)
        const read = parseManifest(text, "x")
        expect(Object.keys(read.files).toSorted()).toEqual([...new Set(names)].toSorted())
        expect(serializeManifest(read)).toBe(text)
      }),
    )
  })

  it("leaves out properties that it does not know", () => {
    const text = JSON.stringify({ version: 1, files: { a: { ...ENTRY, more: 1 } }, more: 1 })
    expect(parseManifest(text, "x")).toEqual({ version: 1, files: { a: ENTRY } })
  })

  it.each([
    ["", "not JSON"],
    ["{", "not JSON"],
    ["[]", "must be an object"],
    ["null", "must be an object"],
    ["{}", '"version" must be 1, not nothing'],
    ['{"version":"1","files":{}}', '"version" must be 1, not "1"'],
    ['{"version":0,"files":{}}', '"version" must be 1, not 0'],
    ['{"version":1}', '"files" must be an object'],
    ['{"version":1,"files":[]}', '"files" must be an object'],
    ['{"version":1,"files":{"a":"b"}}', 'files["a"] must be an object'],
    ['{"version":1,"files":{},"plain":1}', '"plain" must be an object'],
    ['{"version":1,"files":{},"plain":{"a":{"sha256":"x"}}}', 'plain["a"].sha256'],
    ['{"version":1,"files":{},"plain":{"../a":{}}}', 'plain["../a"]'],
    ['{"version":1,"files":{},"headers":{}}', "headers.hashed"],
    ['{"version":1,"files":{},"headers":{"hashed":{},"plain":{},"names":{"a":1}}}', "headers.names"],
  ])("refuses %s, and tells what is wrong, where, and the way out", (text, problem) => {
    const error = failure(text)
    expect(error.code).toBe("invalid-manifest")
    expect(error.message).toContain(problem)
    expect(error.message).toContain("staticfiles.json in s3://bucket")
    expect(error.message).toContain("Collect again")
  })

  it.each([
    [{ name: 1 }, ".name must be a string, not 1"],
    [{ size: -1 }, ".size must be a number of bytes, not -1"],
    [{ size: 1.5 }, ".size"],
    [{ integrity: "md5-abc" }, ".integrity"],
    [{ encodings: [] }, ".encodings must be an object"],
    [{ encodings: { deflate: 1 } }, 'unknown "deflate"'],
    [{ encodings: { br: "1" } }, ".encodings.br"],
    [{ imports: "a" }, ".imports must be a list"],
    [{ imports: [1] }, ".imports must be a list"],
  ])("refuses an entry with %j", (wrong, problem) => {
    const error = failure(JSON.stringify({ version: 1, files: { "a.css": { ...ENTRY, ...wrong } } }))
    expect(error.message).toContain(`files["a.css"]`)
    expect(error.message).toContain(problem)
  })

  it.each(["", "/etc/passwd", "../x", "a/../../x", "a//b", "C:/x", "a\\..\\x", "a\u0000"])(
    "refuses the published name %j, which may lead out of the storage",
    (name) => {
      const error = failure(JSON.stringify({ version: 1, files: { a: { ...ENTRY, name } } }))
      expect(error.code).toBe("invalid-manifest")
      expect(error.message).toContain("no legal name")
    },
  )

  it("tells that a later version has written it", () => {
    const error = failure('{"version":2,"entries":[]}')
    expect(error.code).toBe("newer-manifest")
    expect(error.message).toContain("has version 2")
    expect(error.message).toContain("Update @node-storages/static")
  })
})
