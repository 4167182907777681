import { createHash } from "node:crypto"
import { once } from "node:events"
import { inspect } from "node:util"
import type { Progress, Storage } from "@node-storages/core"
import { MemoryStorage } from "@node-storages/memory"
import { receiveForm } from "@node-storages/uploads"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { MEBIBYTE, sampleBytes } from "../../sample-bytes.ts"
import { bodyOf, CONTENT_TYPE, END, fieldPart, filePart, formRequest, namesIn, PNG, refusalOf } from "./support.ts"

const posted = (form: FormData) => new Request("http://localhost/", { method: "POST", body: form })

describe("a form", () => {
  it("arrives with its fields and files, as a FormData sent it", async () => {
    const storage = new MemoryStorage()
    const sent = new FormData()
    sent.append("title", "Ünïcode & 漢字")
    sent.append("tag", "a")
    sent.append("photo", new File([PNG], "My photo (1).png", { type: "text/html" }))
    sent.append("tag", "b")
    sent.append("notes", new File(["hello"], 'say "hi".txt'))
    const form = await receiveForm(posted(sent), { storage })
    expect([...form.fields]).toEqual([
      ["title", "Ünïcode & 漢字"],
      ["tag", "a"],
      ["tag", "b"],
    ])
    expect(form.files).toEqual([
      {
        field: "photo",
        name: "My_photo_1.png",
        originalName: "My photo (1).png",
        size: PNG.byteLength,
        contentType: "image/png",
        active: false,
        checksum: {},
      },
      {
        field: "notes",
        name: "say_hi.txt",
        originalName: 'say "hi".txt',
        size: 5,
        contentType: "text/plain",
        active: false,
        checksum: {},
      },
    ])
    expect(form.files.map((file) => file.storage === storage)).toEqual([true, true])
    expect(form.file("notes")).toBe(form.files[1])
    expect(form.file("nothing")).toBeUndefined()
    expect(await storage.open("My_photo_1.png").bytes()).toEqual(PNG)
    expect((await storage.stat("My_photo_1.png")).contentType).toBe("image/png")
    expect(await storage.open("say_hi.txt").text()).toBe("hello")
  })

  it("gives files that do not tell where they are kept when they are printed or sent to the client", async () => {
    const storage = new MemoryStorage({ location: "a-secret-place" })
    const sent = new FormData()
    sent.append("photo", new File([PNG], "a.png"))
    const { files } = await receiveForm(posted(sent), { storage })
    expect(files[0]!.storage).toBe(storage)
    for (const shown of [JSON.stringify(files), inspect(files), JSON.stringify({ ...files[0] })]) {
      expect(shown).toContain("a.png")
      expect(shown).not.toMatch(/memory|a-secret-place/)
    }
  })

  it("has fields that no name makes dangerous", async () => {
    const storage = new MemoryStorage()
    const parts = ["__proto__", "constructor", "toString"].map((name) => fieldPart(name, "x"))
    const { fields } = await receiveForm(formRequest(...parts, END), { storage })
    expect(fields.get("__proto__")).toBe("x")
    expect(fields.getAll("constructor")).toEqual(["x"])
    expect(fields.get("hasOwnProperty")).toBeNull()
  })

  it("may have nothing in it, and inputs in which no file was chosen", async () => {
    const storage = new MemoryStorage()
    const nobody = filePart("photo", "", "")
    const form = await receiveForm(formRequest(nobody, nobody, fieldPart("a", ""), END), {
      storage,
      limits: { files: 0 },
    })
    expect([...form.fields]).toEqual([["a", ""]])
    expect(form.files).toEqual([])
    expect((await receiveForm(formRequest(END), { storage })).files).toEqual([])
    expect(await namesIn(storage)).toEqual([])
  })

  it("keeps a file of nothing that somebody chose, and one without a name that has something", async () => {
    const storage = new MemoryStorage()
    const form = await receiveForm(formRequest(filePart("a", "empty.txt", ""), filePart("b", "", PNG), END), {
      storage,
    })
    expect(form.files.map(({ name, size }) => [name, size])).toEqual([
      ["empty.txt", 0],
      ["file.png", PNG.byteLength],
    ])
  })

  it("gives files of one name names of their own", async () => {
    const storage = new MemoryStorage()
    const form = await receiveForm(formRequest(filePart("a", "a.txt", "1"), filePart("a", "a.txt", "2"), END), {
      storage,
    })
    expect(form.files[0]!.name).toBe("a.txt")
    expect(form.files[1]!.name).toMatch(/^a_\w{7}\.txt$/)
    expect(await storage.open(form.files[1]!.name).text()).toBe("2")
  })

  it("can be discarded, with what it stored and nothing else", async () => {
    const storage = new MemoryStorage()
    await storage.write("a.txt", "mine")
    const form = await receiveForm(formRequest(filePart("a", "a.txt", "1"), filePart("b", "b.txt", "2"), END), {
      storage,
    })
    expect(await namesIn(storage)).toHaveLength(3)
    await form.discard()
    expect(await namesIn(storage)).toEqual(["a.txt"])
    await form.discard()
  })

  it("tells how much of it has arrived", async () => {
    const reports: Progress[] = []
    const body = bodyOf(filePart("a", "a.bin", sampleBytes(MEBIBYTE)), END)
    const headers = { "content-type": CONTENT_TYPE, "content-length": String(body.byteLength) }
    const request = new Request("http://localhost/", { method: "POST", headers, body })
    await receiveForm(request, { storage: new MemoryStorage(), onProgress: (progress) => reports.push(progress) })
    expect(reports.at(-1)).toEqual({ loaded: body.byteLength, total: body.byteLength })
    expect(reports.every(({ loaded }, index) => index === 0 || loaded > reports[index - 1]!.loaded)).toBe(true)
  })

  it("is cancelled by its signal, and by a callback that throws: nothing is left", async () => {
    const storage = new MemoryStorage()
    const controller = new AbortController()
    const big = filePart("b", "b.bin", sampleBytes(3 * MEBIBYTE))
    const options = { storage, signal: controller.signal, onProgress: () => controller.abort(new Error("enough")) }
    await expect(receiveForm(formRequest(filePart("a", "a.txt", "1"), big, END), options)).rejects.toMatchObject({
      code: "aborted",
    })
    const throwing = {
      storage,
      onProgress: () => {
        throw new Error("broken callback")
      },
    }
    await expect(receiveForm(formRequest(big, END), throwing)).rejects.toMatchObject({ code: "aborted" })
    await expect(receiveForm(formRequest(END), { storage, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "aborted",
    })
    expect(await namesIn(storage)).toEqual([])
  })

  it("can't be read twice", async () => {
    const request = formRequest(END)
    await request.text()
    await expect(receiveForm(request, { storage: new MemoryStorage() })).rejects.toThrow("has been read already")
    await expect(receiveForm({} as Request, { storage: new MemoryStorage() })).rejects.toThrow("give it ctx.req of Koa")
  })
})

describe("where files go", () => {
  it("is decided for each file", async () => {
    const [images, texts] = [new MemoryStorage(), new MemoryStorage()]
    const storage = ({ contentType }: { contentType: string }) => (contentType.startsWith("image/") ? images : texts)
    await receiveForm(formRequest(filePart("a", "a.png", PNG), filePart("b", "b.txt", "text"), END), { storage })
    expect(await namesIn(images)).toEqual(["a.png"])
    expect(await namesIn(texts)).toEqual(["b.txt"])
  })

  it("may be nowhere: then the form is refused, and nothing is left", async () => {
    const files = new MemoryStorage()
    const storage = ({ field }: { field: string }) => (field === "a" ? files : undefined)
    const request = formRequest(filePart("a", "a.png", PNG), filePart("b", "b.txt", "text"), END)
    const error = await refusalOf(receiveForm(request, { storage }))
    expect(error).toMatchObject({ code: "unexpected-file", status: 400, field: "b" })
    expect(await namesIn(files)).toEqual([])
  })

  it("has metadata", async () => {
    const storage = new MemoryStorage()
    const metadata = ({ field, fields }: { field: string; fields: URLSearchParams }) => ({
      field,
      by: fields.get("user")!,
    })
    await receiveForm(formRequest(fieldPart("user", "7"), filePart("a", "a.txt", "1"), END), { storage, metadata })
    expect((await storage.stat("a.txt")).metadata).toEqual({ field: "a", by: "7" })
    await receiveForm(formRequest(filePart("a", "b.txt", "1"), END), { storage, metadata: { from: "form" } })
    expect((await storage.stat("b.txt")).metadata).toEqual({ from: "form" })
  })
})

describe("names", () => {
  const nameOf = async (
    storage: Storage,
    name: Parameters<typeof receiveForm>[1]["name"],
    part = filePart("a", "../x.PNG", PNG),
  ) => (await receiveForm(formRequest(part, END), { storage, name })).files[0]!.name

  it("follow patterns and functions", async () => {
    const storage = new MemoryStorage()
    expect(await nameOf(storage, "photos/{name}")).toBe("photos/x.PNG")
    expect(await nameOf(storage, "{random}{ext}")).toMatch(/^[A-Za-z0-9]{24}\.png$/)
    expect(await nameOf(storage, "{yyyy}/{mm}/{dd}/{name}")).toMatch(/^20\d\d\/[01]\d\/[0-3]\d\/x\.PNG$/)
    expect(await nameOf(storage, async ({ field, name }) => `by-function/${field}/${name}`)).toBe("by-function/a/x.PNG")
  })

  it("that a function gives are checked as ever", async () => {
    const storage = new MemoryStorage()
    await expect(nameOf(storage, () => "../x")).rejects.toMatchObject({ code: "invalid-name" })
    expect(await namesIn(storage)).toEqual([])
  })

  it("by content are the digest, and what is there already is not stored again, nor removed by a form that fails", async () => {
    const storage = new MemoryStorage()
    const options = { storage, name: "{hash}{ext}", checksums: ["md5"] as const }
    const bytes = sampleBytes(MEBIBYTE)
    const first = (await receiveForm(formRequest(filePart("a", "x.bin", bytes), END), options)).files[0]!
    expect(first.name).toBe(`${createHash("sha256").update(bytes).digest("hex")}.bin`)
    expect(first.checksum).toEqual({ md5: createHash("md5").update(bytes).digest("hex") })
    const { modified } = await storage.stat(first.name)
    const again = await receiveForm(
      formRequest(filePart("a", "y.bin", bytes), filePart("a", "z.bin", bytes), END),
      options,
    )
    expect(again.files.map(({ name }) => name)).toEqual([first.name, first.name])
    expect((await storage.stat(first.name)).modified).toEqual(modified)
    await again.discard()
    await refusalOf(receiveForm(formRequest(filePart("a", "y.bin", bytes), filePart("a", "z.bin", "other")), options))
    expect(await namesIn(storage)).toEqual([first.name])
  })
})

describe("types", () => {
  it("are decided by bytes, and refused before anything is stored", async () => {
    const storage = new MemoryStorage()
    const options = { storage, types: ["image/*", "application/pdf"] }
    const html = filePart("photo", "cat.png", "<html><script>alert(1)</script>")
    const error = await refusalOf(receiveForm(formRequest(filePart("a", "a.png", PNG), html, END), options))
    expect(error).toMatchObject({ code: "type-not-allowed", status: 415, field: "photo" })
    expect(error.message).toBe('The file "cat.png" is text/html by its bytes. Allowed are: image/*, application/pdf.')
    const svg = filePart("photo", "x.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>")
    expect((await refusalOf(receiveForm(formRequest(svg, END), options))).code).toBe("type-not-allowed")
    expect(await namesIn(storage)).toEqual([])
  })

  it("can differ by field", async () => {
    const types = (field: string) => (field === "avatar" ? ["image/png"] : ["text/csv"])
    const good = formRequest(filePart("avatar", "a.png", PNG), filePart("data", "a.csv", "a,b"), END)
    expect((await receiveForm(good, { storage: new MemoryStorage(), types })).files).toHaveLength(2)
    const bad = formRequest(filePart("data", "a.png", PNG), END)
    expect((await refusalOf(receiveForm(bad, { storage: new MemoryStorage(), types }))).code).toBe("type-not-allowed")
  })

  it("make the extension right, or refuse a wrong one", async () => {
    const storage = new MemoryStorage()
    const renamed = await receiveForm(formRequest(filePart("a", "cat.png", "<html>"), END), { storage })
    expect(renamed.files[0]).toMatchObject({ name: "cat.html", contentType: "text/html", active: true })
    const refused = receiveForm(formRequest(filePart("a", "cat.jpg", PNG), END), { storage, wrongExtension: "refuse" })
    expect(await refusalOf(refused)).toMatchObject({ code: "type-not-allowed", field: "a" })
  })

  it("that browsers run are marked to be downloaded", async () => {
    const storage = new MemoryStorage()
    const parts = [
      filePart("a", "page.html", "<!doctype html><p>x"),
      filePart("a", "drawing.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>"),
      filePart("a", "feed.xml", "<?xml version='1.0'?><rss/>"),
      filePart("a", "readme.md", "<h1>Title</h1>"),
      filePart("a", "naïve.html", "no markup at first"),
    ]
    const form = await receiveForm(formRequest(...parts, END), { storage })
    for (const { name, active } of form.files) {
      expect(active).toBe(true)
      expect((await storage.stat(name)).contentDisposition).toMatch(/^attachment; filename/)
    }
    await receiveForm(formRequest(filePart("a", "cat.png", PNG), END), { storage })
    expect((await storage.stat("cat.png")).contentDisposition).toBeUndefined()
  })

  it("that browsers run are stored as mere bytes where a storage keeps no disposition", async () => {
    const storage = new MemoryStorage()
    const { features } = storage.driver
    Object.defineProperty(storage, "driver", {
      value: { ...storage.driver, features: { ...features, contentDisposition: false } },
    })
    const put = storage.save.bind(storage)
    let stored: object | undefined
    storage.save = async (name, content, options) => {
      stored = options
      return put(name, content, options)
    }
    await receiveForm(formRequest(filePart("a", "page.html", "<html>"), END), { storage })
    expect(stored).toMatchObject({ contentType: "application/octet-stream" })
    expect(stored).not.toHaveProperty("contentDisposition")
  })
})

describe("options", () => {
  const storage = new MemoryStorage()
  it.each<[object, string]>([
    [{}, "storage must be a Storage or a function that gives one, not undefined."],
    [{ storage, limit: {} }, 'receiveForm() has no option "limit". Did you mean "limits"?'],
    [{ storage, limits: { filesize: 5 } }, 'receiveForm() limits has no option "filesize". Did you mean "fileSize"?'],
    [{ storage, limits: { fileSize: "5 apples" } }, 'limits.fileSize: "5 apples" is no size.'],
    [{ storage, limits: { files: -1 } }, "limits.files must be a whole number from 0, or Infinity, not -1."],
    [{ storage, types: ["png"] }, 'types: "png" is no media type.'],
    [{ storage, types: () => ["png"] }, 'types: "png" is no media type.'],
    [{ storage, name: "fixed.png" }, "gives the same name to different files"],
    [{ storage, wrongExtension: "keep" }, 'wrongExtension must be "rename" or "refuse", not "keep".'],
    [{ storage, checksums: ["sha-256"] }, 'checksums has "sha-256". Did you mean "sha256"?'],
    [{ storage, timeout: "soon" }, 'timeout: "soon" is no duration.'],
    [{ storage, idleTimeout: -1 }, "idleTimeout: -1 is no duration."],
  ])("%j is refused", async (options, message) => {
    const promise = receiveForm(formRequest(filePart("a", "a.txt", "1"), END), options as { storage: Storage })
    await expect(promise).rejects.toMatchObject({
      code: "invalid-option",
      message: expect.stringContaining(message) as string,
    })
  })
})

it("any fields and files, in any order and cut into any chunks, arrive exactly", async () => {
  const text = fc.string({ unit: "grapheme", maxLength: 60 })
  // Without a name undici sends a file as a field.
  const named = fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 })
  const part = fc.oneof(
    fc.record({ field: text, value: text }),
    fc.record({ field: text, fileName: named, bytes: fc.uint8Array({ maxLength: 70_000 }) }),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.array(part, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 30_000 }), { minLength: 1, maxLength: 10 }),
      async (parts, cuts) => {
        const storage = new MemoryStorage()
        const sent = new FormData()
        for (const item of parts) {
          if ("value" in item) sent.append(item.field, item.value)
          else sent.append(item.field, new File([new Uint8Array(item.bytes)], item.fileName))
        }
        const { headers, body: whole } = posted(sent)
        const bytes = new Uint8Array(await new Response(whole).arrayBuffer())
        async function* pieces() {
          for (let [start, turn] = [0, 0]; start < bytes.byteLength; turn++) {
            const size = cuts[turn % cuts.length]!
            yield bytes.subarray(start, start + size)
            start += size
          }
        }
        const init = { method: "POST", headers, body: ReadableStream.from(pieces()), duplex: "half" } as RequestInit
        const form = await receiveForm(new Request("http://localhost/", init), { storage, name: "{random}{ext}" })
        const lines = (value: string) => value.replaceAll(/\r\n|\r|\n/g, "\r\n")
        const values = parts.flatMap((item) => ("value" in item ? [[lines(item.field), lines(item.value)]] : []))
        expect([...form.fields]).toEqual(values)
        const files = parts.flatMap((item) => ("value" in item ? [] : [item]))
        expect(form.files).toHaveLength(files.length)
        for (const [index, { field, fileName, bytes: content }] of files.entries()) {
          const found = form.files[index]!
          expect(found).toMatchObject({ field: lines(field), originalName: fileName, size: content.byteLength })
          expect(Buffer.from(await storage.open(found.name).bytes()).equals(content)).toBe(true)
        }
      },
    ),
    { numRuns: 60 },
  )
})

it("a storage that is slow makes the client wait: the body is not read ahead", async () => {
  const slow = new MemoryStorage()
  const gate = new EventTarget()
  let stored = 0
  slow.save = async (name, content) => {
    for await (const chunk of content as AsyncIterable<Uint8Array>) {
      stored += chunk.byteLength
      if (stored > 500_000) await once(gate, "open")
    }
    return name
  }
  let read = 0
  const [head] = [filePart("a", "a.bin", sampleBytes(1000)).subarray(0, -2)]
  async function* endless() {
    yield head
    for (; read < 20 * MEBIBYTE; read += 65_536) yield new Uint8Array(65_536)
    yield Buffer.from(`\r\n${END}`)
  }
  const init = {
    method: "POST",
    headers: { "content-type": CONTENT_TYPE },
    body: ReadableStream.from(endless()),
    duplex: "half",
  }
  const receiving = receiveForm(new Request("http://localhost/", init as RequestInit), { storage: slow })
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(read).toBeLessThan(1_500_000)
  const opening = setInterval(() => gate.dispatchEvent(new Event("open")), 0)
  const form = await receiving
  clearInterval(opening)
  expect(form.files[0]!.size).toBe(20 * MEBIBYTE + 1000)
})
