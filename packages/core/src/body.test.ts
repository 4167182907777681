import { createHash } from "node:crypto"
import { Readable } from "node:stream"
import { describe, expect, test, vi } from "vitest"
import { type BodyChecks, CheckedBody } from "./body.ts"
import { type ContentInput, toContent } from "./content.ts"
import { DriverStorage } from "./driver-storage.ts"
import { StorageError } from "./errors.ts"
import type { Checksums } from "./file-info.ts"
import { prefix } from "./layers/prefix.ts"
import type { Progress } from "./storage.ts"
import { failureOf } from "./testing/failure.ts"
import { collect, MapDriver, MapError } from "./testing/map-driver.ts"
import { PATIENCE } from "./testing/patience.ts"

const body = (input: ContentInput, checks: Partial<BodyChecks> = {}) =>
  new CheckedBody(toContent(input), { operation: "write", ...checks })

const digest = (algorithm: string, data: string | Uint8Array) => createHash(algorithm).update(data).digest("hex")
const big = Buffer.alloc(600 * 1024, "x")

/** What is told of the progress of a write. */
const progressOf = async (input: ContentInput, size?: number) => {
  const seen: Progress[] = []
  const driver = new MapDriver()
  const options = { onProgress: (progress: Progress) => void seen.push(progress) }
  if (size !== undefined) expect(toContent(input).size).toBe(size)
  await new DriverStorage(driver).write("a.bin", input, options)
  return { seen, driver }
}

describe("progress", () => {
  test("of a stream counts its chunks, without a total", async () => {
    const { seen } = await progressOf(Readable.from([Buffer.from("abc"), Buffer.from("de")]))
    expect(seen).toEqual([
      { loaded: 3, total: undefined },
      { loaded: 5, total: undefined },
    ])
  })

  test("of small content is told once, when it is stored", async () => {
    expect((await progressOf("abc", 3)).seen).toEqual([{ loaded: 3, total: 3 }])
    expect((await progressOf("", 0)).seen).toEqual([{ loaded: 0, total: 0 }])
  })

  test("of large content in memory is told in steps that end with the whole", async () => {
    const { seen, driver } = await progressOf(big, big.length)
    expect(seen).toEqual([
      { loaded: 262_144, total: big.length },
      { loaded: 524_288, total: big.length },
      { loaded: big.length, total: big.length },
    ])
    expect(driver.files.get("a.bin")!.bytes).toEqual(Uint8Array.from(big))
  })

  test("of a Blob has a total and ends with it", async () => {
    const { seen } = await progressOf(new Blob([big]), big.length)
    expect(seen.at(-1)).toEqual({ loaded: big.length, total: big.length })
    expect(seen.map(({ loaded }) => loaded)).toEqual(seen.map(({ loaded }) => loaded).toSorted((a, b) => a - b))
  })

  test("of a file of another storage has a total", async () => {
    const source = new MapDriver()
    source.seed("a.txt", "0123456")
    const { seen } = await progressOf(new DriverStorage(source).open("a.txt"))
    expect(seen).toEqual([
      { loaded: 4, total: 7 },
      { loaded: 7, total: 7 },
    ])
  })

  test("that throws cancels a stream with its error as cause, and can't fail what is stored already", async () => {
    const mine = new Error("mine")
    const onProgress = () => {
      throw mine
    }
    const driver = new MapDriver()
    const storage = new DriverStorage(driver)
    const error = await failureOf(() => storage.write("a.bin", Readable.from([Buffer.from("abc")]), { onProgress }))
    expect(error).toMatchObject({ code: "aborted", cause: mine })
    expect(driver.files.has("a.bin")).toBe(false)
    await storage.write("b.bin", "abc", { onProgress })
    expect(driver.files.has("b.bin")).toBe(true)
  })

  test("asked for or not, small bytes go to the driver as they are", () => {
    const bytes = new Uint8Array([1, 2])
    expect(body(bytes).bytes).toBe(bytes)
    expect(body(bytes, { onProgress: () => {} }).bytes).toBe(bytes)
    expect(body(big).bytes).toBe(big)
    expect(body(big, { onProgress: () => {} }).bytes).toBeUndefined()
  })
})

