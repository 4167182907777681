import { StorageError } from "@node-storages/core"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { LocalStorage } from "./local-storage.ts"
import { SigningKeys } from "./signed-urls.ts"

const [OLD, NEW] = ["old-key-".repeat(4), "new-key-".repeat(4)]
const EXPIRES = new Date("2026-11-21T12:00:00Z")
const BEFORE = EXPIRES.getTime() - 1000

function keys(...all: string[]): SigningKeys {
  return new SigningKeys(all, "/media/", "LocalStorage")
}

const anyTerms = fc.record(
  {
    method: fc.constantFrom("GET" as const, "PUT" as const),
    expiresAt: fc.constant(EXPIRES),
    contentType: fc.string({ unit: "binary" }),
    contentDisposition: fc.string({ unit: "binary" }),
    cacheControl: fc.string(),
    metadata: fc.dictionary(fc.string(), fc.string()),
    size: fc.nat(),
    maxSize: fc.nat(),
    part: fc.record({ uploadId: fc.string(), number: fc.integer({ min: 1, max: 10_000 }) }),
  },
  { requiredKeys: ["method", "expiresAt"] },
)

describe("SigningKeys", () => {
  it("gives back the terms that it signed, for that key, until they expire", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), anyTerms, (key, given) => {
        const token = keys(NEW).sign(key, given)
        const written = JSON.parse(JSON.stringify(given)) as object
        expect(keys(NEW).check(key, token, BEFORE)).toEqual({ ...written, expiresAt: EXPIRES })
        expect(keys(NEW).check(key, token, EXPIRES.getTime())).toBeUndefined()
        expect(keys(NEW).check(`${key}x`, token, BEFORE)).toBeUndefined()
      }),
    )
  })

  it("refuses a token of which any character was changed, cut off or added", () => {
    const token = keys(NEW).sign("a.txt", { method: "GET", expiresAt: EXPIRES, contentType: "text/plain" })
    const characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.="
    for (let index = 0; index < token.length; index++) {
      for (const character of characters) {
        if (character === token[index]) continue
        const changed = token.slice(0, index) + character + token.slice(index + 1)
        expect(keys(NEW).check("a.txt", changed, BEFORE)).toBeUndefined()
      }
      expect(keys(NEW).check("a.txt", token.slice(0, index), BEFORE)).toBeUndefined()
    }
    expect(keys(NEW).check("a.txt", `${token}A`, BEFORE)).toBeUndefined()
    expect(keys(NEW).check("a.txt", token, BEFORE)).toBeDefined()
  })

  it("never throws, whatever the token", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (token) => {
        expect(keys(NEW).check("a", token)).toBeUndefined()
      }),
    )
    expect(keys(NEW).check("a", "x".repeat(1_000_000))).toBeUndefined()
  })

  it("signs with the first key and checks with all: keys can be rotated", () => {
    const read = { method: "GET", expiresAt: EXPIRES } as const
    const [byOld, byNew] = [keys(OLD).sign("a", read), keys(NEW, OLD).sign("a", read)]
    expect(byNew).toBe(keys(NEW).sign("a", read))
    expect(keys(NEW, OLD).check("a", byOld, BEFORE)).toMatchObject({ method: "GET" })
    expect(keys(OLD, NEW).check("a", byNew, BEFORE)).toMatchObject({ method: "GET" })
    expect(keys(NEW).check("a", byOld, BEFORE)).toBeUndefined()
  })
})

describe("a storage with signing keys", () => {
  const storage = new LocalStorage("/tmp/nowhere", {
    baseUrl: "https://example.com/media?v=1",
    signingKeys: [NEW, OLD],
  })

  it("signs its URLs, and takes back what it signed", async () => {
    const url = new URL(await storage.url("ä b.txt", { download: "c.txt" }))
    expect(url.pathname).toBe("/media/%C3%A4%20b.txt")
    expect(url.searchParams.get("v")).toBe("1")
    const token = url.searchParams.get("signed")!
    expect(storage.checkSigned!("ä b.txt", token)).toMatchObject({
      method: "GET",
      contentDisposition: "attachment; filename=c.txt",
    })
    expect(storage.checkSigned!("b.txt", token)).toBeUndefined()
    expect(() => storage.publicUrl("a.txt")).toThrow("public")
  })

  it("signs for the whole key, below location and prefix", async () => {
    const inner = new LocalStorage("/tmp/nowhere", { baseUrl: "/media/", signingKeys: [NEW], location: "uploads" })
    const token = new URL(await inner.url("a.txt"), "http://a").searchParams.get("signed")!
    expect(inner.checkSigned!("a.txt", token)).toBeDefined()
    const whole = new LocalStorage("/tmp/nowhere", { baseUrl: "/media/", signingKeys: [NEW] })
    expect(whole.checkSigned!("a.txt", token)).toBeUndefined()
    expect(whole.checkSigned!("uploads/a.txt", token)).toBeDefined()
  })

  it("signs uploads with all that is to be kept", async () => {
    const upload = await storage.signedUpload("a.png", { maxSize: 5, metadata: { a: "1" }, expiresIn: "10m" })
    expect(upload).toMatchObject({ method: "PUT", headers: { "content-type": "image/png" }, fields: {} })
    const terms = storage.checkSigned!("a.png", new URL(upload.url).searchParams.get("signed")!)
    expect(terms).toMatchObject({ method: "PUT", contentType: "image/png", maxSize: 5, metadata: { a: "1" } })
  })

  it("gives public URLs where it is told so, and signed ones on request", async () => {
    const open = new LocalStorage("/tmp/nowhere", { baseUrl: "/media/", signingKeys: [NEW], signedUrls: false })
    expect(await open.url("a.txt")).toBe("/media/a.txt")
    expect(await open.url("a.txt", { expiresIn: 60 })).toContain("?signed=")
  })

  it.each([
    [[], /list of keys/],
    ["x".repeat(40), /list of keys/],
    [["short-secret"], /signingKeys\[0\] is of 12 characters; at least 32/],
    [[NEW, 5], /signingKeys\[1\] is number/],
  ])("is refused with the keys %j, of which no message tells", (signingKeys, message) => {
    const make = () => new LocalStorage("a", { baseUrl: "/", signingKeys: signingKeys as string[] })
    expect(make).toThrow(message)
    expect(make).not.toThrow("short-secret")
  })

  it("is refused without the address where its files are served", () => {
    const make = () => new LocalStorage("a", { signingKeys: [NEW] })
    expect(make).toThrow(/baseUrl, which is missing/)
    expect(make).toThrow(expect.toSatisfy((error) => StorageError.is(error, "invalid-option")))
  })
})
