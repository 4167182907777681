import { describe, expect, test } from "vitest"
import { replaceAll, urlsIn } from "./testing/replace.ts"
import { webManifestReader } from "./web-manifest.ts"

const MANIFEST = `\uFEFF{
  "name": "icons/no.png",
  "id": "/", "start_url": "./index.html", "scope": "/",
  "icons": [{ "src": "a\\u0062.png", "sizes": "1x1" }, { "src": "https://h/x.png" }, { "src": 1 }, null],
  "screenshots": [{ "src": "s\\/t.png" }],
  "shortcuts": [{ "name": "x", "url": "./page", "icons": [{ "src": "u.png" }] }, {}],
  "file_handlers": [{ "action": "/open", "icons": [{ "src": "v.png" }] }]
}
`

describe("webManifestReader", () => {
  test("reads pictures, and neither pages nor the scope", () => {
    expect(urlsIn(webManifestReader, MANIFEST)).toEqual(["ab.png", "s/t.png", "u.png", "v.png"])
  })

  test("writes JSON strings and changes nothing else", () => {
    const replaced = replaceAll(MANIFEST, webManifestReader.read(MANIFEST), () => 'é "\\.png')
    expect(urlsIn(webManifestReader, replaced)).toEqual(Array.from({ length: 4 }, () => 'é "\\.png'))
    const written = JSON.stringify('é "\\.png')
    const expected = ['"a\\u0062.png"', '"s\\/t.png"', '"u.png"', '"v.png"']
    expect(replaced).toBe(expected.reduce((text, literal) => text.replace(literal, () => written), MANIFEST))
  })

  test.each([
    ["of a bundler", '{"src/main.ts":{"file":"assets/main-1.js","src":"src/main.ts"}}'],
    ["of a browser extension", '{"manifest_version":3,"icons":{"16":"icon.png"}}'],
  ])("finds nothing in a manifest %s", (_, text) => {
    expect(webManifestReader.read(text)).toEqual([])
  })

  test.each(["", "[]", "null", '{"icons":{"src":"a"}}', '{"icons":[{"src":"a', '{"icons":'])(
    "does not throw for %j",
    (text) => expect(() => webManifestReader.read(text)).not.toThrow(),
  )

  test("does not throw for what is nested deeper than the stack", () => {
    expect(webManifestReader.read("[".repeat(100_000))).toEqual([])
  })
})
