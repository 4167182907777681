import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { alternativeName, randomText, shortenName, splitExtension } from "./alternative-name.ts"
import { nameProblem, utf8Length } from "./names.ts"
import { codeOf } from "./testing/failure.ts"

/** Legal names with and without directories, dots, extensions and characters of more than one byte. */
const segment = fc
  .array(fc.constantFrom("a", "B", "7", ".", ".", "_", "-", " ", "é", "日", "😀", "tar", "gz", "min", "js"), {
    minLength: 1,
    maxLength: 12,
  })
  .map((parts) => parts.join(""))
const legalName = fc
  .array(segment, { minLength: 1, maxLength: 3 })
  .map((segments) => segments.join("/"))
  .filter((name) => nameProblem(name) === undefined)

const fileNameOf = (name: string) => name.slice(name.lastIndexOf("/") + 1)
const directoryOf = (name: string) => name.slice(0, name.lastIndexOf("/") + 1)

describe("splitExtension", () => {
  test.each([
    ["a.txt", "a", ".txt"],
    ["a.tar.gz", "a", ".tar.gz"],
    ["A.TAR.GZ", "A", ".TAR.GZ"],
    ["v1.2.tar.bz2", "v1.2", ".tar.bz2"],
    ["Mr._Smith_3.5.docx", "Mr._Smith_3.5", ".docx"],
    [".env", ".env", ""],
    [".tar.gz", ".tar", ".gz"],
    [".env.local", ".env", ".local"],
    ["a.d.ts", "a", ".d.ts"],
    ["app.min.js", "app", ".min.js"],
    ["app.min.css", "app", ".min.css"],
    ["x.js.map", "x", ".js.map"],
    ["app.css.br", "app", ".css.br"],
    ["page.html.gz", "page", ".html.gz"],
    ["notes.2024.gz", "notes.2024", ".gz"],
    ["a.min.png", "a.min", ".png"],
    ["Version 1. Draft", "Version 1. Draft", ""],
    ["no-ext", "no-ext", ""],
    ["a.", "a.", ""],
    [".a.b", ".a", ".b"],
    ["...", "...", ""],
    ["..a", ".", ".a"],
    ["a.thisextensionistoolongtobeone", "a.thisextensionistoolongtobeone", ""],
    ["a.日本", "a.日本", ""],
    ["", "", ""],
    // Words that every JavaScript object answers to.
    ["a.constructor.js", "a.constructor", ".js"],
    ["a.__proto__.js", "a.__proto__", ".js"],
    ["a.constructor.gz", "a.constructor", ".gz"],
    ["a.constructor", "a", ".constructor"],
  ])("splits %j into %j and %j", (fileName, stem, extension) => {
    expect(splitExtension(fileName)).toEqual([stem, extension])
  })

  test("loses nothing of any name and gives an extension that begins with a dot, or none", () => {
    fc.assert(
      fc.property(fc.oneof(segment, fc.string()), (fileName) => {
        const [stem, extension] = splitExtension(fileName)
        expect(stem + extension).toBe(fileName)
        if (extension !== "") expect(extension).toMatch(/^\.[^/]+$/)
        if (fileName !== "") expect(stem).not.toBe("")
      }),
    )
  })
})

describe("alternativeName", () => {
  test.each([
    ["a.txt", /^a_[A-Za-z0-9]{7}\.txt$/],
    ["a.tar.gz", /^a_[A-Za-z0-9]{7}\.tar\.gz$/],
    ["dir.d/sub/a.txt", /^dir\.d\/sub\/a_[A-Za-z0-9]{7}\.txt$/],
    ["Mr._Smith_3.5.docx", /^Mr\._Smith_3\.5_[A-Za-z0-9]{7}\.docx$/],
    [".env", /^\.env_[A-Za-z0-9]{7}$/],
    ["dir/.env", /^dir\/\.env_[A-Za-z0-9]{7}$/],
    ["no-ext", /^no-ext_[A-Za-z0-9]{7}$/],
    ["a.constructor.js", /^a\.constructor_[A-Za-z0-9]{7}\.js$/],
  ])("of %j matches %s", (name, pattern) => {
    expect(alternativeName(name)).toMatch(pattern)
  })

  test("is legal, another one, in the same directory, with the same extension, within every limit", () => {
    const room = fc.record({
      maxLength: fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
      keyBytes: fc.integer({ min: 10, max: 80 }),
      segmentBytes: fc.option(fc.integer({ min: 8, max: 40 }), { nil: undefined }),
    })
    fc.assert(
      fc.property(legalName, room, (name, { maxLength, keyBytes, segmentBytes }) => {
        const limits = { keyBytes, segmentBytes }
        fc.pre(nameProblem(directoryOf(name).slice(0, -1) || "a", limits) === undefined)
        let other: string
        try {
          other = alternativeName(name, { maxLength, limits })
        } catch (error) {
          expect(error).toMatchObject({ code: "invalid-name" })
          return
        }
        expect(nameProblem(other, limits)).toBeUndefined()
        expect(other).not.toBe(name)
        expect(directoryOf(other)).toBe(directoryOf(name))
        expect(other.endsWith(splitExtension(fileNameOf(name))[1])).toBe(true)
        expect(Array.from(other).length).toBeLessThanOrEqual(maxLength ?? Infinity)
        expect(utf8Length(other)).toBeLessThanOrEqual(keyBytes)
        expect(utf8Length(fileNameOf(other))).toBeLessThanOrEqual(segmentBytes ?? Infinity)
      }),
      { numRuns: 1000 },
    )
  })

  test("shortens the stem by whole characters, never the extension", () => {
    expect(alternativeName("abcdefgh.tar.gz", { maxLength: 17 })).toMatch(/^ab_[A-Za-z0-9]{7}\.tar\.gz$/)
    expect(alternativeName("😀😀😀.txt", { maxLength: 14 })).toMatch(/^😀😀_[A-Za-z0-9]{7}\.txt$/u)
    expect(alternativeName("😀😀😀.txt", { limits: { keyBytes: 17 } })).toMatch(/^😀_[A-Za-z0-9]{7}\.txt$/u)
  })

  test("is refused when nothing of the stem would be left", () => {
    expect(codeOf(() => alternativeName("abc.txt", { maxLength: 12 }))).toBe("invalid-name")
    expect(alternativeName("abc.txt", { maxLength: 13 })).toMatch(/^a_[A-Za-z0-9]{7}\.txt$/)
    expect(codeOf(() => alternativeName("a-directory/abc.txt", { maxLength: 14 }))).toBe("invalid-name")
  })
})

