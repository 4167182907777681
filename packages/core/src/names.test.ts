import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { alternativeName } from "./alternative-name.ts"
import { compareKeys, nameProblem, normalizeDirectory, normalizeName, utf8Length, validName } from "./names.ts"
import { codeOf, failureOf } from "./testing/failure.ts"

/** Strings of any UTF-16 units, lone surrogates among them. */
const anyUnits = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units))
/** Strings made of what names trip over. */
const nasty = fc
  .array(
    fc.constantFrom("/", "\\", ".", "..", "a", "B", ":", " ", "é", "😀", "\ud83d", "\ude00", "\0", "\n", "%", "~", "é"),
  )
  .map((parts) => parts.join(""))
const anyName = fc.oneof(nasty, anyUnits, fc.string())

describe("a name", () => {
  test.each([
    "a",
    "a.txt",
    "avatars/2024/me.png",
    "naïve café/Ünïcödé 日本語 😀.txt",
    "My photo (1).jpg",
    "100%/a+b#c?d&e~f'g\"h.txt",
    ".env",
    ".well-known/assetlinks.json",
    "...",
    "..a",
    "a..",
    "a/.../b",
    " leading and trailing ",
    "ab:c",
    "1:a",
    "dir/C:",
    "e\u0301", // decomposed: kept, not composed
    "a\u202eb",
  ])("%j is legal and kept as it is given", (name) => {
    expect(normalizeName(name)).toBe(name)
  })

  test.each([
    ["a\\b.txt", "a/b.txt"],
    ["a\\b/c\\d", "a/b/c/d"],
    [".\\.env".slice(2), ".env"],
  ])("%j is read with slashes, as %j", (name, key) => {
    expect(normalizeName(name)).toBe(key)
  })

  test.each([
    "",
    ".",
    "..",
    "/",
    "/a",
    "//a",
    "//evil.com/a",
    "\\a",
    "\\\\server\\share",
    "\\\\\\evil.com",
    "a//b",
    "a\\\\b",
    "a/",
    "a\\",
    "./a",
    "a/.",
    "a/./b",
    "../a",
    "a/..",
    "a/../b",
    "users/1/../2/x",
    "..\\..\\secret.txt",
    "a\\..\\b",
    "C:",
    "C:/a",
    "c:\\a",
    "z:a",
    "a\0b",
    "a\nb",
    "a\rb",
    "a\tb",
    "a\u001bb",
    "a\u007fb",
    "a\u0085b",
    "a\u009fb",
    "a\ud800b",
    "\udc00",
    "\ude00\ud83d",
  ])("%j is refused", (name) => {
    expect(codeOf(() => normalizeName(name))).toBe("invalid-name")
  })

  test.each([undefined, null, 1, {}, ["a"], new String("a")])("%o, which is no string, is refused", (name) => {
    expect(codeOf(() => normalizeName(name as never))).toBe("invalid-name")
  })

  test("normalises to itself or is refused, and never leaves its directory", () => {
    fc.assert(
      fc.property(anyName, (name) => {
        let key: string
        try {
          key = normalizeName(name)
        } catch (error) {
          expect(error).toMatchObject({ name: "StorageError", code: "invalid-name" })
          return
        }
        expect(normalizeName(key)).toBe(key)
        expect(nameProblem(key)).toBeUndefined()
        expect(key).not.toMatch(/\\|^\/|^[A-Za-z]:/)
        for (const segment of key.split("/")) expect(["", ".", ".."]).not.toContain(segment)
        expect(Buffer.from(key).toString()).toBe(key)
      }),
      { numRuns: 1000 },
    )
  })

  test("is refused for what the error tells, with the name as its key, shortened in the message", async () => {
    const long = "x".repeat(5000)
    const failure = await failureOf(() => normalizeName(long, { keyBytes: 1024 }))
    expect(failure.key).toBe(long)
    expect(failure.message.length).toBeLessThan(500)
    expect(failure.message).toContain("1024")
    expect(failure.message).toContain("5000")
  })

  test("is no legal name while it holds a backslash: opened by that name it would be another file", () => {
    expect(nameProblem("a\\b")).toMatch(/backslash/)
    expect(nameProblem("a/b")).toBeUndefined()
  })
})