describe("an expected digest", () => {
  test.each(["md5", "sha1", "sha256", "sha512"] as const)("by %s is checked in every kind of content", async (name) => {
    const right = { [name]: digest(name, "abc") }
    const wrong = { [name]: digest(name, "abd") }
    for (const make of [
      () => "abc",
      () => new Blob(["abc"]),
      () => Readable.from(["a", "bc"]),
      () => ReadableStream.from(["abc"]),
    ]) {
      const driver = new MapDriver()
      const storage = new DriverStorage(driver)
      await storage.write("right.txt", make(), { checksum: right })
      const failure = await failureOf(storage.write("wrong.txt", make(), { checksum: wrong }))
      expect(failure).toMatchObject({ code: "checksum-mismatch", operation: "write", retryable: false })
      expect(failure.message).toContain(right[name])
      expect(failure.message).toContain(wrong[name])
      expect([...driver.files.keys()]).toEqual(["right.txt"])
    }
  })

  test("may be in upper case", async () => {
    const checksum = { sha256: digest("sha256", "abc").toUpperCase() }
    await new DriverStorage(new MapDriver()).save("a.txt", "abc", { checksum })
    await new DriverStorage(new MapDriver()).save("a.txt", Readable.from(["abc"]), { checksum })
  })

  test("is checked in each of several", async () => {
    const checksum = { sha256: digest("sha256", "abc"), md5: digest("md5", "abd") }
    expect((await failureOf(new DriverStorage(new MapDriver()).save("a", "abc", { checksum }))).code).toBe(
      "checksum-mismatch",
    )
  })

  test("of bytes refuses before any request", async () => {
    const driver = new MapDriver()
    await failureOf(new DriverStorage(driver).save("a.txt", "abc", { checksum: { md5: "0" } }))
    expect(driver.count("put")).toBe(0)
  })

  test("is checked with progress too, and with large content", async () => {
    const storage = new DriverStorage(new MapDriver())
    const onProgress = vi.fn<() => void>()
    await storage.write("a", big, { onProgress, checksum: { sha1: digest("sha1", big) } })
    const failure = await failureOf(storage.write("b", big, { onProgress, checksum: { sha1: digest("sha1", "x") } }))
    expect(failure.code).toBe("checksum-mismatch")
  })

  test.each<[string, object]>([
    ["of an algorithm that is not known", { sha265: "00" }],
    ["of an algorithm in other letters", { SHA256: "00" }],
  ])("%s is refused, not ignored", async (_, checksum) => {
    const failure = await failureOf(new DriverStorage(new MapDriver()).save("a.txt", "abc", { checksum }))
    expect(failure.code).toBe("invalid-option")
    expect(failure.message).toContain("sha256")
  })

  test("that is no string is refused", async () => {
    const checksum = { md5: 5 } as unknown as Checksums
    expect((await failureOf(new DriverStorage(new MapDriver()).save("a", "abc", { checksum }))).code).toBe(
      "invalid-option",
    )
  })

  test("that is undefined is none", async () => {
    await new DriverStorage(new MapDriver()).save("a.txt", "abc", { checksum: { md5: undefined } })
  })
})

