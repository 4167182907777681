import type { ByteRange, FileInfo } from "@node-storages/core"
import { MemoryStorage } from "@node-storages/memory"
import { describe, expect, it } from "vitest"
import type { Answer } from "./answer.ts"
import { type FileReader, isSameVersion, release } from "./file-reader.ts"
import { sendFile } from "./send-file.ts"
import { settingsOf } from "./serve-options.ts"

const TEXT = "0123456789".repeat(50)
const SETTINGS = settingsOf(new MemoryStorage(), {}, "serveStorage()")

/** A file that has another version at each look, of those that are given; the last one stays. */
class ChangingFile implements FileReader {
  readonly #versions: readonly string[]
  #looks = 0
  open = 0

  get looks(): number {
    return this.#looks
  }

  constructor(...versions: readonly string[]) {
    this.#versions = versions
  }

  #next(): { info: FileInfo; text: string } {
    const index = Math.min(this.#looks++, this.#versions.length - 1)
    const text = this.#versions[index]!
    return { text, info: { name: "a.txt", size: text.length, modified: new Date(0), etag: `"${index}"` } }
  }

  async stat(): Promise<FileInfo> {
    return this.#next().info
  }

  async read(_name: string, range?: ByteRange) {
    const { info, text } = this.#next()
    const bytes = Buffer.from(text.slice(range?.start, range?.end))
    const end = () => void this.open--
    this.open++
    async function* chunks() {
      try {
        for (let start = 0; start < bytes.byteLength; start += 3) yield bytes.subarray(start, start + 3)
      } finally {
        end()
      }
    }
    return { info, length: bytes.byteLength, body: chunks() }
  }
}

function send(file: FileReader, headers: Record<string, string> = {}, method = "GET"): Promise<Answer> {
  const request = { native: undefined, method, url: "/a.txt", headers, body: () => expect.unreachable() }
  return sendFile(request, { name: "a.txt", storedName: "a.txt", isPrivate: false }, file, SETTINGS)
}

async function textOf({ body }: Answer): Promise<string> {
  return Buffer.concat(await Array.fromAsync(body as AsyncIterable<Uint8Array>)).toString()
}

describe("sendFile", () => {
  it("looks again when the file was replaced between look and reading, and lets go of what it opened", async () => {
    const file = new ChangingFile("old", "older", TEXT)
    const answer = await send(file, { range: "bytes=1-2", "if-none-match": '"x"' })
    expect([answer.status, answer.headers["content-range"], file.open]).toEqual([206, "bytes 1-2/500", 1])
    expect([await textOf(answer), file.open]).toEqual(["12", 0])
  })

  it.each([
    ["bytes=1-2", "bytes 1-2/500", "12"],
    ["bytes=490-", "bytes 490-499/500", "0123456789"],
    ["bytes=498-600", "bytes 498-499/500", "89"],
  ])("answers %j by one look, which gives the size, too", async (range, contentRange, text) => {
    const file = new ChangingFile(TEXT, "another version")
    const answer = await send(file, { range })
    expect([answer.status, answer.headers["content-range"], answer.headers["etag"]]).toEqual([206, contentRange, '"0"'])
    expect([answer.headers["content-length"], await textOf(answer)]).toEqual([String(text.length), text])
    expect([file.looks, file.open]).toEqual([1, 0])
  })

  it("takes no range of bytes that are decoded on their way, and opens them once more", async () => {
    const file = new ChangingFile(TEXT)
    const decoding: FileReader = {
      stat: async () => ({ ...(await file.stat()), decoded: true }),
      async read(name, range) {
        const opened = await file.read(name, range)
        return { ...opened, info: { ...opened.info, decoded: true }, length: undefined }
      },
    }
    const answer = await send(decoding, { range: "bytes=1-2" })
    expect([answer.status, file.open, await textOf(answer), file.open]).toEqual([200, 1, TEXT, 0])
  })

  it("sends a file that never stands still as a whole, or by its conditions", async () => {
    const restless = () => new ChangingFile(...Array.from({ length: 20 }, (_, index) => TEXT.slice(index)))
    const file = restless()
    const answer = await send(file, { range: "bytes=1-2", "if-none-match": '"x"' })
    expect([answer.status, answer.headers["content-length"], answer.headers["etag"]]).toEqual([200, "490", '"10"'])
    expect([await textOf(answer), file.open]).toEqual([TEXT.slice(10), 0])
    for (const [headers, status] of [
      [{ "if-none-match": '"10"' }, 304],
      [{ "if-none-match": '"x"' }, 200],
    ] as const) {
      const other = restless()
      const { status: given, body } = await send(other, headers)
      if (body !== undefined) await release(body)
      expect([headers, given, other.open]).toEqual([headers, status, 0])
    }
  })

  it("breaks off when the file is replaced between two ranges", async () => {
    const file = new ChangingFile(TEXT, TEXT, TEXT)
    // Look and first range are of one version here.
    const stable: FileReader = {
      stat: async () => ({ name: "a.txt", size: 500, modified: new Date(0), etag: '"1"' }),
      read: (name, range) => file.read(name, range),
    }
    await file.stat()
    const answer = await send(stable, { range: "bytes=0-4,400-404" })
    expect(answer.status).toBe(206)
    await expect(textOf(answer)).rejects.toThrow("replaced while its ranges were sent")
    expect(file.open).toBe(0)
  })

  it.each(["bytes=0-4", "bytes=0-4,400-404", ""])("lets go of a body of which nothing is read (%j)", async (range) => {
    const file = new ChangingFile(TEXT)
    const answer = await send(file, range === "" ? {} : { range })
    expect(file.open).toBe(1)
    await release(answer.body!)
    expect(file.open).toBe(0)
  })

  it("opens nothing for HEAD, 304, 412 and 416", async () => {
    const file = new ChangingFile(TEXT)
    const statuses = [
      (await send(file, {}, "HEAD")).status,
      (await send(file, { "if-none-match": '"0"' })).status,
      (await send(file, { "if-match": '"1"' })).status,
      (await send(file, { range: "bytes=500-" })).status,
    ]
    expect([statuses, file.open]).toEqual([[200, 304, 412, 416], 0])
  })
})

describe("isSameVersion", () => {
  const info: FileInfo = { name: "a", size: 5, modified: new Date(1234), etag: '"x"' }

  it("goes by the entity tags, where there are some: times are told in different ways", () => {
    expect(isSameVersion(info, { ...info, modified: new Date(1000) })).toBe(true)
    expect(isSameVersion(info, { ...info, etag: '"y"' })).toBe(false)
    expect(isSameVersion(info, { ...info, size: 6 })).toBe(false)
  })

  it("goes by the times otherwise, as exactly as both are told", () => {
    const at = (time: number) => ({ ...info, etag: undefined, modified: new Date(time) })
    expect(isSameVersion(at(1234), at(1234))).toBe(true)
    expect(isSameVersion(at(1234), at(1235))).toBe(false)
    expect(isSameVersion(at(1234), at(1000))).toBe(true)
    expect(isSameVersion(at(1234), at(2000))).toBe(false)
  })
})
