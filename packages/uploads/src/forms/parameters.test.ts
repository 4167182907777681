import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { UploadError } from "../upload-error.ts"
import { boundaryOf, parseValue, partHeader } from "./parameters.ts"

const latin1 = (text: string) => Buffer.from(text, "utf8").toString("latin1")
const header = (disposition: string) => partHeader({ "content-disposition": [latin1(disposition)] })
const codeOf = (act: () => unknown) => {
  try {
    act()
  } catch (error) {
    if (UploadError.is(error)) return error.code
    throw error
  }
  return "none"
}

describe("the boundary", () => {
  test.each([
    ["multipart/form-data; boundary=abc", "abc"],
    ["Multipart/Form-Data; charset=utf-8; Boundary=abc", "abc"],
    ['multipart/form-data; boundary="a b:c"', "a b:c"],
    ["multipart/form-data;boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW", "----WebKitFormBoundary7MA4YWxkTrZu0gW"],
    ["multipart/form-data; boundary=abc;", "abc"],
  ])("of %j is %j", (contentType, boundary) => {
    expect(boundaryOf(contentType)).toBe(boundary)
  })

  test.each([undefined, "", "application/json", "multipart/mixed; boundary=a", "multipart/form-datax; boundary=a"])(
    "%j is no form",
    (contentType) => {
      expect(codeOf(() => boundaryOf(contentType))).toBe("not-a-form")
    },
  )

  test.each([
    "multipart/form-data",
    "multipart/form-data; boundary=",
    'multipart/form-data; boundary=""',
    'multipart/form-data; boundary="a',
    `multipart/form-data; boundary=${"a".repeat(71)}`,
    "multipart/form-data; boundary=a; boundary=b",
    'multipart/form-data; boundary="a\nb"',
    'multipart/form-data; boundary="a "',
  ])("%j is malformed", (contentType) => {
    const code = codeOf(() => boundaryOf(contentType))
    expect(code === "malformed-form" || (code === "not-a-form" && !contentType.includes(";"))).toBe(true)
  })
})

describe("the headers of a part", () => {
  test.each([
    ['form-data; name="a"', "a", undefined],
    ["form-data; name=a; filename=b.txt", "a", "b.txt"],
    ['FORM-DATA; NAME="a"; FILENAME=""', "a", ""],
    ['form-data; name="a;b"; filename="c=d;e.png"', "a;b", "c=d;e.png"],
    ['form-data; name="a"; filename="say %22hi%22%0D%0A.txt"', "a", 'say "hi"\r\n.txt'],
    ['form-data; name="a"; filename="say \\"hi\\".txt"', "a", 'say "hi".txt'],
    ['form-data; name="a"; filename="C:\\dir\\x.png"', "a", "C:\\dir\\x.png"],
    ['form-data; name="名"; filename="中文 é 🎉.png"', "名", "中文 é 🎉.png"],
    [`form-data; name="a"; filename="x.png"; filename*=UTF-8''%E4%B8%AD.png`, "a", "中.png"],
    [`form-data; name="a"; filename*=utf-8'en'a%20b.png`, "a", "a b.png"],
    [`form-data; name="a"; filename*=ISO-8859-1''%E9.png`, "a", "é.png"],
    [`form-data; name="a"; filename="x.png"; filename*=UTF-8''%E4%ZZ.png`, "a", "x.png"],
    [`form-data; name="a"; filename="x.png"; filename*=UTF-8''%E4.png`, "a", "x.png"],
    ['form-data; name="__proto__"', "__proto__", undefined],
    ['form-data; name=""', "", undefined],
  ])("%j", (disposition, field, fileName) => {
    expect(header(disposition)).toEqual({ field, fileName })
  })

  test.each([
    "form-data",
    'form-data; filename="a"',
    'attachment; name="a"',
    'form-data; name="a"; name="b"',
    'form-data; name="a"; filename="b',
    'form-data; name="a" filename="b"',
    "form-data; name",
    "",
  ])("%j is malformed", (disposition) => {
    expect(codeOf(() => header(disposition))).toBe("malformed-form")
  })

  test("none and two of them are malformed, and so is an encoding that forms do not have", () => {
    expect(codeOf(() => partHeader({}))).toBe("malformed-form")
    const disposition = 'form-data; name="a"'
    expect(codeOf(() => partHeader({ "content-disposition": [disposition, disposition] }))).toBe("malformed-form")
    const encoded = { "content-disposition": [disposition], "content-transfer-encoding": ["base64"] }
    expect(codeOf(() => partHeader(encoded))).toBe("malformed-form")
  })
})

test("whatever the header is, it is read or refused, and in time", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("a", ";", "=", '"', "\\", " ", "%", "*", "'", "é", "\0"), maxLength: 200 }),
      (text) => {
        expect(["none", "malformed-form"]).toContain(codeOf(() => header(`form-data; name="a"${text}`)))
      },
    ),
  )
  const before = process.cpuUsage()
  for (const text of [
    ";".repeat(20_000),
    " ".repeat(20_000),
    '="\\'.repeat(7000),
    "; a=".repeat(5000),
    ' ; x ="'.repeat(3000),
  ]) {
    parseValue(`form-data${text}`)
    parseValue(`form-data;${text}`)
  }
  // In microseconds of work, which do not grow with the work of others.
  expect(process.cpuUsage(before).user).toBeLessThan(1_000_000)
})
