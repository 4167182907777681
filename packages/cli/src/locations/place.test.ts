import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { baseOf, below, parsePlace, titleBelow } from "./place.ts"

const storageName = fc.stringMatching(/^[A-Za-z_$][\w$-]{0,12}$/)
const anyName = fc.string({ unit: "grapheme", maxLength: 30 })
const plainName = fc
  .array(fc.stringMatching(/^[a-z0-9][\w .-]{0,8}$/), { minLength: 1, maxLength: 4 })
  .map((segments) => segments.join("/"))

describe("a place of the command line", () => {
  it.each([
    ["media:avatars/me.png", { kind: "storage", storage: "media", name: "avatars/me.png" }],
    ["media:", { kind: "storage", storage: "media", name: "" }],
    ["media:a:b", { kind: "storage", storage: "media", name: "a:b" }],
    ["s3://bucket/a?region=x", { kind: "url", url: "s3://bucket/a?region=x" }],
    ["file:///srv/media", { kind: "url", url: "file:///srv/media" }],
    [".", { kind: "local", path: "." }],
    ["..", { kind: "local", path: ".." }],
    ["./media:a", { kind: "local", path: "./media:a" }],
    ["../a", { kind: "local", path: "../a" }],
    ["/srv/a", { kind: "local", path: "/srv/a" }],
    ["~/a", { kind: "local", path: "~/a" }],
    ["me.png", { kind: "plain", name: "me.png" }],
    [".hidden", { kind: "plain", name: ".hidden" }],
    ["...", { kind: "plain", name: "..." }],
    ["", { kind: "plain", name: "" }],
    ["8:a", { kind: "plain", name: "8:a" }],
  ])("%j is %j", (text, parsed) => {
    expect(parsePlace(text)).toEqual(parsed)
  })

  it("on Windows is a path where a drive is named, unless a storage has its name", () => {
    expect(parsePlace("c:\\a", [], "win32")).toEqual({ kind: "local", path: "c:\\a" })
    expect(parsePlace("c:a", ["c"], "win32")).toEqual({ kind: "storage", storage: "c", name: "a" })
    expect(parsePlace("c:a", [], "linux")).toEqual({ kind: "storage", storage: "c", name: "a" })
    expect(parsePlace(".\\a", [], "win32")).toEqual({ kind: "local", path: ".\\a" })
    expect(parsePlace("..\\a", [], "win32")).toEqual({ kind: "local", path: "..\\a" })
  })

  it("is that of a storage for every name behind a colon, unless it is a URL", () => {
    fc.assert(
      fc.property(storageName, anyName, (storage, name) => {
        fc.pre(!name.startsWith("//"))
        expect(parsePlace(`${storage}:${name}`, [], "linux")).toEqual({ kind: "storage", storage, name })
      }),
    )
  })

  it("is on this machine for every path that begins with a dot and a slash, or a slash", () => {
    fc.assert(
      fc.property(fc.constantFrom("./", "../", "/"), anyName, (start, rest) => {
        expect(parsePlace(start + rest, ["media"])).toEqual({ kind: "local", path: start + rest })
      }),
    )
  })

  it("is of one kind whatever is given, and nothing of the text is lost", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const parsed = parsePlace(text, [], "linux")
        const whole = {
          storage: () => parsed.kind === "storage" && `${parsed.storage}:${parsed.name}`,
          url: () => parsed.kind === "url" && parsed.url,
          local: () => parsed.kind === "local" && parsed.path,
          plain: () => parsed.kind === "plain" && parsed.name,
        }
        expect(whole[parsed.kind]()).toBe(text)
      }),
    )
  })
})

describe("names and titles", () => {
  it.each([
    ["avatars/me.png", "me.png"],
    ["avatars/", "avatars"],
    ["./public", "public"],
    [".", ""],
    ["a/..", ""],
    ["/", ""],
    ["", ""],
  ])("the last part of %j is %j", (path, base) => {
    expect(baseOf(path)).toBe(base)
  })

  it("knows both separators of Windows", () => {
    expect(baseOf("c:\\files\\a.png", /[/\\]/)).toBe("a.png")
  })

  it("joins a directory and what is below it by one slash, with or without one at its end", () => {
    fc.assert(
      fc.property(plainName, plainName, (directory, rest) => {
        expect(below(directory, rest)).toBe(`${directory}/${rest}`)
        expect(below(`${directory}/`, rest)).toBe(`${directory}/${rest}`)
        expect(below("", rest)).toBe(rest)
        expect(below(directory, "")).toBe(directory)
        expect(titleBelow(`media:${directory}`, rest)).toBe(`media:${directory}/${rest}`)
        expect(titleBelow("media:", rest)).toBe(`media:${rest}`)
        expect(titleBelow(`./${directory}/`, rest)).toBe(`./${directory}/${rest}`)
      }),
    )
  })
})
