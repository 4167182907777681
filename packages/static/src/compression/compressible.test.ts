import { typeOfName } from "@node-storages/core"
import { describe, expect, test } from "vitest"
import { isCompressible, isText } from "./compressible.ts"

const WORTH_IT = ["css", "js", "mjs", "html", "htm", "txt", "csv", "md", "json", "map", "xml", "svg", "wasm"]
const BINARY_BUT_WORTH_IT = ["ttf", "otf", "eot", "ico", "bmp", "webmanifest", "rss", "atom", "ics", "vtt", "xhtml"]
const COMPRESSED_IMAGES = ["png", "jpg", "jpeg", "webp", "avif", "gif"]
const COMPRESSED_ALREADY = ["woff", "woff2", "zip", "gz", "br", "zst", "mp4", "webm", "mp3", "ogg", "pdf", "7z", "docx"]

describe("content types", () => {
  test.each([...WORTH_IT, ...BINARY_BUT_WORTH_IT])("of .%s are worth an attempt", (extension) => {
    expect(isCompressible(typeOfName(`files/name.${extension}`))).toBe(true)
  })

  test.each([...COMPRESSED_IMAGES, ...COMPRESSED_ALREADY])("of .%s are left alone", (extension) => {
    expect(isCompressible(typeOfName(`files/name.${extension}`))).toBe(false)
  })

  test("are told by their name alone: neither parameters nor case count", () => {
    expect(isCompressible("Text/CSS; charset=utf-8")).toBe(true)
    expect(isCompressible(" application/JSON ;x=1")).toBe(true)
    expect(isCompressible("image/png; note=text/css")).toBe(false)
  })

  test("that are not known are left alone", () => {
    for (const type of [undefined, "", "application/octet-stream", "application/x-text/css", "jsonp+json/x"]) {
      expect(isCompressible(type)).toBe(false)
    }
  })
})

test("text is told from binary formats that are worth it as well", () => {
  for (const type of ["text/css", "image/svg+xml", "application/json", "application/manifest+json"]) {
    expect(isText(type)).toBe(true)
  }
  for (const type of ["application/wasm", "font/ttf", "image/bmp"]) expect(isText(type)).toBe(false)
})
