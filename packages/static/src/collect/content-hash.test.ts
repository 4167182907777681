import { expect, it } from "vitest"
import { combinedHash, contentHash, contentOf, hashedName } from "./content-hash.ts"

it.each([
  ["css/app.css", "css/app.0123456789ab.css"],
  ["app.min.js", "app.0123456789ab.min.js"],
  ["lib/app.js.map", "lib/app.0123456789ab.js.map"],
  ["a.tar.gz", "a.0123456789ab.tar.gz"],
  [".well-known/security.txt", ".well-known/security.0123456789ab.txt"],
  ["LICENSE", "LICENSE.0123456789ab"],
  [".htaccess", ".htaccess.0123456789ab"],
  ["v1.2/x", "v1.2/x.0123456789ab"],
])("the hash of %s stands before its extension", (name, expected) => {
  expect(hashedName(name, "0123456789ab")).toBe(expected)
})

it("the hash of a file is the beginning of its SHA-256", () => {
  expect(contentHash(contentOf(Buffer.from("abc")))).toBe("ba7816bf8f01")
})

it("a combined hash is of the texts and of where they are cut", () => {
  expect(combinedHash("ab", "c")).toBe(combinedHash("ab", "c"))
  expect(combinedHash("ab", "c")).not.toBe(combinedHash("a", "bc"))
})
