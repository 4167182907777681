import { Readable } from "node:stream"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { DriverStorage } from "../driver-storage.ts"
import type { StorageErrorCode } from "../errors.ts"
import { codeOf, failureOf } from "../testing/failure.ts"
import { firstChunk, FullMapDriver, MapDriver, MapError } from "../testing/map-driver.ts"
import { retry, type RetryOptions } from "./retry.ts"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  // First: what was spied on is a fake, which would be put back.
  vi.restoreAllMocks()
  vi.useRealTimers()
})

/** A storage whose calls of one member fail with these errors, one after the other, then succeed. */
function failing(member: string, errors: readonly MapError[], options?: RetryOptions) {
  const driver = new FullMapDriver()
  driver.seed("a", "x")
  const left = [...errors]
  driver.fail = (called) => (called === member ? left.shift() : undefined)
  return { driver, storage: new DriverStorage(driver).with(retry(options)) }
}

const forever = (error: MapError) => Array.from({ length: 50 }, () => error)

describe("retry", () => {
  test.each<[StorageErrorCode | undefined, boolean]>([
    ["network", true],
    ["rate-limited", true],
    ["unavailable", true],
    ["permission-denied", false],
    ["unauthenticated", false],
    ["bucket-not-found", false],
    ["wrong-region", false],
    ["already-exists", false],
    ["precondition-failed", false],
    ["conflict", false],
    ["checksum-mismatch", false],
    ["no-space", false],
    ["timeout", false],
    [undefined, false],
  ])("after %s: %s", async (code, repeated) => {
    const { driver, storage } = failing("head", [new MapError(code)])
    const answer = storage.stat("a").then(
      () => "success",
      () => "failure",
    )
    await vi.runAllTimersAsync()
    expect([await answer, driver.count("head")]).toEqual(repeated ? ["success", 2] : ["failure", 1])
  })

  test("makes 4 attempts by default, or as many as it is told, and then throws the last error", async () => {
    for (const [options, attempts] of [
      [{}, 4],
      [{ attempts: 1 }, 1],
      [{ attempts: 7 }, 7],
    ] as const) {
      const { driver, storage } = failing("head", forever(new MapError("unavailable")), options)
      const failure = failureOf(storage.stat("a"))
      await vi.runAllTimersAsync()
      expect((await failure).code).toBe("unavailable")
      expect(driver.count("head")).toBe(attempts)
    }
  })

  test("waits a random part of a time that doubles, up to the longest", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.5)
    const timer = vi.spyOn(globalThis, "setTimeout")
    const { storage } = failing("head", forever(new MapError("network")), {
      attempts: 7,
      delay: "100ms",
      maxDelay: "1s",
    })
    const failure = failureOf(storage.stat("a"))
    await vi.runAllTimersAsync()
    await failure
    expect(timer.mock.calls.map(([, milliseconds]) => milliseconds)).toEqual([50, 100, 200, 400, 500, 500])
  })

  test("waits at least as long as the service asks", async () => {
    const { driver, storage } = failing("head", [new MapError("rate-limited", 5)])
    const answer = storage.stat("a")
    await vi.advanceTimersByTimeAsync(4999)
    expect(driver.count("head")).toBe(1)
    await vi.advanceTimersByTimeAsync(1)
    expect((await answer).name).toBe("a")
    expect(driver.count("head")).toBe(2)
  })

  test("gives up at once where the service asks to wait longer than it may", async () => {
    const { driver, storage } = failing("head", [new MapError("rate-limited", 21)])
    expect(await failureOf(storage.stat("a"))).toMatchObject({ code: "rate-limited", retryAfter: 21 })
    expect(driver.count("head")).toBe(1)
  })

  test("ends its waiting when the signal aborts, without another attempt", async () => {
    const controller = new AbortController()
    const { driver, storage } = failing("head", [new MapError("rate-limited", 10)])
    const failure = failureOf(storage.stat("a", { signal: controller.signal }))
    await vi.advanceTimersByTimeAsync(1000)
    controller.abort()
    expect((await failure).code).toBe("aborted")
    expect(vi.getTimerCount()).toBe(0)
    await vi.runAllTimersAsync()
    expect(driver.count("head")).toBe(1)
  })

  test("does not repeat what failed because the signal aborted", async () => {
    const controller = new AbortController()
    const { driver, storage } = failing("head", [])
    driver.fail = () => {
      controller.abort()
      return new MapError("network")
    }
    expect((await failureOf(storage.stat("a", { signal: controller.signal }))).code).toBe("aborted")
    expect(driver.count("head")).toBe(1)
  })

  test.each<[string, (storage: DriverStorage) => Promise<unknown>]>([
    ["get", (storage) => storage.open("a").bytes()],
    ["head", (storage) => storage.exists("a")],
    ["remove", (storage) => storage.delete("a")],
    ["removeMany", (storage) => storage.deleteMany(["a"])],
    ["page", (storage) => storage.listdir()],
    ["copy", (storage) => storage.copy("a", "b")],
    ["move", (storage) => storage.move("a", "b")],
    ["signedUrl", (storage) => storage.url("a")],
    ["signedUpload", (storage) => storage.signedUpload("a")],
    ["put", (storage) => storage.write("b", "x")],
  ])("repeats %s", async (member, call) => {
    const { driver, storage } = failing(member, [new MapError("network"), new MapError("unavailable")])
    const answer = call(storage as DriverStorage)
    await vi.runAllTimersAsync()
    await answer
    expect(driver.count(member)).toBe(3)
  })

  test("repeats the page of a listing that failed, and gives nothing twice", async () => {
    const { driver, storage } = failing("page", [])
    for (const key of ["b", "c", "d"]) driver.seed(key, "x")
    driver.pageSize = 1
    let pages = 0
    driver.fail = (member) => (member === "page" && ++pages % 2 === 1 ? new MapError("network") : undefined)
    const names: string[] = []
    const listing = (async () => {
      for await (const { name } of storage.list()) names.push(name)
    })()
    await vi.runAllTimersAsync()
    await listing
    expect(names).toEqual(["a", "b", "c", "d"])
  })

  test.each([
    { attempts: 0 },
    { attempts: 1.5 },
    { attempts: NaN },
    { delay: -1 },
    { maxDelay: "x" as never },
    { atempts: 3 },
  ])("refuses %o when it is made", (options) => {
    expect(codeOf(() => retry(options as RetryOptions))).toBe("invalid-option")
  })
})

