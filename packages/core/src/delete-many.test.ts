import { setImmediate } from "node:timers/promises"
import { describe, expect, test, vi } from "vitest"
import { DriverStorage } from "./driver-storage.ts"
import { StorageError } from "./errors.ts"
import { prefix } from "./layers/prefix.ts"
import { ALL_FEATURES, FullMapDriver, MapDriver, MapError } from "./testing/map-driver.ts"
import { failureOf } from "./testing/failure.ts"

const many = (count: number) => Array.from({ length: count }, (_, index) => `dir/${index}.txt`)

async function* generated(names: readonly string[]): AsyncGenerator<string> {
  yield* names
}

function filled<Driver extends MapDriver>(driver: Driver, names: readonly string[]): Driver {
  for (const name of names) driver.seed(name, "x")
  return driver
}

/** Makes the driver's removals slow, and tells how many were under way at once. */
function measured(driver: FullMapDriver | MapDriver, member: "remove" | "removeMany") {
  let running = 0
  let most = 0
  const members = driver as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>
  const original = members[member]!.bind(driver)
  members[member] = async (...given) => {
    most = Math.max(most, ++running)
    await setImmediate()
    running--
    return original(...given)
  }
  return () => most
}

describe("deleteMany", () => {
  test("deletes 10,001 files in parallel batches of the driver's size", async () => {
    const names = many(10_001)
    const driver = filled(new FullMapDriver(), [...names, "kept.txt"])
    const most = measured(driver, "removeMany")
    await new DriverStorage(driver).deleteMany(names)
    expect([...driver.files.keys()]).toEqual(["kept.txt"])
    expect(driver.calls.map(({ keys }) => keys.length)).toEqual([...Array.from({ length: 10 }, () => 1000), 1])
    expect(most()).toBeGreaterThan(1)
    expect(most()).toBeLessThanOrEqual(8)
  })

  test("keeps to the driver's own limit", async () => {
    const driver = filled(new FullMapDriver(), many(7))
    driver.features = { ...ALL_FEATURES, removeManyLimit: 3 }
    await new DriverStorage(driver).deleteMany(many(7))
    expect(driver.calls.map(({ keys }) => keys.length)).toEqual([3, 3, 1])
    expect(driver.files.size).toBe(0)
  })

  test("removes one by one, in parallel, where the driver has no batches", async () => {
    const driver = filled(new MapDriver(), many(100))
    const most = measured(driver, "remove")
    await new DriverStorage(driver).deleteMany(many(100))
    expect(driver.files.size).toBe(0)
    expect(driver.count("remove")).toBe(100)
    expect(most()).toBeGreaterThan(1)
    expect(most()).toBeLessThanOrEqual(16)
  })

  test("takes an array, a set, a generator and an async iterable", async () => {
    for (const names of [many(5), new Set(many(5)), many(5).values(), generated(many(5))]) {
      const driver = filled(new FullMapDriver(), many(5))
      await new DriverStorage(driver).deleteMany(names)
      expect(driver.files.size).toBe(0)
    }
  })

  test("takes what list gives, and does nothing for nothing", async () => {
    const driver = filled(new FullMapDriver(), many(5))
    driver.pageSize = 2
    const storage = new DriverStorage(driver)
    await storage.deleteMany([])
    expect(driver.calls).toEqual([])
    await storage.deleteMany(
      (async function* () {
        for await (const { name } of storage.list("dir")) yield name
      })(),
    )
    expect(driver.files.size).toBe(0)
  })

  test("succeeds for names that do not exist, and for the same name twice", async () => {
    const driver = filled(new FullMapDriver(), ["a"])
    await new DriverStorage(driver).deleteMany(["a", "a", "b"])
    expect(driver.files.size).toBe(0)
  })

  test.each(["users/1", "", 5, null, undefined, {}])("refuses %o, which is no list of names", async (names) => {
    const driver = filled(new FullMapDriver(), ["u", "s", "e", "r", "1"])
    const failure = await failureOf(new DriverStorage(driver).deleteMany(names as never))
    expect(failure.code).toBe("invalid-option")
    expect(driver.files.size).toBe(5)
  })
})

