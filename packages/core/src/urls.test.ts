import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { checkBaseUrl, contentDisposition, encodeKey, joinUrl } from "./urls.ts"
import { codeOf } from "./testing/failure.ts"

describe("a key as a path", () => {
  test.each([
    ["a/b c.txt", "a/b%20c.txt"],
    ["~!*'()", "~!*'()"],
    ["-_.", "-_."],
    ["100%", "100%25"],
    ["%2F", "%252F"],
    ["a+b", "a%2Bb"],
    ["a&b=c", "a%26b%3Dc"],
    ["a?b#c", "a%3Fb%23c"],
    ["a:b@c", "a%3Ab%40c"],
    ["a;b,c$", "a%3Bb%2Cc%24"],
    ['"<>|`{}[]^', "%22%3C%3E%7C%60%7B%7D%5B%5D%5E"],
    ["日本", "%E6%97%A5%E6%9C%AC"],
    ["😀", "%F0%9F%98%80"],
    ["javascript:alert(1)", "javascript%3Aalert(1)"],
    ["https://evil.com", "https%3A//evil.com"],
    ["\\\\\\evil.com", "%5C%5C%5Cevil.com"],
    ["//evil.com/a", "%2F%2Fevil.com/a"],
    ["/a", "%2Fa"],
    ["", ""],
  ])("%j is %j", (key, path) => {
    expect(encodeKey(key)).toBe(path)
  })

  test("comes back by decoding, whatever the key", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("/", "\\", "%", "+", "?", "#", " ", "a", ".", "é", "😀", ":", "@"), { minLength: 1 }),
        (parts) => {
          const key = parts.join("")
          expect(decodeURIComponent(encodeKey(key))).toBe(key)
          expect(encodeKey(key)).not.toMatch(/[\\?#\s]|^\//)
        },
      ),
    )
  })
})