describe("content whose size is known", () => {
  test.each([
    ["gives less", 5, "only 3"],
    ["gives more", 2, "more"],
  ])("and %s is refused", async (_, size, words) => {
    const failure = await failureOf(collect(body(Readable.from(["abc"]), { size }).stream()))
    expect(failure.code).toBe("invalid-content")
    expect(failure.message).toContain(words)
  })

  test.each([2, 4])("and %s is refused where it is in memory, before anything is sent", (size) => {
    expect(() => body("abc", { size })).toThrow(/announced with \d bytes and gave/)
    expect(body("abc", { size: 3 }).bytes).toHaveLength(3)
  })

  test("is not handed out beyond that size", async () => {
    const given: Uint8Array[] = []
    const chunks = body(Readable.from(["ab", "cd", "ef"], { objectMode: true }), { size: 3 }).stream()
    await failureOf(async () => {
      for await (const chunk of chunks) given.push(chunk)
    })
    expect(given).toHaveLength(1)
  })

  test("says so as the failure of the put, whatever the driver throws", async () => {
    const checked = body(Readable.from(["abc"]), { size: 5 })
    await failureOf(collect(checked.stream()))
    expect(checked.failure).toMatchObject({ code: "invalid-content" })
  })
})

describe("a body that is sent again", () => {
  test("forgets why it failed the time before", async () => {
    let reads = 0
    const source = new MapDriver()
    source.seed("a.txt", "abc")
    source.fail = (member) => (member === "get" && ++reads === 1 ? new MapError("unavailable") : undefined)
    const checked = body(new DriverStorage(source).open("a.txt"))
    expect((await failureOf(collect(checked.stream()))).code).toBe("unavailable")
    expect(checked.failure).toMatchObject({ code: "unavailable" })
    expect(await collect(checked.stream())).toHaveLength(3)
    expect(checked.failure).toBeUndefined()
  })

  test("counts and checks from the beginning", async () => {
    const seen: number[] = []
    const checked = body(new Blob(["abc"]), {
      checksum: { md5: digest("md5", "abc") },
      onProgress: ({ loaded }) => void seen.push(loaded),
    })
    await collect(checked.stream())
    await collect(checked.stream())
    expect(seen).toEqual([3, 3])
  })
})

describe("an abort", () => {
  test("ends a put whose source hangs, at once, and the source is told", async () => {
    const controller = new AbortController()
    const source = new Readable({ read() {} })
    const driver = new MapDriver()
    const saving = failureOf(new DriverStorage(driver).save("a.txt", source, { signal: controller.signal }))
    await vi.waitFor(() => expect(driver.count("put")).toBe(1), PATIENCE)
    controller.abort(new Error("the client left"))
    expect(await saving).toMatchObject({ code: "aborted", operation: "save", cause: { message: "the client left" } })
    expect(source.destroyed).toBe(true)
    expect(driver.files.size).toBe(0)
  })

  test("by a time limit is a timeout", async () => {
    const source = new Readable({ read() {} })
    const failure = await failureOf(new DriverStorage(new MapDriver()).save("a.txt", source, { timeout: "10ms" }))
    expect(failure.code).toBe("timeout")
    expect(source.destroyed).toBe(true)
  })

  test("after the last byte and before the commit commits nothing", async () => {
    const controller = new AbortController()
    async function* source() {
      yield "abc"
      controller.abort()
    }
    const driver = new MapDriver()
    const failure = await failureOf(new DriverStorage(driver).save("a.txt", source(), { signal: controller.signal }))
    expect(failure.code).toBe("aborted")
    expect(driver.files.size).toBe(0)
  })

  test("leaves no listener on the signal once the content is stored", async () => {
    const { signal } = new AbortController()
    const add = vi.spyOn(signal, "addEventListener")
    const remove = vi.spyOn(signal, "removeEventListener")
    await new DriverStorage(new MapDriver(), {}, [prefix("p")]).save("a.txt", Readable.from(["abc"]), { signal })
    expect(add).toHaveBeenCalled()
    expect(remove).toHaveBeenCalledTimes(add.mock.calls.length)
  })

  test("keeps a StorageError that the caller gave as reason", async () => {
    const reason = new StorageError("conflict", "another upload won")
    const source = new Readable({ read() {} })
    const controller = new AbortController()
    const saving = new DriverStorage(new MapDriver()).save("a.txt", source, { signal: controller.signal })
    controller.abort(reason)
    expect(await failureOf(saving)).toBe(reason)
  })
})