describe("shortenName", () => {
  test.each([
    ["abc.txt", 7, "abc.txt"],
    ["abcdef.txt", 7, "abc.txt"],
    ["dir/abcdef.tar.gz", 13, "dir/ab.tar.gz"],
    ["日本語日本語.txt", 6, "日本.txt"],
    ["no-extension", 4, "no-e"],
  ])("cuts %j at %i characters to %j", (name, maxLength, shorter) => {
    expect(shortenName(name, maxLength)).toBe(shorter)
  })

  test.each([
    ["abc.txt", 4],
    ["dir/abc.txt", 8],
    // What is left would be "." or "..", which leads out of the directory.
    ["..hidden file", 2],
    ["dir/..hidden file", 6],
    [".hidden file", 1],
    ["dir/.hidden file", 5],
  ])("refuses %j at %i characters", (name, maxLength) => {
    expect(codeOf(() => shortenName(name, maxLength))).toBe("invalid-name")
  })

  test("gives a legal name that fits, or refuses", () => {
    fc.assert(
      fc.property(legalName, fc.integer({ min: 1, max: 30 }), (name, maxLength) => {
        let shorter: string
        try {
          shorter = shortenName(name, maxLength)
        } catch (error) {
          expect(error).toMatchObject({ code: "invalid-name" })
          return
        }
        expect(nameProblem(shorter)).toBeUndefined()
        expect(Array.from(shorter).length).toBeLessThanOrEqual(maxLength)
        expect(shorter.endsWith(splitExtension(fileNameOf(name))[1])).toBe(true)
        if (Array.from(name).length <= maxLength) expect(shorter).toBe(name)
      }),
      { numRuns: 1000 },
    )
  })
})

describe("a very long name", () => {
  const long = `${"directory/".repeat(10)}${"名😀a".repeat(200_000)}.tar.gz`

  test("is shortened in time that grows with its length, and not with its square", () => {
    // 600,000 characters: one by one from the end this took minutes.
    const before = process.cpuUsage()
    expect(Array.from(shortenName(long, 255))).toHaveLength(255)
    expect(utf8Length(alternativeName(long, { limits: { keyBytes: 1024, segmentBytes: 255 } }))).toBeLessThan(1025)
    // In microseconds of work, which do not grow with the work of others.
    expect(process.cpuUsage(before).user).toBeLessThan(2_000_000)
  })

  test("is cut where the room ends, whatever it is counted in", () => {
    expect(shortenName(`${"a".repeat(4000)}.txt`, 3000)).toBe(`${"a".repeat(2996)}.txt`)
    const keyCharacters = alternativeName(long, { limits: { keyBytes: 9999, keyCharacters: 1024 } })
    expect([1023, 1024]).toContain(keyCharacters.length)
    const segmentBytes = alternativeName(long, { limits: { keyBytes: 9999, segmentBytes: 255 } })
    expect(utf8Length(fileNameOf(segmentBytes))).toBeGreaterThan(251)
    expect(utf8Length(fileNameOf(segmentBytes))).toBeLessThan(256)
  })

  test("that a rule of the backend refuses at any length is refused soon", () => {
    const asked: string[] = []
    const problem = (key: string) => {
      asked.push(key)
      return "the directory is taken"
    }
    const name = `dir/${"a".repeat(4000)}.txt`
    expect(codeOf(() => alternativeName(name, { limits: { keyBytes: 10_000, problem } }))).toBe("invalid-name")
    expect(asked.length).toBeLessThan(300)
  })
})

describe("randomText", () => {
  test("has the asked length, 7 by default", () => {
    expect(randomText()).toHaveLength(7)
    expect(randomText(0)).toBe("")
    expect(randomText(100)).toHaveLength(100)
  })

  test("draws from 62 letters and digits, each about as often as the others", () => {
    const counts = new Map<string, number>()
    const length = 62_000
    // Web Crypto gives at most 65,536 bytes at once: the text is drawn in parts.
    for (let part = 0; part < 62; part++) {
      for (const character of randomText(length / 62)) counts.set(character, (counts.get(character) ?? 0) + 1)
    }
    expect([...counts.keys()].toSorted().join("")).toBe(
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    )
    // 1,000 are expected of each with a deviation of 31: a byte taken modulo 62 would give A to H 1,211 each.
    for (const count of counts.values()) {
      expect(count).toBeGreaterThan(800)
      expect(count).toBeLessThan(1200)
    }
    const first = "ABCDEFGH".split("").reduce((sum, character) => sum + counts.get(character)!, 0)
    // 8,000 are expected with a deviation of 83; the bias would give about 9,690.
    expect(first).toBeLessThan(8700)
  })
})