describe("a failure of deleteMany", () => {
  test("is told for each name, and all others are deleted", async () => {
    const driver = filled(new FullMapDriver(), many(2500))
    driver.removeMany = async (keys) => {
      const refused = keys.filter((key) => key.endsWith("7.txt"))
      for (const key of keys) if (!refused.includes(key)) driver.files.delete(key)
      return refused.map((key) => ({ key, error: new MapError("permission-denied") }))
    }
    const failure = await failureOf(new DriverStorage(driver).deleteMany(many(2500)))
    expect(failure).toMatchObject({ code: "partial-failure", operation: "delete", storage: "map:test" })
    expect(failure.message).toMatch(/^250 of the files in map:test/)
    expect(failure.failures).toHaveLength(250)
    expect(new Set(failure.failures!.map(({ name }) => name))).toEqual(new Set(driver.files.keys()))
    for (const { name, error } of failure.failures!) {
      expect(StorageError.is(error, "permission-denied")).toBe(true)
      expect(error.key).toBe(name)
    }
    expect(failure.cause).toBe(failure.failures![0]!.error)
  })

  test("of a whole batch is told for each of its names, and the other batches go on", async () => {
    const driver = filled(new FullMapDriver(), many(2500))
    driver.fail = (member, key) =>
      member === "removeMany" && key === "dir/1000.txt" ? new MapError("unavailable") : undefined
    const failure = await failureOf(new DriverStorage(driver).deleteMany(many(2500)))
    expect(failure.failures!.map(({ name }) => name)).toEqual(many(2000).slice(1000))
    expect(driver.files.size).toBe(1000)
    expect(failure.failures!.every(({ error }) => error.code === "unavailable" && error.retryable)).toBe(true)
  })

  test("is told by the names that the app knows, with a location and layers", async () => {
    const driver = filled(new FullMapDriver(), ["up/t/a", "up/t/b"])
    driver.removeMany = async (keys) => keys.map((key) => ({ key, error: new MapError("conflict") }))
    const storage = new DriverStorage(driver, { location: "up" }).with(prefix("t"))
    const failure = await failureOf(storage.deleteMany(["a", "b"]))
    expect(failure.failures!.map(({ name }) => name)).toEqual(["a", "b"])
  })

  test.each([new FullMapDriver(), new MapDriver()])(
    "for an illegal name among others is told, the others deleted",
    async (driver) => {
      filled(driver, ["a", "b", "c"])
      const names = ["a", "../x", "b", "", null as never, "c", "/c"]
      const failure = await failureOf(new DriverStorage(driver).deleteMany(names))
      expect(failure.code).toBe("partial-failure")
      expect(failure.failures!.map(({ name, error }) => [name, error.code])).toEqual([
        ["../x", "invalid-name"],
        ["", "invalid-name"],
        [null, "invalid-name"],
        ["/c", "invalid-name"],
      ])
      expect(driver.files.size).toBe(0)
    },
  )

  test("of the source of names is no silent end: what was begun is finished, and it rejects", async () => {
    async function* names() {
      yield* many(1500)
      throw new Error("the cursor is gone")
    }
    const driver = filled(new FullMapDriver(), many(1500))
    const failure = await failureOf(new DriverStorage(driver).deleteMany(names()))
    expect(failure).toMatchObject({ code: "source-failed", cause: { message: "the cursor is gone" } })
    expect(driver.files.size).toBe(500)
  })
})

describe("an abort of deleteMany", () => {
  test("before it begins asks for nothing", async () => {
    const driver = new FullMapDriver()
    const next = vi.fn<() => Iterator<string>>()
    const names = { [Symbol.iterator]: next } as unknown as Iterable<string>
    const failure = await failureOf(new DriverStorage(driver).deleteMany(names, { signal: AbortSignal.abort() }))
    expect(failure.code).toBe("aborted")
    expect(next).not.toHaveBeenCalled()
    expect(driver.calls).toEqual([])
  })

  test("starts no further batch", async () => {
    const controller = new AbortController()
    const driver = filled(new FullMapDriver(), many(50_000))
    const removeMany = driver.removeMany.bind(driver)
    driver.removeMany = async (keys, options) => {
      const failures = await removeMany(keys, options)
      controller.abort()
      return failures
    }
    const failure = await failureOf(new DriverStorage(driver).deleteMany(many(50_000), { signal: controller.signal }))
    expect(failure.code).toBe("aborted")
    expect(driver.count("removeMany")).toBeLessThanOrEqual(8)
  })

  test("in the last batch is an abort too, with what was not deleted", async () => {
    const controller = new AbortController()
    const driver = filled(new FullMapDriver(), ["a", "b"])
    driver.removeMany = async (_keys, { signal }) => {
      controller.abort()
      throw signal!.reason
    }
    const failure = await failureOf(new DriverStorage(driver).deleteMany(["a", "b"], { signal: controller.signal }))
    expect(failure.code).toBe("aborted")
    expect(failure.failures!.map(({ name }) => name)).toEqual(["a", "b"])
  })

  test("after everything was deleted is a success", async () => {
    const controller = new AbortController()
    const driver = filled(new FullMapDriver(), ["a"])
    const removeMany = driver.removeMany.bind(driver)
    driver.removeMany = async (keys, options) => {
      const failures = await removeMany(keys, options)
      controller.abort()
      return failures
    }
    await new DriverStorage(driver).deleteMany(["a"], { signal: controller.signal })
    expect(driver.files.size).toBe(0)
  })
})
