import * as fc from "fast-check"
import { nameProblem, utf8Length } from "@node-storages/core"
import { describe, expect, test, vi } from "vitest"
import { checkNameStrategy, cleanName, nameBy, type NamedFile } from "./names.ts"

const file: NamedFile = {
  field: "avatar",
  originalName: "My photo (1).JPG",
  name: "My_photo_1.JPG",
  contentType: "image/jpeg",
  fields: new URLSearchParams(),
}

describe("a clean name", () => {
  test.each([
    ["My photo (1).jpg", "My_photo_1.jpg"],
    ["../../etc/passwd", "passwd"],
    ["..\\..\\boot.ini", "boot.ini"],
    ["..%2f..%2fetc%2fpasswd", "2f..2fetc2fpasswd"],
    ["%2e%2e%5cx", "2e2e5cx"],
    ["a\0.png", "a.png"],
    ["．．／x", "x"],
    ["‥/x.txt", "x.txt"],
    ["C:\\temp\\a.png", "a.png"],
    [".htaccess", "htaccess"],
    ["...", "file"],
    ["..", "file"],
    [".", "file"],
    ["", "file"],
    ["🎉", "file"],
    ["/", "file"],
    ["\uD800.png", "png"],
    ["日本語.png", "日本語.png"],
    ["e\u0301.png", "é.png"],
    ["<b>x</b>.html", "b.html"],
    ['a";\r\nX: y.png', "a_X_y.png"],
  ])("%j gives %j", (given, expected) => {
    expect(cleanName(given)).toBe(expected)
  })

  test("a long one is cut so that a free name still fits into a file system, and keeps its extension", () => {
    for (const stem of ["a".repeat(5000), "漢".repeat(300), "é".repeat(300)]) {
      const name = cleanName(`${stem}.tar.gz`)
      expect(utf8Length(name)).toBeLessThanOrEqual(200)
      expect(name.endsWith(".tar.gz")).toBe(true)
    }
  })

  test("of anything at all it is one legal segment", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => {
        const name = cleanName(text)
        expect(nameProblem(name)).toBeUndefined()
        expect(name).not.toMatch(/^\.|\//)
      }),
    )
  })
})

describe("a pattern", () => {
  test("puts in what it names", async () => {
    vi.useFakeTimers({ now: new Date("2027-03-04T05:06:07Z") })
    try {
      expect(await nameBy("a/{yyyy}/{mm}/{dd}/{hh}/{name}", file)).toBe("a/2027/03/04/05/My_photo_1.JPG")
    } finally {
      vi.useRealTimers()
    }
    expect(await nameBy("{field}/{stem}{ext}", file)).toBe("avatar/My_photo_1.jpg")
    expect(await nameBy("{hash}{ext}", file, "abc")).toBe("abc.jpg")
    expect(await nameBy("{random}{ext}", file)).toMatch(/^[A-Za-z0-9]{24}\.jpg$/)
    expect(await nameBy("{field}/{name}", { ...file, field: "../../x" })).toBe("x/My_photo_1.JPG")
  })

  test("a function gives what it gives", async () => {
    expect(await nameBy(async ({ field }) => `${field}.png`, file)).toBe("avatar.png")
  })

  test.each([
    ["{nmae}", 'name: "{nmae}" has "{nmae}". What may stand in braces: name, stem'],
    ["{name", 'name: "{name" has "{name". What may stand in braces: name, stem'],
    ["{toString}{name}", 'has "{toString}"'],
    ["avatar.png", 'name: "avatar.png" gives the same name to different files. Put {name}'],
    ["{yyyy}/{mm}", "gives the same name to different files"],
    ["/{name}", "gives no legal names"],
    ["../{name}", "gives no legal names"],
    ["a//{name}", "gives no legal names"],
  ])("%j is refused", (pattern, message) => {
    expect(() => checkNameStrategy("name", pattern)).toThrow(message)
  })

  test("something else than a pattern or a function is refused", () => {
    expect(() => checkNameStrategy("name", 5 as never)).toThrow("name must be a pattern or a function, not number.")
  })
})
