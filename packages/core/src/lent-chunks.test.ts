import { expect, it } from "vitest"
import { DriverStorage, intercept, lendingChunks, lentChunks, type StorageDriver } from "./index.ts"
import { wrappedChunks } from "./lent-chunks.ts"

const CONTENT = "0123456789"

/** The content in pieces of three, all in the same memory. */
async function* inOneBlock(): AsyncGenerator<Uint8Array> {
  const block = new Uint8Array(3)
  for (let start = 0; start < CONTENT.length; start += 3) {
    const { written } = new TextEncoder().encodeInto(CONTENT.slice(start, start + 3), block)
    yield block.subarray(0, written)
  }
}

async function* inNewOnes(): AsyncGenerator<Uint8Array> {
  for await (const chunk of inOneBlock()) yield chunk.slice()
}

const lending = () => lendingChunks(inNewOnes(), inOneBlock)

/** A driver that can be read, and nothing else. */
function readOnlyDriver(length = CONTENT.length): StorageDriver {
  const info = { name: "a.txt", size: length, modified: new Date() }
  return {
    name: "test",
    target: "test:",
    features: {} as never,
    limits: { keyBytes: 100 },
    get: async () => ({ info, length, chunks: lending() }),
    head: async () => info,
    put: () => expect.unreachable(),
    remove: () => expect.unreachable(),
    page: () => expect.unreachable(),
    errorCode: () => undefined,
  }
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  let text = ""
  for await (const chunk of chunks) text += new TextDecoder().decode(chunk)
  return text
}

it("chunks are lent by who offers it only", async () => {
  expect(lentChunks(inNewOnes())).toBeUndefined()
  expect(await textOf(lentChunks(lending())!)).toBe(CONTENT)
  expect(await textOf(lending())).toBe(CONTENT)
})

it("what is wrapped lends what was lent, wrapped as well", async () => {
  async function* loud(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) yield new TextEncoder().encode(`<${new TextDecoder().decode(chunk)}>`)
  }
  expect(await textOf(lentChunks(wrappedChunks(lending(), loud))!)).toBe("<012><345><678><9>")
  expect(await textOf(wrappedChunks(lending(), loud))).toBe("<012><345><678><9>")
  expect(lentChunks(wrappedChunks(inNewOnes(), loud))).toBeUndefined()
})

it("a storage passes on what its driver lends, checked as all bodies are", async () => {
  const { chunks } = await new DriverStorage(readOnlyDriver()).open("a.txt").read()
  const blocks = new Set<ArrayBufferLike>()
  let text = ""
  for await (const chunk of lentChunks(chunks)!) {
    blocks.add(chunk.buffer)
    text += new TextDecoder().decode(chunk)
  }
  expect([text, blocks.size]).toEqual([CONTENT, 1])
  const short = await new DriverStorage(readOnlyDriver(11)).open("a.txt").read()
  await expect(textOf(lentChunks(short.chunks)!)).rejects.toMatchObject({ code: "network" })
})

it("a layer that changes the bytes need not know of it: nothing passes it by", async () => {
  const upper = intercept(async (call) => {
    const result = await call.run(call.signal)
    if (call.member !== "get") return result
    const object = result as { chunks: AsyncIterable<Uint8Array> }
    const chunks = (async function* () {
      for await (const chunk of object.chunks) yield chunk.map((byte) => byte + 1)
    })()
    return { ...object, chunks } as never
  })
  const { chunks } = await new DriverStorage(readOnlyDriver()).with(upper).open("a.txt").read()
  expect(lentChunks(chunks)).toBeUndefined()
  expect(await textOf(chunks)).toBe("123456789:")
})
