import assert from "node:assert/strict"
import { type ByteRange, passThrough } from "@node-storages/core"
import { generated, noise } from "../helpers/contents.ts"
import { expectBytes, expectContent, expectError, failureOf } from "../helpers/expect.ts"
import { countCalls, cutShort } from "../helpers/layers.ts"
import { type Suite, suite } from "../suite.ts"

const SIZE = 1000
const BYTES = noise(SIZE)

/** Arguments of `slice`. A typed array's does what a Blob's shall do; the Blob of Node 22 itself is wrong for Infinity. */
const SLICES: readonly (readonly [number?, number?])[] = [
  [],
  [0],
  [0, 1],
  [0, SIZE],
  [1],
  [1, 2],
  [10, 20],
  [SIZE - 1],
  [SIZE - 1, SIZE],
  [SIZE],
  [SIZE, SIZE + 10],
  [SIZE + 1],
  [SIZE + 10, SIZE + 20],
  [0, SIZE + 10],
  [990, SIZE + 10],
  [0, 0],
  [5, 5],
  [20, 10],
  [-1],
  [-10, -1],
  [-10],
  [-SIZE],
  [-SIZE - 10],
  [-SIZE - 10, 10],
  [0, -1],
  [10, -10],
  [0, -SIZE],
  [0, -SIZE - 10],
  [5, Infinity],
  [Infinity],
  [-Infinity, 5],
  [Number.NaN, 4],
  [0, Number.NaN],
]

