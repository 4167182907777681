import { expect, test } from "vitest"
import { readerOf } from "./index.ts"

test.each([
  ["css/app.css", ".css"],
  ["APP.MIN.CSS", ".css"],
  ["a.js", ".js"],
  ["a.mjs", ".mjs"],
  ["a.cjs", ".cjs"],
  ["a.html", ".html"],
  ["a.htm", ".htm"],
  ["a.svg", ".svg"],
  ["a.webmanifest", ".webmanifest"],
  ["app/manifest.json", ".webmanifest"],
])("gives %s to the reader of %s", (name, extension) => {
  expect(readerOf(name)?.extensions).toContain(extension)
})

test.each([
  "a.png",
  "a.css.map",
  "package.json",
  "a-manifest.json",
  "css",
  "a.css/b",
  ".well-known/security.txt",
  "a.constructor",
  "a.",
])("has no reader for %s", (name) => expect(readerOf(name)).toBeUndefined())
