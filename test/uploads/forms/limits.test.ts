import { MemoryStorage } from "@node-storages/memory"
import { type FormLimits, receiveForm } from "@node-storages/uploads"
import { describe, expect, it } from "vitest"
import { BOUNDARY, CONTENT_TYPE, END, fieldPart, filePart, formRequest, namesIn, PNG, refusalOf } from "./support.ts"

/** What a form with these limits is refused with, after a file that was stored: nothing of it may be left. */
async function refused(limits: FormLimits, ...parts: (string | Uint8Array)[]) {
  const storage = new MemoryStorage()
  const error = await refusalOf(
    receiveForm(formRequest(filePart("first", "first.png", PNG), ...parts), { storage, limits }),
  )
  expect(await namesIn(storage)).toEqual([])
  return error
}

const text = (length: number) => "x".repeat(length)

describe("limits", () => {
  it("of a file's size are to the byte", async () => {
    const storage = new MemoryStorage()
    const exact = formRequest(filePart("a", "a.txt", text(100_000)), END)
    expect((await receiveForm(exact, { storage, limits: { fileSize: 100_000 } })).files[0]!.size).toBe(100_000)
    const error = await refused({ fileSize: 100_000 }, filePart("a", "a.txt", text(100_001)), END)
    expect(error).toMatchObject({ code: "file-too-large", status: 413, field: "a" })
    expect(error.message).toBe(
      'The file "a.txt" is larger than 100000 bytes. Send a smaller one, or raise "limits.fileSize".',
    )
  })

  it("of small files too, and given with a unit", async () => {
    expect((await refused({ fileSize: "1 KB" }, filePart("a", "a.txt", text(1001)), END)).code).toBe("file-too-large")
  })

  it("of the whole form, whether it was announced or not", async () => {
    const part = filePart("a", "a.txt", text(60_000))
    const error = await refused({ totalSize: 100_000 }, part, part, END)
    expect(error).toMatchObject({ code: "total-too-large", status: 413 })
    let read = false
    const body = new ReadableStream(
      {
        pull(controller) {
          read = true
          controller.enqueue(new Uint8Array(1000))
        },
      },
      { highWaterMark: 0 },
    )
    const headers = { "content-type": CONTENT_TYPE, "content-length": "100001" }
    const init = { method: "POST", headers, body, duplex: "half" } as RequestInit
    const options = { storage: new MemoryStorage(), limits: { totalSize: 100_000 } }
    const receiving = refusalOf(receiveForm(new Request("http://localhost/", init), options))
    expect(read).toBe(false)
    expect((await receiving).code).toBe("total-too-large")
  })

  it("of the number of files", async () => {
    const part = filePart("a", "a.txt", "1")
    expect(await refused({ files: 2 }, part, part, END)).toMatchObject({
      code: "too-many-files",
      status: 413,
      field: "a",
    })
    expect((await refused({ files: 1 }, filePart("b", "", "something"), END)).code).toBe("too-many-files")
    expect((await refused({ files: 1 }, filePart("b", "b.txt", ""), END)).code).toBe("too-many-files")
  })

  it("of the number of fields", async () => {
    const error = await refused({ fields: 2 }, fieldPart("a", "1"), fieldPart("b", "2"), fieldPart("c", "3"), END)
    expect(error).toMatchObject({ code: "too-many-fields", status: 413, field: "c" })
  })

  it("of a field, of all fields, and of their names", async () => {
    expect(await refused({ fieldSize: 10 }, fieldPart("a", text(11)), END)).toMatchObject({
      code: "field-too-large",
      field: "a",
    })
    const error = await refused({ fieldsSize: 20 }, fieldPart("a", text(10)), fieldPart("b", text(10)), END)
    expect(error).toMatchObject({ code: "field-too-large", field: "b", status: 413 })
    const long = "漢".repeat(4)
    expect((await refused({ fieldNameSize: 11 }, fieldPart(long, "1"), END)).message).toContain("more than 11 bytes")
    expect((await refused({ fieldNameSize: 11 }, filePart(long, "a.txt", "1"), END)).code).toBe("field-too-large")
    const exact = formRequest(fieldPart(long, text(10)), END)
    const limits = { fieldNameSize: 12, fieldSize: 10, fieldsSize: 22 }
    expect((await receiveForm(exact, { storage: new MemoryStorage(), limits })).fields.get(long)).toBe(text(10))
  })

  it("of parts: thousands are refused", async () => {
    const error = await refused({}, fieldPart("a", "").repeat(5000), END)
    expect(error).toMatchObject({ code: "too-many-parts", status: 413 })
    expect((await refused({}, ...Array.from({ length: 5000 }, () => filePart("a", "", "")), END)).code).toBe(
      "too-many-parts",
    )
  })

  it("of headers: giant ones and many of them are refused", async () => {
    const giant = filePart("a", `${text(1_000_000)}.txt`, "1")
    expect(await refused({}, giant, END)).toMatchObject({ code: "headers-too-large", status: 413 })
    const many = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="a"\r\n${"X-A: b\r\n".repeat(40)}\r\n1\r\n`
    expect((await refused({}, many, END)).code).toBe("headers-too-large")
  })

  it("may be none", async () => {
    const limits = { fileSize: Infinity, totalSize: Infinity, files: Infinity, fields: Infinity, parts: Infinity }
    const parts = Array.from({ length: 1000 }, (_, index) => fieldPart(`f${index}`, "1"))
    const form = await receiveForm(formRequest(...parts, END), { storage: new MemoryStorage(), limits })
    expect([...form.fields]).toHaveLength(1000)
  })
})

describe("malformed forms", () => {
  const stored = filePart("first", "first.png", PNG)
  it.each<[string, (string | Uint8Array)[], string]>([
    ["without an end", [stored], "truncated"],
    ["cut off in a file", [stored, filePart("a", "a.txt", text(50_000)).subarray(0, 40_000)], "truncated"],
    ["cut off in a header", [stored, `--${BOUNDARY}\r\nContent-Disp`], "truncated"],
    ["of another boundary", [stored.toString("latin1").replaceAll(BOUNDARY, "other")], "malformed-form"],
    ["of nothing", [], "malformed-form"],
    ["of something else", ["title=hello&name=world"], "malformed-form"],
    [
      "with a part without a name",
      [stored, `--${BOUNDARY}\r\nContent-Disposition: form-data\r\n\r\n1\r\n`, END],
      "malformed-form",
    ],
    ["with a part without headers", [stored, `--${BOUNDARY}\r\n\r\n1\r\n`, END], "malformed-form"],
    ["with noise behind a boundary", [stored, `--${BOUNDARY}junk\r\n\r\n1\r\n`, END], "malformed-form"],
  ])("%s are refused, and nothing is left", async (_, parts, code) => {
    const storage = new MemoryStorage()
    const error = await refusalOf(receiveForm(formRequest(...parts), { storage }))
    expect(error).toMatchObject({ code, status: 400 })
    expect(await namesIn(storage)).toEqual([])
  })

  it.each(["application/json", "multipart/mixed; boundary=a", "application/x-www-form-urlencoded"])(
    "%s is no form",
    async (type) => {
      const request = new Request("http://localhost/", {
        method: "POST",
        headers: { "content-type": type },
        body: "{}",
      })
      const error = await refusalOf(receiveForm(request, { storage: new MemoryStorage() }))
      expect(error).toMatchObject({ code: "not-a-form", status: 415 })
      expect(error.message).toContain('Send the form with enctype="multipart/form-data"')
    },
  )

  it("a GET has none", async () => {
    const request = new Request("http://localhost/")
    expect((await refusalOf(receiveForm(request, { storage: new MemoryStorage() }))).code).toBe("not-a-form")
  })
})

describe("names of files that are meant to lead elsewhere", () => {
  const ESCAPES = [
    "../x.txt",
    "..\\x.txt",
    "/x.txt",
    "C:\\x.txt",
    "\\\\server\\share\\x.txt",
    "%2e%2e%2fx.txt",
    "..%2fx.txt",
    "..%5cx.txt",
    "%252e%252e%252fx.txt",
    "..%c0%afx.txt",
    "．．／x.txt",
    "‥/x.txt",
    "..;/x.txt",
    "x.txt\0.png",
    "\0../x.txt",
    "....//x.txt",
    ". ./x.txt",
    "..",
    ".",
    "...",
    "/",
    "~/x.txt",
    ".node-storages/tmp/x",
    ".uploads/x",
    "file:///x.txt",
    "x.txt:stream",
    "x.txt\u202etxt.exe",
    " x.txt ",
  ]
  it.each(ESCAPES)("%j is a plain name at the root", async (fileName) => {
    const storage = new MemoryStorage()
    for (const disposition of [`filename="${fileName}"`, `filename*=UTF-8''${encodeURIComponent(fileName)}`]) {
      const part = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="a"; ${disposition}\r\n\r\ntext\r\n`
      const form = await receiveForm(formRequest(part, END), { storage })
      expect(form.files[0]!.name).toMatch(/^[\p{L}\p{N}_-][\p{L}\p{N}._-]*$/u)
    }
    expect((await storage.listdir()).directories).toEqual([])
  })
})
