import { expect, it } from "vitest"
import { byteranges } from "./byteranges.ts"

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.concat(await Array.fromAsync(chunks)).toString()
}

const TEXT = "0123456789"
const read = async function* ({ start, end }: { start: number; end: number }) {
  // In two chunks, as a storage may give them.
  yield Buffer.from(TEXT.slice(start, start + 1))
  if (end > start + 1) yield Buffer.from(TEXT.slice(start + 1, end))
}

it("is written as RFC 9110 shows it, and as long as it says", async () => {
  const ranges = [
    { start: 0, end: 2 },
    { start: 7, end: 10 },
  ]
  const { contentType, length, chunks } = byteranges(ranges, 10, "text/plain", read, "B")
  expect(contentType).toBe("multipart/byteranges; boundary=B")
  const text = await textOf(chunks)
  expect(text.split("\r\n")).toEqual([
    "--B",
    "content-type: text/plain",
    "content-range: bytes 0-1/10",
    "",
    "01",
    "--B",
    "content-type: text/plain",
    "content-range: bytes 7-9/10",
    "",
    "789",
    "--B--",
    "",
  ])
  expect(length).toBe(text.length)
})

it("opens a range when its turn comes, and ends the one that is read when nobody wants more", async () => {
  const told: string[] = []
  const { chunks } = byteranges(
    [
      { start: 0, end: 2 },
      { start: 5, end: 7 },
    ],
    10,
    "a/b",
    async function* (range) {
      told.push(`open ${range.start}`)
      try {
        yield* read(range)
      } finally {
        told.push(`close ${range.start}`)
      }
    },
  )
  let count = 0
  for await (const _ of chunks) if (++count === 5) break
  expect(told).toEqual(["open 0", "close 0", "open 5", "close 5"])
})

it("boundaries are never the same, and need no quotes", () => {
  const boundaries = Array.from(
    { length: 100 },
    () => byteranges([], 10, "a/b", read).contentType.split("boundary=")[1],
  )
  expect(new Set(boundaries).size).toBe(100)
  for (const boundary of boundaries) expect(boundary).toMatch(/^[\w-]{20,70}$/)
})