export const read: Suite = suite("read", (test) => {
  test("open asks for nothing until bytes are wanted", async ({ storage }) => {
    const counted = countCalls()
    const file = storage.with(counted.layer).open("missing.txt")
    file.slice(0, 10).slice(-5)
    file.stream()
    assert.deepEqual(counted.calls, [])
    assert.equal(file.name, "missing.txt")
  })

  test("gives the content in every shape", async ({ storage }) => {
    const text = '{"grüße":"日本語"}'
    await storage.write("a.json", text)
    const file = storage.open("a.json")
    assert.equal(await file.text(), text)
    assert.deepEqual(await file.json(), { grüße: "日本語" })
    const bytes = new TextEncoder().encode(text)
    expectBytes(await file.bytes(), bytes)
    expectBytes(new Uint8Array(await file.arrayBuffer()), bytes)
    const blob = await file.blob()
    assert.equal(blob.type, "application/json")
    expectBytes(await blob.bytes(), bytes)
    expectBytes(await new Response(file.stream()).bytes(), bytes)
    expectBytes(Buffer.concat(await file.readable().toArray()), bytes)
    const chunks: Uint8Array[] = []
    for await (const chunk of file) chunks.push(chunk)
    expectBytes(Buffer.concat(chunks), bytes)
  })

  test("one open can be read any number of times, also at once", async ({ storage }) => {
    await storage.write("a.bin", BYTES)
    const file = storage.open("a.bin")
    for (const bytes of await Promise.all(Array.from({ length: 10 }, () => file.bytes()))) expectBytes(bytes, BYTES)
  })

  test("an empty file is empty in every shape and slice", async ({ storage }) => {
    await storage.write("empty", "")
    const file = storage.open("empty")
    assert.equal((await file.stat()).size, 0)
    assert.equal(await file.text(), "")
    assert.equal((await new Response(file.stream()).bytes()).byteLength, 0)
    assert.equal((await file.readable().toArray()).length, 0)
    for (const [start, end] of SLICES)
      assert.equal((await file.slice(start, end).bytes()).byteLength, 0, `${start}, ${end}`)
  })

  for (const [start, end] of SLICES) {
    test(`slice(${[start, end].filter((value) => value !== undefined).join(", ")}) gives what a Blob's gives`, async ({
      storage,
    }) => {
      await storage.write("a.bin", BYTES)
      const expected = BYTES.slice(start, end)
      expectBytes(await storage.open("a.bin").slice(start, end).bytes(), expected)
      expectBytes(await new Response(storage.open("a.bin").slice(start, end).stream()).bytes(), expected)
    })
  }

  test("a slice of a slice gives what a Blob's gives", async ({ storage }) => {
    await storage.write("a.bin", BYTES)
    const bounds = [undefined, 0, 3, 40, SIZE, SIZE + 7, -1, -40, -SIZE - 1]
    const pairs = bounds.flatMap((start) => bounds.map((end) => [start, end] as const))
    for (const [index, [start, end]] of pairs.entries()) {
      const [innerStart, innerEnd] = pairs[(index * 37 + 11) % pairs.length]!
      const expected = BYTES.slice(start, end).slice(innerStart, innerEnd)
      const actual = await storage.open("a.bin").slice(start, end).slice(innerStart, innerEnd).bytes()
      expectBytes(actual, expected, `slice(${start}, ${end}).slice(${innerStart}, ${innerEnd})`)
    }
  })

  test("a slice costs one request for its range, not the whole file", async ({ storage, largeBytes }) => {
    const bytes = noise(largeBytes)
    await storage.write("large.bin", bytes)
    const ranges: unknown[] = []
    const watched = storage.with((next) => ({
      ...passThrough(next),
      get: async (key, options) => {
        const object = await next.get(key, options)
        ranges.push(options.range, object?.length)
        return object
      },
    }))
    const middle = Math.floor(largeBytes / 2)
    expectBytes(
      await watched
        .open("large.bin")
        .slice(middle, middle + 1024)
        .bytes(),
      bytes.subarray(middle, middle + 1024),
    )
    assert.deepEqual(ranges, [{ start: middle, end: middle + 1024 }, 1024])
  })

  test("the driver is asked for ranges of whole, finite numbers only", async ({ storage }) => {
    await storage.write("a.bin", BYTES)
    const ranges: ByteRange[] = []
    const watched = storage.with((next) => ({
      ...passThrough(next),
      get: (key, options) => {
        if (options.range) ranges.push(options.range)
        return next.get(key, options)
      },
    }))
    for (const [start, end] of SLICES) await watched.open("a.bin").slice(start, end).bytes()
    for (const { start, end } of ranges) {
      const whole =
        Number.isSafeInteger(start) && start >= 0 && (end === undefined || (Number.isSafeInteger(end) && end > start))
      assert.ok(whole, `the driver was asked for ${start} to ${end}`)
    }
  })

  test("ranges of a large file are exact across every boundary", async ({ storage, largeBytes }) => {
    const bytes = noise(largeBytes)
    await storage.write("large.bin", generated(bytes))
    const mebibyte = 1024 * 1024
    for (const border of [65_536, mebibyte, 5 * mebibyte, 8 * mebibyte, largeBytes]) {
      if (border > largeBytes) continue
      const [start, end] = [border - 3, border + 3]
      expectBytes(await storage.open("large.bin").slice(start, end).bytes(), bytes.subarray(start, end))
    }
  })

  test("a reader that stops early hurts nobody", async ({ storage, largeBytes }) => {
    const bytes = noise(largeBytes)
    await storage.write("large.bin", bytes)
    for (let turn = 0; turn < 5; turn++) {
      for await (const chunk of storage.open("large.bin")) {
        expectBytes(chunk, bytes.subarray(0, chunk.byteLength))
        break
      }
      const reader = storage.open("large.bin").stream().getReader()
      await reader.read()
      await reader.cancel()
      const readable = storage.open("large.bin").readable()
      for await (const _ of readable) break
      assert.ok(readable.destroyed)
    }
    await expectContent(storage, "large.bin", bytes)
  })

  test("a missing file is not-found in every shape, also for empty slices", async ({ storage }) => {
    const file = storage.open("missing.bin")
    const refused = (call: () => unknown) => expectError("not-found", call, { names: "missing.bin" })
    await refused(() => file.bytes())
    await refused(() => file.text())
    await refused(() => file.json())
    await refused(() => file.blob())
    await refused(() => file.stat())
    await refused(() => file.stream().getReader().read())
    await refused(() => file.readable().toArray())
    await refused(() => file.slice(0, 10).bytes())
    await refused(() => file.slice(5, 5).bytes())
    await refused(() => file.slice(-5).bytes())
    await refused(() => file.slice(1_000_000).bytes())
  })

  test("a part of a name, a directory and a name with more behind it are not-found", async ({ storage }) => {
    await storage.write("folder/file.txt", "x")
    for (const name of [
      "folder",
      "folder/file",
      "folder/file.tx",
      "file.txt",
      "folder/file.txt/more",
      "folder/file.txt2",
    ]) {
      await expectError("not-found", () => storage.open(name).bytes(), { names: name })
    }
  })

  test("a body that is cut short is an error of code network, never a short success", async ({ storage }) => {
    await storage.write("a.bin", BYTES)
    for (const missing of [1, 500, SIZE]) {
      const file = storage.with(cutShort(missing)).open("a.bin")
      await expectError("network", () => file.bytes(), { names: "a.bin" })
      await expectError("network", () => file.text())
      await expectError("network", () => new Response(file.stream()).bytes().catch(originalOf))
      await expectError("network", () => file.readable().toArray())
      await expectError("network", () => file.slice(0, SIZE).bytes())
    }
  })

  test("a copy from a body that is cut short stores nothing", async ({ storage, another }) => {
    await storage.write("a.bin", noise(200_000))
    const target = await another()
    await target.write("old.bin", "old")
    for (const name of ["new.bin", "old.bin"]) {
      const failure = await failureOf(() => target.write(name, storage.with(cutShort(1)).open("a.bin")))
      assert.ok(failure !== undefined, "a short body was stored as if it were whole")
    }
    await expectContent(target, "old.bin", "old")
    assert.equal(await target.exists("new.bin"), false)
  })

  test("an empty slice is empty, and does not read the file", async ({ storage }) => {
    await storage.write("a.bin", BYTES)
    const counted = countCalls()
    assert.equal((await storage.with(counted.layer).open("a.bin").slice(7, 7).bytes()).byteLength, 0)
    assert.ok(!counted.calls.includes("get"))
  })
})

/** What a Response wraps into a TypeError. */
function originalOf(error: unknown): never {
  throw (error as { cause?: unknown }).cause ?? error
}
