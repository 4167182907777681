import { describe, expect, test } from "vitest"
import { detectType } from "./detect-type.ts"

const PNG = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0])
const CFB = Uint8Array.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0, 0, 0, 0, 0, 0, 0, 0])
const bytes = (text: string) => new TextEncoder().encode(text)
const typeOf = async (content: string | Uint8Array, name = "x") =>
  (await detectType(typeof content === "string" ? bytes(content) : content, name)).type

describe("what is told by bytes", () => {
  test.each([
    [PNG, "photo.txt", "image/png"],
    [bytes("%PDF-1.7\n%âãÏÓ"), "x.png", "application/pdf"],
    [Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]), "x.html", "image/jpeg"],
    [bytes("PK\x03\x04\x0a\x00\x00\x00\x00\x00"), "x.docx", "application/zip"],
    [Uint8Array.from([0, 1, 2, 3, 4]), "x.png", "application/octet-stream"],
    [CFB, "x.doc", "application/msword"],
    [CFB, "x.png", "application/x-cfb"],
  ])("the name does not change it (%#)", async (content, name, type) => {
    expect(await typeOf(content, name)).toBe(type)
  })

  test.each([
    "<!doctype html><title>x</title>",
    "\uFEFF  \r\n<HTML>",
    "<!-- a comment --><p>",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<!DOCTYPE HTML>\n",
    "<iframe/src=x>",
  ])("HTML is known by its beginning: %j", async (text) => {
    for (const name of ["x", "x.png", "x.html", "x.bin", "x.svg"]) {
      expect(await detectType(bytes(text), name)).toEqual({ type: "text/html", extension: "html", active: true })
    }
  })

  test.each([
    "<svg xmlns='http://www.w3.org/2000/svg'/>",
    '<?xml version="1.0"?>\n<!-- x -->\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x.dtd">\n<svg width="1">',
    '<!DOCTYPE svg [ <!ENTITY a "<html>"> ]><svg >',
    "<?xml version='1.0'?><svg:svg xmlns:svg='http://www.w3.org/2000/svg'/>",
  ])("SVG is known by its root element: %j", async (text) => {
    expect(await detectType(bytes(text), "x.png")).toEqual({ type: "image/svg+xml", extension: "svg", active: true })
  })

  test.each([
    ["<?xml version='1.0'?><rss/>", "application/xml"],
    ["<feed xmlns='http://www.w3.org/2005/Atom'>", "application/xml"],
    ["<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'>", "application/xhtml+xml"],
  ])("other XML too: %j", async (text, type) => {
    expect(await detectType(bytes(text), "x")).toMatchObject({ type, active: true })
  })

  test("HTML in UTF-16 is found behind its byte order mark", async () => {
    const text = "<html><script>"
    const sample = new Uint8Array(2 + text.length * 2)
    sample.set([0xff, 0xfe])
    for (let index = 0; index < text.length; index++) sample[2 + index * 2] = text.charCodeAt(index)
    expect(await typeOf(sample, "x.png")).toBe("text/html")
  })

  test("text that only begins like a binary format is text", async () => {
    for (const text of ["BM is how it begins", "MZ", "GIF89a/*<script>alert(1)</script>*/", "FWS", "II* and more"]) {
      expect(await typeOf(text, "x.gif"), text).toBe("text/plain")
    }
  })
})

describe("what is told by the name", () => {
  test.each([
    ["a,b\n1,2", "x.csv", "text/csv"],
    ['{"a":1}', "x.json", "application/json"],
    ["# Title", "x.md", "text/markdown"],
    ["hello", "x", "text/plain"],
    ["hello", "x.png", "text/plain"],
    ["", "x.png", "text/plain"],
    ["caf\xe9", "x.txt", "text/plain"],
  ])("kinds of text: %j as %s", async (text, name, type) => {
    expect(await detectType(bytes(text), name)).toMatchObject({ type, active: false })
  })

  test("text under a name that browsers run counts as active, whatever it begins with", async () => {
    expect(await detectType(bytes("hello <script>"), "x.html")).toMatchObject({ type: "text/html", active: true })
    expect(await detectType(bytes("hello"), "x.svg")).toMatchObject({ type: "image/svg+xml", active: true })
  })

  test("markup under a name for inert text keeps that type, and counts as active", async () => {
    const markdown = "<h1 align=center>Title</h1>"
    expect(await detectType(bytes(markdown), "readme.md")).toMatchObject({ type: "text/markdown", active: true })
  })
})

test("a sample made to be slow to read is read at once", async () => {
  const before = process.cpuUsage()
  for (const text of [
    "<!doctype ".padEnd(20_000, "[]"),
    "<?xml ".padEnd(20_000, "<!-- "),
    "<a ".padEnd(20_000, "xmlns:xmlns."),
  ]) {
    await detectType(bytes(text), "x")
  }
  // In microseconds of work, which do not grow with the work of others.
  expect(process.cpuUsage(before).user).toBeLessThan(1_000_000)
})
