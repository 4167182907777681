import { PassThrough, Readable } from "node:stream"
import { describe, expect, test, vi } from "vitest"
import { type ContentChunk, type ContentInput, toContent } from "./content.ts"
import { DriverStorage } from "./driver-storage.ts"
import { codeOf, failureOf } from "./testing/failure.ts"
import { collect, MapDriver } from "./testing/map-driver.ts"

const bytes = new Uint8Array([98])
const text = async (input: ContentInput) => Buffer.from(await collect(toContent(input).stream())).toString()
const buffer = Uint8Array.from(Buffer.from("0123456789")).buffer

async function chunksOf(input: ContentInput): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = []
  for await (const chunk of toContent(input).stream()) chunks.push(chunk)
  return chunks
}

async function* generated<Chunk>(...chunks: Chunk[]): AsyncGenerator<Chunk> {
  yield* chunks
}

function shared(value: string): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(value.length)
  new Uint8Array(memory).set(Buffer.from(value))
  return memory
}

describe("content in memory", () => {
  test.each<[string, ContentInput, string]>([
    ["a string, as UTF-8", "héllo 日本 😀", "héllo 日本 😀"],
    ["a string with half of a surrogate pair", "a\ud800b", "a\ufffdb"],
    ["an empty string", "", ""],
    ["a Buffer", Buffer.from("abc"), "abc"],
    ["a slice of a pooled Buffer", Buffer.from("abcdef").subarray(2, 4), "cd"],
    ["a Uint8Array", new Uint8Array([97, 98]), "ab"],
    ["a slice of a Uint8Array", new Uint8Array(buffer, 2, 3), "234"],
    ["a Uint16Array, by its bytes", new Uint16Array(buffer, 2, 2), "2345"],
    ["a Uint8ClampedArray", new Uint8ClampedArray(buffer, 8), "89"],
    ["a DataView, the part that it shows", new DataView(buffer, 5, 4), "5678"],
    ["an ArrayBuffer", buffer, "0123456789"],
    ["a SharedArrayBuffer", shared("shared"), "shared"],
    ["a view of a SharedArrayBuffer", new Uint8Array(shared("shared"), 1, 3), "har"],
  ])("can be %s", async (_, input, expected) => {
    const content = toContent(input)
    expect(content.replayable).toBe(true)
    expect(content.size).toBe(Buffer.byteLength(expected))
    expect(Buffer.from(content.bytes!).toString()).toBe(expected)
    expect(await text(input)).toBe(expected)
    expect(await text(input)).toBe(expected)
  })

  test("streams no empty chunk", async () => {
    expect(await chunksOf("")).toEqual([])
  })
})

describe("a Blob or a File", () => {
  test("can be read twice, has a size and tells its type", async () => {
    const content = toContent(new Blob(["héllo"], { type: "text/csv" }))
    expect(content).toMatchObject({ size: 6, replayable: true, bytes: undefined, type: "text/csv" })
    expect(Buffer.from(await collect(content.stream())).toString()).toBe("héllo")
    expect(Buffer.from(await collect(content.stream())).toString()).toBe("héllo")
    expect(await text(new File(["abc"], "a.txt"))).toBe("abc")
    expect(await text(new Blob(["0123456789"]).slice(2, 5))).toBe("234")
  })

  test("without a type tells none", () => {
    expect(toContent(new Blob(["a"])).type).toBeUndefined()
  })
})

