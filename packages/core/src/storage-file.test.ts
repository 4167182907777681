import fc from "fast-check"
import { afterEach, describe, expect, expectTypeOf, test, vi } from "vitest"
import { DriverStorage } from "./driver-storage.ts"
import { isStorageFile, StorageFile } from "./storage-file.ts"
import { failureOf } from "./testing/failure.ts"
import { firstChunk, MapDriver, MapError } from "./testing/map-driver.ts"
import { PATIENCE } from "./testing/patience.ts"

const TEXT = "0123456789abcdefghij"

function opened(text: string = TEXT, chunks?: () => AsyncGenerator<Uint8Array>) {
  const driver = new MapDriver()
  driver.seed("a.txt", text, { contentType: "text/plain" })
  const { info } = driver.files.get("a.txt")!
  if (chunks) driver.get = async () => ({ info, length: info.size, chunks: chunks() })
  const file = new DriverStorage(driver).open("a.txt")
  return { driver, file, members: () => driver.calls.map(({ member }) => member) }
}

afterEach(() => vi.resetModules())

describe("a file", () => {
  test("gives its bytes in every shape that a Blob has, and as a Node stream", async () => {
    const { file } = opened()
    expect(Buffer.from(await file.bytes()).toString()).toBe(TEXT)
    expect(Buffer.from(await file.arrayBuffer()).toString()).toBe(TEXT)
    expect(await file.text()).toBe(TEXT)
    expect(await new Response(file.stream()).text()).toBe(TEXT)
    expect(Buffer.concat(await file.readable().toArray()).toString()).toBe(TEXT)
    const blob = await file.blob()
    expect([await blob.text(), blob.type]).toEqual([TEXT, "text/plain"])
    expect(await opened('{"a":[1]}').file.json()).toEqual({ a: [1] })
    expect(await opened("\ufeffabc").file.text()).toBe("abc")
    expectTypeOf<ReturnType<typeof file.json<{ a: number }>>>().resolves.toEqualTypeOf<{ a: number }>()
  })

  test("asks for nothing before its bytes are asked for", async () => {
    const { file, members, driver } = opened()
    const part = file.slice(-5).slice(1, 3)
    const web = part.stream()
    const node = part.readable()
    const iterator = part[Symbol.asyncIterator]()
    await new Promise((resolve) => setImmediate(resolve))
    expect(driver.calls).toEqual([])
    await iterator.next()
    expect(members()).toEqual(["head", "get"])
    await web.cancel()
    node.destroy()
    expect(members()).toEqual(["head", "get"])
  })

  test("costs one request to be read, and one for each slice counted from the start", async () => {
    const { file, members, driver } = opened()
    await file.text()
    expect(members()).toEqual(["get"])
    driver.calls.length = 0
    expect(await file.slice(2, 6).text()).toBe("2345")
    expect(driver.calls).toMatchObject([{ member: "get", options: { range: { start: 2, end: 6 } } }])
    driver.calls.length = 0
    expect(await file.slice(5).slice(2, 4).slice(1).text()).toBe("8")
    expect(driver.calls).toMatchObject([{ member: "get", options: { range: { start: 8, end: 9 } } }])
    driver.calls.length = 0
    expect(await file.slice(3).text()).toBe(TEXT.slice(3))
    expect(driver.calls).toMatchObject([{ member: "get", options: { range: { start: 3, end: undefined } } }])
  })

  test("that is missing is not-found in every way to read it, and also for an empty slice", async () => {
    const storage = new DriverStorage(new MapDriver())
    const file = storage.open("missing.txt")
    const reads: (() => Promise<unknown>)[] = [
      () => file.bytes(),
      () => file.text(),
      () => file.json(),
      () => file.arrayBuffer(),
      () => file.blob(),
      () => file.stat(),
      () => file.stream().getReader().read(),
      () => file.readable().toArray(),
      () => file.slice(2, 2).bytes(),
      () => file.slice(-3).bytes(),
    ]
    for (const read of reads) {
      expect(await failureOf(read())).toMatchObject({ code: "not-found", storage: "map:test", key: "missing.txt" })
    }
  })

  test("lets go of the connection when its reader stops early", async () => {
    for (const stop of [
      async (file: StorageFile) => {
        await firstChunk(file)
      },
      async (file: StorageFile) => {
        const reader = file.stream().getReader()
        await reader.read()
        await reader.cancel()
      },
      async (file: StorageFile) => {
        await firstChunk(file.readable())
      },
    ]) {
      const ended = vi.fn<() => void>()
      const { file } = opened(TEXT, async function* () {
        try {
          for (;;) yield Buffer.from("0123456789")
        } finally {
          ended()
        }
      })
      await stop(file)
      await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce(), PATIENCE)
    }
  })

  test("passes an error in the middle on to whoever reads", async () => {
    const { file } = opened(TEXT, async function* () {
      yield Buffer.from("01")
      throw new MapError("network")
    })
    expect((await failureOf(file.bytes())).code).toBe("network")
    expect((await failureOf(file.readable().toArray())).code).toBe("network")
    const reader = file.stream().getReader()
    await reader.read()
    expect((await failureOf(reader.read())).code).toBe("network")
  })

  test("is recognised across two installed copies", async () => {
    vi.resetModules()
    const copy = await import("./storage-file.ts")
    const { file } = opened()
    expect(copy.StorageFile).not.toBe(StorageFile)
    expect(copy.isStorageFile(file)).toBe(true)
    for (const other of [null, undefined, {}, "a", new Blob([])]) expect(isStorageFile(other)).toBe(false)
  })
})