describe("a URL below a base", () => {
  test.each([
    ["https://cdn.test", "a.txt", "https://cdn.test/a.txt"],
    ["https://cdn.test/", "a.txt", "https://cdn.test/a.txt"],
    ["https://cdn.test/media", "a/b.txt", "https://cdn.test/media/a/b.txt"],
    ["https://cdn.test/media/", "a/b.txt", "https://cdn.test/media/a/b.txt"],
    ["https://cdn.test/media//", "a.txt", "https://cdn.test/media/a.txt"],
    ["https://cdn.test/media?v=1&x=/", "a.txt", "https://cdn.test/media/a.txt?v=1&x=/"],
    ["https://cdn.test/media/?v=1", "a?b.txt", "https://cdn.test/media/a%3Fb.txt?v=1"],
    ["https://cdn.test?v=1", "a.txt", "https://cdn.test/a.txt?v=1"],
    ["https://cdn.test/#frag/", "a.txt", "https://cdn.test/a.txt#frag/"],
    ["https://cdn.test:8443/m%20x/", "a.txt", "https://cdn.test:8443/m%20x/a.txt"],
    ["/media", "a.txt", "/media/a.txt"],
    ["/media/", "a.txt", "/media/a.txt"],
    ["/", "a.txt", "/a.txt"],
    ["/", "\\\\\\evil.com", "/%5C%5C%5Cevil.com"],
    ["/", "//evil.com", "/%2F%2Fevil.com"],
    ["/media/", "https://evil.com", "/media/https%3A//evil.com"],
  ])("of %j for %j is %j", (base, key, url) => {
    expect(joinUrl(base, key)).toBe(url)
  })

  test("stays on its host and below its path, whatever the key", () => {
    const key = fc
      .array(fc.constantFrom("/", "\\", "evil.com", ":", "@", "?", "#", "a", " ", "\t", "%2e", "é"), { minLength: 1 })
      .map((parts) => parts.join(""))
    fc.assert(
      fc.property(
        key,
        fc.constantFrom("/", "/media/", "https://cdn.test", "https://cdn.test/media?v=1"),
        (name, base) => {
          const url = new URL(joinUrl(base, name), "https://cdn.test/page/")
          expect(url.host).toBe("cdn.test")
          expect(url.search).toBe(base.includes("?") ? "?v=1" : "")
          expect(url.hash).toBe("")
          expect(url.username).toBe("")
          if (base.includes("media")) expect(url.pathname).toMatch(/^\/media\//)
        },
      ),
    )
  })

  test.each(["https://cdn.test", "http://cdn.test/", "HTTPS://cdn.test/a?b", "/", "/media", "/media/"])(
    "can have the base %j",
    (base) => {
      expect(checkBaseUrl(base, "S3Storage")).toBe(base)
    },
  )

  test.each([
    "",
    "media/",
    "cdn.test",
    "//cdn.test/",
    "/\\cdn.test",
    "ftp://cdn.test",
    "javascript:alert(1)",
    "https://",
    "data:,",
    1,
    null,
  ])("can't have the base %j", (base) => {
    expect(codeOf(() => checkBaseUrl(base as never, "S3Storage"))).toBe("invalid-option")
  })
})

describe("a Content-Disposition", () => {
  test.each([
    ["report.pdf", "attachment; filename=report.pdf"],
    ["a b.pdf", 'attachment; filename="a b.pdf"'],
    ['say "hi".txt', 'attachment; filename="say \\"hi\\".txt"'],
    ["back\\slash.txt", 'attachment; filename="back\\\\slash.txt"'],
    ["a;b,c=d.txt", 'attachment; filename="a;b,c=d.txt"'],
    ["", 'attachment; filename=""'],
    ["naïve.txt", "attachment; filename=\"na?ve.txt\"; filename*=UTF-8''na%C3%AFve.txt"],
    [
      "日本 (1)*'.txt",
      "attachment; filename=\"?? (1)*'.txt\"; filename*=UTF-8''%E6%97%A5%E6%9C%AC%20%281%29%2A%27.txt",
    ],
    ["€ rates", "attachment; filename=\"? rates\"; filename*=UTF-8''%E2%82%AC%20rates"],
    // RFC 6266, appendix D: some clients decode what looks like an escape in the plain form.
    ["100%.txt", 'attachment; filename="100%.txt"'],
    ["a%41.txt", "attachment; filename=\"a%41.txt\"; filename*=UTF-8''a%2541.txt"],
    ["a %41.txt", "attachment; filename=\"a %41.txt\"; filename*=UTF-8''a%20%2541.txt"],
    ["a\ud800.txt", "attachment; filename=\"a?.txt\"; filename*=UTF-8''a%EF%BF%BD.txt"],
  ])("of %j is %s", (fileName, header) => {
    expect(contentDisposition("attachment", fileName)).toBe(header)
  })

  test("can be inline", () => {
    expect(contentDisposition("inline", "a.pdf")).toBe("inline; filename=a.pdf")
  })

  test("can't begin another header, nor leave its quotes, whatever the file name", () => {
    const fileName = fc
      .array(
        fc.constantFrom("\r", "\n", "\0", "\t", '"', "\\", ";", "a", " ", "é", "\u007f", "\u0085", "\u2028", "%0d"),
      )
      .map((parts) => parts.join(""))
    fc.assert(
      fc.property(fc.oneof(fileName, fc.string()), (name) => {
        const header = contentDisposition("attachment", name)
        expect(header).toMatch(
          /^attachment; filename=(?:[A-Za-z0-9!#$&'*+.^_`|~-]+|"(?:[ !#-[\]-~]|\\[\\"])*")(?:; filename\*=UTF-8''[A-Za-z0-9!#$&+.^_`|~%-]*)?$/,
        )
        expect(new Headers({ "content-disposition": header }).get("content-disposition")).toBe(header)
        const extended = /filename\*=UTF-8''(.*)$/.exec(header)
        if (extended) expect(decodeURIComponent(extended[1]!)).toBe(name.toWellFormed())
      }),
    )
  })
})
