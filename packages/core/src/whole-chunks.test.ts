import { expect, test } from "vitest"
import { StorageFile } from "./storage-file.ts"
import { wholeBytes, wholeChunks } from "./whole-chunks.ts"

const info = { name: "a.bin", size: 3, modified: new Date(0) }
const fileOf = (chunks: AsyncIterable<Uint8Array>) =>
  new StorageFile("a.bin", { stat: async () => info, read: async () => ({ info, length: 3, chunks }) })

test("bytes in memory are given as one chunk, empty ones as none, and are known without an iteration", async () => {
  const bytes = new Uint8Array([1, 2, 3])
  expect(await Array.fromAsync(wholeChunks(bytes))).toEqual([bytes])
  expect(await Array.fromAsync(wholeChunks(new Uint8Array()))).toEqual([])
  expect(wholeBytes(wholeChunks(bytes))).toBe(bytes)
})

test("chunks that were made of others tell nothing of them", () => {
  async function* changed() {
    for await (const chunk of wholeChunks(new Uint8Array([1]))) yield chunk.map((byte) => byte ^ 255)
  }
  expect(wholeBytes(changed())).toBeUndefined()
})

test("a file read as bytes is a plain array with a buffer of its own, whatever the driver's bytes are a part of", async () => {
  const larger = Buffer.from([0, 1, 2, 3, 4])
  for (const bytes of [larger.subarray(1, 4), Buffer.from(new Uint8Array([1, 2, 3]).buffer)]) {
    const read = await fileOf(wholeChunks(bytes)).bytes()
    expect(read).toEqual(new Uint8Array([1, 2, 3]))
    expect(Buffer.isBuffer(read)).toBe(false)
    expect((await fileOf(wholeChunks(bytes)).arrayBuffer()).byteLength).toBe(3)
  }
})