describe("a slice", () => {
  test.each<[string, number | undefined, number | undefined, string]>([
    ["nothing", undefined, undefined, TEXT],
    ["a start", 15, undefined, "fghij"],
    ["an end", undefined, 3, "012"],
    ["both", 2, 5, "234"],
    ["an end past the end", 18, 100, "ij"],
    ["a start at the end", 20, undefined, ""],
    ["a start past the end", 50, undefined, ""],
    ["a start and an end past the end", 50, 60, ""],
    ["an end before the start", 5, 2, ""],
    ["an end of 0", 0, 0, ""],
    ["an empty range", 3, 3, ""],
    ["a negative start", -3, undefined, "hij"],
    ["a negative end", 15, -2, "fgh"],
    ["both negative", -5, -2, "fgh"],
    ["a negative start before the beginning", -50, 2, "01"],
    ["a negative end before the beginning", 0, -50, ""],
    ["an end that is no number", 0, NaN, ""],
    ["a start that is no number", NaN, 3, "012"],
    ["an infinite end", 17, Infinity, "hij"],
    ["an infinite start", Infinity, undefined, ""],
    ["an infinite negative start", -Infinity, 2, "01"],
    ["parts of numbers", 1.9, 4.9, "123"],
  ])("with %s is what it is of a Blob", async (_, start, end, expected) => {
    expect(await opened().file.slice(start, end).text()).toBe(expected)
  })

  test("is what it is of a Blob, for any numbers and however nested", async () => {
    const bound = fc.option(fc.integer({ min: -25, max: 25 }), { nil: undefined })
    const slices = fc.array(fc.tuple(bound, bound), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(fc.constantFrom("", "0", TEXT), slices, async (text, bounds) => {
        let { file } = opened(text)
        let blob: Blob = new Blob([text])
        for (const [start, end] of bounds) {
          file = file.slice(start, end)
          blob = blob.slice(start, end)
        }
        expect(await file.text()).toBe(await blob.text())
      }),
      { numRuns: 500 },
    )
  })

  test("asks only for whole, finite and ordered numbers", async () => {
    const bound = fc.option(fc.oneof(fc.integer({ min: -25, max: 25 }), fc.double()), { nil: undefined })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(bound, bound), { minLength: 1, maxLength: 3 }), async (bounds) => {
        const { driver, file } = opened()
        await bounds.reduce((part, [start, end]) => part.slice(start, end), file).bytes()
        for (const { member, options } of driver.calls) {
          if (member !== "get") continue
          const { start, end } = (options as { range: { start: number; end?: number } }).range
          expect(Number.isInteger(start) && start >= 0).toBe(true)
          expect(end === undefined || (Number.isInteger(end) && end > start)).toBe(true)
        }
      }),
    )
  })

  test("knows that it is one, and what the whole file is", async () => {
    const { file } = opened()
    expect([file.isSlice, file.slice(1).isSlice]).toEqual([false, true])
    expect((await file.slice(1, 2).stat()).size).toBe(20)
    expect(file.slice(1, 2).name).toBe("a.txt")
  })
})