/** A file whose first read fails. */
function unreliableFile() {
  const source = new MapDriver()
  source.seed("s", "abcdef")
  let reads = 0
  source.fail = (member) => (member === "get" && ++reads === 1 ? new MapError("network") : undefined)
  return new DriverStorage(source).open("s")
}

describe("retry of a put", () => {
  test.each<[string, () => string | Blob | Uint8Array]>([
    ["text", () => "abcdef"],
    ["bytes", () => Buffer.from("abcdef")],
    ["a Blob", () => new Blob(["abcdef"])],
  ])("sends %s again, whole", async (_, make) => {
    const driver = new MapDriver()
    const put = driver.put.bind(driver)
    let puts = 0
    driver.put = async (...given) => {
      if (++puts > 1) return put(...given)
      await firstChunk(given[1].stream())
      throw new MapError("network")
    }
    const answer = new DriverStorage(driver).with(retry()).write("b", make())
    await vi.runAllTimersAsync()
    expect((await answer).size).toBe(6)
    expect(driver.text("b")).toBe("abcdef")
  })

  test.each<[string, () => Readable | ReadableStream | AsyncIterable<string>]>([
    ["a Node stream", () => Readable.from(["abc"])],
    ["a web stream", () => ReadableStream.from(["abc"])],
    [
      "an async generator",
      async function* () {
        yield "abc"
      },
    ],
  ])("never sends %s again, even where nothing of it was read", async (_, make) => {
    const { driver, storage } = failing("put", forever(new MapError("unavailable")))
    const failure = failureOf(storage.write("b", make() as Readable))
    await vi.runAllTimersAsync()
    expect((await failure).code).toBe("unavailable")
    expect(driver.count("put")).toBe(1)
  })

  describe("from a file of another storage", () => {
    test("is made again when reading the file failed", async () => {
      const { driver, storage } = failing("put", [])
      const answer = storage.write("b", unreliableFile())
      await vi.runAllTimersAsync()
      expect((await answer).size).toBe(6)
      expect([driver.text("b"), driver.count("put")]).toEqual(["abcdef", 2])
    })

    test("tells the error of the last attempt, not of the one before", async () => {
      const driver = new MapDriver()
      const put = driver.put.bind(driver)
      driver.put = async (...given) => {
        await put(...given)
        throw new MapError("permission-denied")
      }
      const failure = failureOf(new DriverStorage(driver).with(retry()).write("b", unreliableFile()))
      await vi.runAllTimersAsync()
      expect((await failure).code).toBe("permission-denied")
    })
  })
})