describe("a stream", () => {
  test.each<[string, () => ContentInput]>([
    ["a Node stream of bytes", () => Readable.from([Buffer.from("ab"), Buffer.from("cd")])],
    ["a Node stream of strings", () => Readable.from(["ab", "cd"])],
    ["a Node stream with an encoding", () => Readable.from([Buffer.from("abcd")]).setEncoding("utf8")],
    ["a PassThrough", () => new PassThrough().end("abcd")],
    ["a web stream of bytes", () => ReadableStream.from([Buffer.from("ab"), Buffer.from("cd")])],
    ["a web stream of strings", () => ReadableStream.from(["ab", "cd"])],
    ["a byte stream", () => new Response("abcd").body!],
    ["an async generator of bytes", () => generated(Buffer.from("ab"), Buffer.from("cd"))],
    ["an async generator of strings", () => generated("a", "", "bcd")],
    [
      "an async generator of everything",
      () => generated<ContentChunk>("a", bytes.buffer, new DataView(buffer, 0, 0), "cd"),
    ],
    ["an async iterable of another make", () => ({ [Symbol.asyncIterator]: () => generated("abcd") })],
  ])("can be %s, whose size is not known and which is read once", async (_, make) => {
    expect(await text(make())).toBe("abcd")
    const content = toContent(make())
    expect(content).toMatchObject({ size: undefined, replayable: false, bytes: undefined })
    await collect(content.stream())
    expect((await failureOf(collect(content.stream()))).code).toBe("invalid-content")
  })

  test("that is empty gives no chunk", async () => {
    expect(await text(Readable.from([]))).toBe("")
    expect(await text(ReadableStream.from([]))).toBe("")
    expect(await text(new Response("").body!)).toBe("")
    expect(await text(generated())).toBe("")
    expect(await chunksOf(generated<ContentChunk>("", "a", new Uint8Array(0)))).toHaveLength(1)
    expect(await chunksOf(ReadableStream.from(["", "a"]))).toHaveLength(1)
  })

  test.each([1, null, undefined, {}, ["a"], new Date(0)])("that gives %o as a chunk is refused", async (chunk) => {
    expect((await failureOf(collect(toContent(generated(chunk) as never).stream()))).code).toBe("invalid-content")
    if (chunk === null || chunk === undefined) return
    const web = ReadableStream.from([chunk]) as never
    expect((await failureOf(collect(toContent(web).stream()))).code).toBe("invalid-content")
  })
})

describe("a stream that was used before", () => {
  test.each<[string, () => ContentInput | Promise<ContentInput>]>([
    [
      "a Node stream read to its end",
      async () => {
        const stream = Readable.from(["a"])
        await stream.toArray()
        return stream
      },
    ],
    ["a destroyed Node stream", () => Readable.from(["a"]).destroy()],
    [
      "a web stream that somebody reads",
      () => {
        const stream = ReadableStream.from(["a"])
        stream.getReader()
        return stream
      },
    ],
    [
      "a web stream read to its end and released",
      async () => {
        const stream = ReadableStream.from([Buffer.from("a")])
        await collect(stream)
        return stream
      },
    ],
    [
      "a cancelled web stream",
      async () => {
        const stream = ReadableStream.from(["a"])
        await stream.cancel()
        return stream
      },
    ],
    [
      "the body of a request that was read as text",
      async () => {
        const request = new Request("https://app.test/", { method: "POST", body: "abc" })
        await request.text()
        return request.body!
      },
    ],
  ])("is refused instead of stored as an empty file: %s", async (_, make) => {
    const input = await make()
    expect(codeOf(() => toContent(input))).toBe("invalid-content")
    const driver = new MapDriver()
    expect((await failureOf(new DriverStorage(driver).save("a.txt", input))).code).toBe("invalid-content")
    expect(driver.files.size).toBe(0)
  })

  test("but only in part is stored from where it is", async () => {
    const node = Readable.from(["a", "b", "c"], { objectMode: false })
    await new Promise((resolve) => node.once("readable", resolve))
    node.read(1)
    expect(await text(node)).toBe("bc")
    const web = ReadableStream.from(["a", "b", "c"])
    const reader = web.getReader()
    await reader.read()
    reader.releaseLock()
    expect(await text(web)).toBe("bc")
  })
})

describe("what is no content", () => {
  test.each([undefined, null, 0, true, {}, [], ["a"], new Set(["a"]), Object.create(null), () => "a", Symbol("a")])(
    "is refused: %o",
    (input) => {
      expect(codeOf(() => toContent(input as never))).toBe("invalid-content")
    },
  )

  test("is refused by save as a rejection, not a throw", async () => {
    const saving = new DriverStorage(new MapDriver()).save("a", 1 as never)
    expect((await failureOf(saving)).code).toBe("invalid-content")
  })
})

describe("a file of another storage", () => {
  test("is content that can be read twice", async () => {
    const driver = new MapDriver()
    driver.seed("a.txt", "0123456789")
    const file = new DriverStorage(driver).open("a.txt")
    const content = toContent(file)
    expect(content.replayable).toBe(true)
    expect(driver.calls).toEqual([])
    expect(Buffer.from(await collect(content.stream())).toString()).toBe("0123456789")
    expect(Buffer.from(await collect(content.stream())).toString()).toBe("0123456789")
    expect(await text(file.slice(2, 4))).toBe("23")
  })
})

test("a web stream is taken as it is where there is no Node to ask about it", async () => {
  const stream = new Blob(["abc"]).stream()
  vi.stubGlobal("process", undefined)
  try {
    expect(toContent(stream).replayable).toBe(false)
  } finally {
    vi.unstubAllGlobals()
  }
  expect(await text(stream)).toBe("abc")
})
