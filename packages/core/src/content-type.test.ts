import { describe, expect, test } from "vitest"
import { typeOfExtension, typeOfName } from "./content-type.ts"

describe("the content type by a name's extension", () => {
  test.each([
    ["a.txt", "text/plain"],
    ["a.HTML", "text/html"],
    ["dir.d/a.css", "text/css"],
    ["a.js", "text/javascript"],
    ["a.png", "image/png"],
    ["a.svg", "image/svg+xml"],
    ["a.json", "application/json"],
    ["a.woff2", "font/woff2"],
    ["a.tar.gz", "application/gzip"],
    ["a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
    ["a.ico", "image/vnd.microsoft.icon"],
  ])("of %j is %j", (name, type) => {
    expect(typeOfName(name)).toBe(type)
  })

  test.each(["no-extension", "a.unknown-extension", ".txt", "dir/.png", "dir.png/a", "a.", "", "a.png/b"])(
    "of %j is not known",
    (name) => {
      expect(typeOfName(name)).toBeUndefined()
    },
  )

  test.each(["constructor", "__proto__", "toString", "hasOwnProperty", "valueOf"])(
    "of .%s, which every JavaScript object answers to, is not known",
    (extension) => {
      expect(typeOfExtension(extension)).toBeUndefined()
      expect(typeOfName(`a.${extension}`)).toBeUndefined()
    },
  )
})
