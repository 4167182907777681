import { describe, expect, test, vi } from "vitest"
import { DriverStorage } from "./driver-storage.ts"
import { failureOf } from "./testing/failure.ts"
import { MapDriver, MapError } from "./testing/map-driver.ts"

/** A storage whose one file announces `length` bytes and gives these chunks. */
function storageOf(length: number | undefined, chunks: readonly string[], ended: () => void = () => {}) {
  const driver = new MapDriver()
  driver.seed("a.txt", "0123456789")
  driver.get = async () => ({
    info: driver.files.get("a.txt")!.info,
    length,
    chunks: (async function* () {
      try {
        for (const chunk of chunks) yield Buffer.from(chunk)
      } finally {
        ended()
      }
    })(),
  })
  return { driver, file: new DriverStorage(driver).open("a.txt") }
}

describe("a body", () => {
  test.each<[string, readonly string[]]>([
    ["cut short", ["0123", "456"]],
    ["that is empty", []],
    ["one byte too short", ["012345678"]],
    ["one byte too long", ["0123456789", "x"]],
    ["too long in its only chunk", ["0123456789x"]],
  ])("%s is a network error in every way to read it, never a short success", async (_, chunks) => {
    const { file } = storageOf(10, chunks)
    expect(await failureOf(file.bytes())).toMatchObject({ code: "network", retryable: true, key: "a.txt" })
    expect((await failureOf(file.text())).code).toBe("network")
    expect((await failureOf(new Response(file.stream()).bytes())).code).toBe("network")
    expect((await failureOf(file.readable().toArray())).code).toBe("network")
    expect((await failureOf(file.slice(0, 10).bytes())).code).toBe("network")
  })

  test("that does not end is given up as soon as it is too long", async () => {
    const ended = vi.fn<() => void>()
    const { file } = storageOf(
      10,
      Array.from({ length: 1000 }, () => "01234"),
      ended,
    )
    const given: string[] = []
    await failureOf(async () => {
      for await (const chunk of file) given.push(Buffer.from(chunk).toString())
    })
    expect(given).toEqual(["01234", "01234"])
    expect(ended).toHaveBeenCalledOnce()
  })

  test("of a length that is not known is read to its end", async () => {
    expect(await storageOf(undefined, ["012", "", "3456", "789x"]).file.text()).toBe("0123456789x")
    expect(await storageOf(undefined, []).file.text()).toBe("")
  })

  test("that can't be stored elsewhere whole is not stored at all", async () => {
    const { file } = storageOf(10, ["0123"])
    const target = new MapDriver()
    expect((await failureOf(new DriverStorage(target).write("b.txt", file))).code).toBe("network")
    expect(target.files.size).toBe(0)
  })
})

describe("open", () => {
  test("refuses a bad name at once", async () => {
    expect((await failureOf(() => new DriverStorage(new MapDriver()).open("../a"))).code).toBe("invalid-name")
  })

  test("gives its signal to every request that the file makes", async () => {
    const driver = new MapDriver()
    driver.seed("a.txt", "0123456789")
    const { signal } = new AbortController()
    const file = new DriverStorage(driver).open("a.txt", { signal })
    await file.stat()
    await file.slice(-2).bytes()
    await file.slice(2, 2).bytes()
    expect(driver.calls.map(({ member }) => member)).toEqual(["head", "head", "get", "head"])
    for (const { options } of driver.calls) expect(options).toMatchObject({ signal })
  })

  test("counts its timeout from each request, not from the opening", async () => {
    const driver = new MapDriver()
    driver.seed("a.txt", "abc")
    const file = new DriverStorage(driver).open("a.txt", { timeout: "1h" })
    await file.stat()
    await file.stat()
    const [first, second] = driver.calls.map(({ options }) => (options as { signal: AbortSignal }).signal)
    expect(first).toBeInstanceOf(AbortSignal)
    expect(second).not.toBe(first)
  })

  test("rejects before the request when the signal has aborted", async () => {
    const driver = new MapDriver()
    const file = new DriverStorage(driver).open("a.txt", { signal: AbortSignal.abort() })
    expect(await failureOf(file.bytes())).toMatchObject({ code: "aborted", operation: "read" })
    expect(driver.calls).toEqual([])
  })
})

describe("exists", () => {
  test("is false only where there is no such file", async () => {
    const driver = new MapDriver()
    driver.seed("a.txt", "abc")
    const storage = new DriverStorage(driver)
    expect(await storage.exists("a.txt")).toBe(true)
    expect(await storage.exists("b.txt")).toBe(false)
    for (const code of ["permission-denied", "network", "bucket-not-found", "unauthenticated"] as const) {
      driver.fail = (member) => (member === "head" ? new MapError(code) : undefined)
      expect((await failureOf(storage.exists("a.txt"))).code).toBe(code)
    }
  })
})
