import { lentChunks } from "@node-storages/core"
import { expect, test } from "vitest"
import { hooked } from "../test/faulty.ts"
import { temporaryRoot } from "../test/root.ts"
import { LocalStorage } from "./index.ts"

const MEBIBYTE = 1024 * 1024

/** A storage that counts the files that are open. */
async function counted() {
  let opened = 0
  let closed = 0
  const fileSystem = hooked((call) => {
    if (call === "handle.stat") opened++
    if (call === "handle.close") closed++
  })
  const storage = new LocalStorage(await temporaryRoot(), { fileSystem })
  const write = (name: string, byte: number) => storage.write(name, Buffer.alloc(3 * MEBIBYTE + byte, byte))
  await write("a.bin", 1)
  await write("b.bin", 2)
  const before = [opened, closed] as const
  const open = () => opened - before[0] - (closed - before[1])
  const lent = async (name: string) => lentChunks((await storage.open(name).read()).chunks)!
  return { storage, open, lent }
}

test("a body that is lent has the right bytes, also beside others, and closes its file", async () => {
  const { lent, open } = await counted()
  const bodies = await Promise.all(["a.bin", "b.bin", "a.bin", "b.bin"].map((name) => lent(name)))
  expect(open()).toBe(4)
  await Promise.all(
    bodies.map(async (body, index) => {
      const byte = (index % 2) + 1
      let length = 0
      for await (const chunk of body) {
        // What others read meanwhile goes elsewhere.
        await new Promise((resolve) => setTimeout(resolve, index))
        expect(chunk.every((each) => each === byte)).toBe(true)
        length += chunk.byteLength
      }
      expect(length).toBe(3 * MEBIBYTE + byte)
    }),
  )
  expect(open()).toBe(0)
})

test("memory is used again when a body has been read to its end, and not while somebody may still have it", async () => {
  const { lent, open } = await counted()
  const memoryOf = async (isWhole: boolean) => {
    let memory: ArrayBufferLike | undefined
    for await (const chunk of await lent("a.bin")) {
      memory ??= chunk.buffer
      expect(chunk.buffer === memory).toBe(true)
      if (!isWhole) break
    }
    return memory
  }
  const first = await memoryOf(true)
  expect((await memoryOf(true)) === first).toBe(true)
  const stopped = await memoryOf(false)
  expect((await memoryOf(true)) === stopped).toBe(false)
  expect(open()).toBe(0)
})

test("a body is read once, in one way or the other", async () => {
  const { storage, lent, open } = await counted()
  const { chunks } = await storage.open("a.bin").read()
  const body = lentChunks(chunks)!
  for await (const _ of body) break
  await expect(chunks[Symbol.asyncIterator]().next()).rejects.toThrow("only once")
  expect(open()).toBe(0)
  // A small file is in memory already: there is nothing to lend.
  await storage.write("small.bin", "x")
  expect(await lent("small.bin")).toBeUndefined()
})

test("a body that is lent ends with its signal", async () => {
  const { storage, open } = await counted()
  const controller = new AbortController()
  const { chunks } = await storage.open("a.bin", { signal: controller.signal }).read()
  const reading = (async () => {
    for await (const _ of lentChunks(chunks)!) controller.abort()
  })()
  await expect(reading).rejects.toMatchObject({ code: "aborted" })
  expect(open()).toBe(0)
})