describe("the limits of a backend", () => {
  test("count the bytes of UTF-8, not characters", () => {
    expect(codeOf(() => normalizeName("é".repeat(5), { keyBytes: 10 }))).toBeUndefined()
    expect(codeOf(() => normalizeName("é".repeat(5) + "a", { keyBytes: 10 }))).toBe("invalid-name")
    expect(codeOf(() => normalizeName("日".repeat(4), { keyBytes: 12 }))).toBeUndefined()
    expect(codeOf(() => normalizeName("日".repeat(4), { keyBytes: 11 }))).toBe("invalid-name")
    expect(codeOf(() => normalizeName("😀😀", { keyBytes: 8 }))).toBeUndefined()
    expect(codeOf(() => normalizeName("😀😀", { keyBytes: 7 }))).toBe("invalid-name")
  })

  test("hold for each segment where the backend limits segments", () => {
    const limits = { keyBytes: 1000, segmentBytes: 4 }
    expect(codeOf(() => normalizeName("aaaa/bbbb/😀", limits))).toBeUndefined()
    expect(codeOf(() => normalizeName("aaaa/bbbbb/c", limits))).toBe("invalid-name")
    expect(codeOf(() => normalizeName("a/😀b", limits))).toBe("invalid-name")
  })

  test("are in characters where the backend counts those", () => {
    const limits = { keyBytes: 1000, keyCharacters: 4 }
    expect(codeOf(() => normalizeName("字字/字", limits))).toBeUndefined()
    expect(codeOf(() => normalizeName("字字/字字", limits))).toBe("invalid-name")
  })

  test("may be a rule of the backend's own, whose words are in the error", async () => {
    const limits = { keyBytes: 1000, problem: (key: string) => (key.endsWith(".") ? "no dots at the end" : undefined) }
    expect(codeOf(() => normalizeName("a.b", limits))).toBeUndefined()
    const failure = await failureOf(() => normalizeName("a.", limits))
    expect(failure.code).toBe("invalid-name")
    expect(failure.message).toContain("no dots at the end")
    expect(alternativeName("a. b", { limits })).toMatch(/^a. b_/)
  })

  test("agree with the length in bytes of UTF-8 for every name", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("a", "é", "日", "😀", "/"), { minLength: 1 }).map((parts) => parts.join("")),
        fc.integer({ min: 1, max: 40 }),
        (name, keyBytes) => {
          fc.pre(nameProblem(name) === undefined)
          expect(nameProblem(name, { keyBytes }) === undefined).toBe(Buffer.byteLength(name) <= keyBytes)
          expect(utf8Length(name)).toBe(Buffer.byteLength(name))
        },
      ),
    )
  })

  test("keep reserved first segments to the backend", () => {
    const limits = { keyBytes: 1000, reserved: [".records"] }
    expect(codeOf(() => normalizeName(".records/a", limits))).toBe("invalid-name")
    expect(codeOf(() => normalizeName(".records", limits))).toBe("invalid-name")
    expect(codeOf(() => normalizeName(".records\\a", limits))).toBe("invalid-name")
    expect(normalizeName("a/.records", limits)).toBe("a/.records")
    expect(normalizeName(".records2/a", limits)).toBe(".records2/a")
  })
})

describe("validName", () => {
  test.each([
    ["My photo (1).jpg", "My_photo_1.jpg"],
    ["  report.pdf  ", "report.pdf"],
    ["a  b\tc.txt", "a_b_c.txt"],
    ["résumé 日本語.txt", "résumé_日本語.txt"],
    ["../../etc/passwd", "passwd"],
    ["C:\\Users\\me\\photo.jpg", "photo.jpg"],
    ["C:photo.jpg", "Cphoto.jpg"],
    ["<script>alert(1)</script>.js", "script.js"],
    ["a\0b\r\nc.txt", "ab_c.txt"],
    ["😀.png", ".png"],
    ["a\ud800b", "ab"],
    ["-_.", "-_."],
    ["a;b&c=d?e#f%20g", "abcdef20g"],
  ])("makes %j into %j", (name, clean) => {
    expect(validName(name)).toBe(clean)
  })

  test.each(["", " ", ".", "..", "a/..", "dir/", "😀", "?.?.?", "()", "\\", "日本/"])("refuses %j", (name) => {
    expect(codeOf(() => validName(name))).toBe("invalid-name")
  })

  test("refuses what is no string", () => {
    expect(codeOf(() => validName(undefined as never))).toBe("invalid-name")
  })

  test("gives a legal name of one segment that it leaves as it is, or refuses", () => {
    fc.assert(
      fc.property(anyName, (name) => {
        let clean: string
        try {
          clean = validName(name)
        } catch (error) {
          expect(error).toMatchObject({ code: "invalid-name" })
          return
        }
        expect(normalizeName(clean)).toBe(clean)
        expect(clean).toMatch(/^[\p{L}\p{M}\p{N}\-_.]+$/u)
        expect(validName(clean)).toBe(clean)
      }),
      { numRuns: 500 },
    )
  })
})

describe("normalizeDirectory", () => {
  test.each([
    ["", ""],
    ["users/1", "users/1/"],
    ["users/1/", "users/1/"],
    ["users\\1\\", "users/1/"],
    ["users/1//", "users/1/"],
    [".well-known", ".well-known/"],
  ])("makes %j into %j", (directory, prefix) => {
    expect(normalizeDirectory(directory)).toBe(prefix)
  })

  test.each(["/", "\\", "//", "/users", ".", "..", "./", "../", "users/../admin", "a//b", "C:/", "a\0"])(
    "refuses %j",
    (directory) => {
      expect(codeOf(() => normalizeDirectory(directory))).toBe("invalid-name")
    },
  )

  test("refuses what is no string", () => {
    expect(codeOf(() => normalizeDirectory(null as never))).toBe("invalid-name")
  })
})

describe("compareKeys", () => {
  test("orders as the bytes of UTF-8 do", () => {
    const key = fc.oneof(
      fc.array(fc.integer({ min: 0, max: 0x10ffff })).map((points) => String.fromCodePoint(...points).toWellFormed()),
      fc
        .array(fc.constantFrom("a", "/", "-", "é", "\ud7ff", "\ue000", "\uffff", "😀", "\u{10ffff}"))
        .map((p) => p.join("")),
    )
    fc.assert(
      fc.property(key, key, (a, b) => {
        expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
      }),
      { numRuns: 1000 },
    )
  })

  test("puts characters beyond the basic plane last, where UTF-16 would not", () => {
    expect(["\uffee", "😀", "a"].toSorted(compareKeys)).toEqual(["a", "\uffee", "😀"])
  })
})
