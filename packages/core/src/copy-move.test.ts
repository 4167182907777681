import { describe, expect, test } from "vitest"
import { DriverStorage } from "./driver-storage.ts"
import { failureOf } from "./testing/failure.ts"
import { ALL_FEATURES, FullMapDriver, MapDriver, MapError } from "./testing/map-driver.ts"

const HEADERS = { contentType: "text/x-a", cacheControl: "no-store", metadata: { user: "1" } }

function prepared<Driver extends MapDriver>(driver: Driver) {
  driver.seed("a.txt", "content of a", HEADERS)
  driver.seed("taken.txt", "old")
  return { driver, storage: new DriverStorage(driver), members: () => driver.calls.map(({ member }) => member) }
}

const DRIVERS: readonly (readonly [string, () => MapDriver])[] = [
  ["a driver that copies and moves", () => new FullMapDriver()],
  ["a driver that copies", () => Object.assign(new FullMapDriver(), { move: undefined })],
  ["a driver that does neither", () => new MapDriver()],
  [
    "a driver that copies without conditions",
    () => Object.assign(new FullMapDriver(), { features: { ...ALL_FEATURES, conditionalCopy: false } }),
  ],
]

describe.each(DRIVERS)("with %s", (_, make) => {
  test("copy makes a second file with the bytes, headers and metadata", async () => {
    const { driver, storage } = prepared(make())
    const info = await storage.copy("a.txt", "dir/b.bin")
    expect(info).toMatchObject({ name: "dir/b.bin", size: 12, ...HEADERS })
    expect(await storage.stat("dir/b.bin")).toMatchObject(HEADERS)
    expect([driver.text("a.txt"), driver.text("dir/b.bin")]).toEqual(["content of a", "content of a"])
  })

  test("move leaves only the second file, with the bytes, headers and metadata", async () => {
    const { driver, storage } = prepared(make())
    expect(await storage.move("a.txt", "dir/b.bin")).toMatchObject({ name: "dir/b.bin", size: 12, ...HEADERS })
    expect(driver.text("dir/b.bin")).toBe("content of a")
    expect(driver.files.has("a.txt")).toBe(false)
  })

  test("both replace what is there, unless ifAbsent is set", async () => {
    for (const operation of ["copy", "move"] as const) {
      const { driver, storage } = prepared(make())
      const failure = await failureOf(storage[operation]("a.txt", "taken.txt", { ifAbsent: true }))
      expect(failure.code).toBe("already-exists")
      expect([driver.text("a.txt"), driver.text("taken.txt")]).toEqual(["content of a", "old"])
      await storage[operation]("a.txt", "free.txt", { ifAbsent: true })
      expect(driver.text("free.txt")).toBe("content of a")
      driver.seed("a.txt", "new", HEADERS)
      await storage[operation]("a.txt", "taken.txt")
      expect(driver.text("taken.txt")).toBe("new")
    }
  })

  test("both reject with not-found where there is no such source, and touch nothing", async () => {
    for (const operation of ["copy", "move"] as const) {
      const { driver, storage } = prepared(make())
      for (const options of [{}, { ifAbsent: true }]) {
        expect(await failureOf(storage[operation]("missing", "taken.txt", options))).toMatchObject({
          code: "not-found",
          storage: "map:test",
          key: "missing",
        })
      }
      expect(driver.text("taken.txt")).toBe("old")
    }
  })

  test("both leave a file alone whose name is also the destination", async () => {
    for (const operation of ["copy", "move"] as const) {
      const { driver, storage } = prepared(make())
      expect(await storage[operation]("a.txt", "a.txt")).toMatchObject({ name: "a.txt", size: 12 })
      driver.seed("dir/a", "x")
      await storage[operation]("dir/a", "dir\\a")
      expect([driver.text("a.txt"), driver.text("dir/a")]).toEqual(["content of a", "x"])
      expect((await failureOf(storage[operation]("a.txt", "a.txt", { ifAbsent: true }))).code).toBe("already-exists")
      expect((await failureOf(storage[operation]("missing", "missing"))).code).toBe("not-found")
      expect((await failureOf(storage[operation]("missing", "missing", { ifAbsent: true }))).code).toBe("not-found")
      for (const member of ["put", "copy", "move", "remove"]) expect(driver.count(member)).toBe(0)
    }
  })

  test("both refuse bad names and options before any request", async () => {
    const { driver, storage } = prepared(make())
    for (const operation of ["copy", "move"] as const) {
      expect((await failureOf(storage[operation]("../a", "b"))).code).toBe("invalid-name")
      expect((await failureOf(storage[operation]("a.txt", ""))).code).toBe("invalid-name")
      const typo = { overwrite: true } as never
      expect((await failureOf(storage[operation]("a.txt", "b", typo))).code).toBe("invalid-option")
      const aborted = { signal: AbortSignal.abort() }
      expect((await failureOf(storage[operation]("a.txt", "b", aborted))).code).toBe("aborted")
    }
    expect(driver.calls).toEqual([])
  })

  test("both work below a location", async () => {
    const driver = make()
    driver.seed("up/a", "x")
    driver.seed("a", "outside")
    const storage = new DriverStorage(driver, { location: "up" })
    expect((await storage.copy("a", "b")).name).toBe("b")
    expect((await storage.move("b", "c", { ifAbsent: true })).name).toBe("c")
    expect([...driver.files.keys()].toSorted()).toEqual(["a", "up/a", "up/c"])
  })
})

describe("the service", () => {
  test("copies and moves in one request where it can", async () => {
    const { storage, members } = prepared(new FullMapDriver())
    await storage.copy("a.txt", "b.txt")
    await storage.move("b.txt", "c.txt")
    expect(members()).toEqual(["copy", "move"])
  })

  test("is asked to copy unconditionally even where it has no conditional copy", async () => {
    const driver = Object.assign(new FullMapDriver(), { features: { ...ALL_FEATURES, conditionalCopy: false } })
    const { storage, members } = prepared(driver)
    await storage.copy("a.txt", "b.txt")
    expect(members()).toEqual(["copy"])
    driver.calls.length = 0
    await storage.copy("a.txt", "c.txt", { ifAbsent: true })
    expect(members()).toEqual(["head", "put", "get"])
    expect(driver.calls[1]!.options).toMatchObject({ ifAbsent: true })
  })

  test("that has neither conditional copy nor create refuses ifAbsent", async () => {
    const driver = Object.assign(new FullMapDriver(), {
      features: { ...ALL_FEATURES, conditionalCopy: false, conditionalCreate: false },
    })
    const { storage } = prepared(driver)
    expect((await failureOf(storage.move("a.txt", "b.txt", { ifAbsent: true }))).code).toBe("unsupported")
    expect([driver.text("a.txt"), driver.files.has("b.txt")]).toEqual(["content of a", false])
  })
})

describe("a move by copying", () => {
  test("verifies before it removes the source", async () => {
    const { driver, storage, members } = prepared(new MapDriver())
    await storage.move("a.txt", "b.txt")
    expect(members().slice(-2)).toEqual(["head", "remove"])
    expect(driver.calls.at(-1)!.keys).toEqual(["a.txt"])
  })

  test.each<[string, (driver: MapDriver) => void]>([
    ["was replaced", (driver) => driver.seed("a.txt", "another, longer content")],
    ["was replaced by as many bytes", (driver) => driver.seed("a.txt", "CONTENT OF A")],
    ["was deleted", (driver) => driver.files.delete("a.txt")],
  ])("leaves the source when it %s meanwhile", async (_, change) => {
    for (const etags of [true, false]) {
      const driver = new MapDriver()
      if (!etags) withoutEtags(driver)
      const { storage } = prepared(driver)
      let changed = false
      driver.fail = (member, key) => {
        if (member !== "head" || key !== "a.txt" || !driver.files.has("b.txt") || changed) return undefined
        changed = true
        change(driver)
        return undefined
      }
      const failure = await failureOf(storage.move("a.txt", "b.txt"))
      expect(failure).toMatchObject({ code: "conflict", operation: "move", key: "a.txt" })
      expect(driver.count("remove")).toBe(0)
      expect(driver.text("b.txt")).toBe("content of a")
    }
  })

  test("works on a backend without entity tags", async () => {
    const driver = withoutEtags(new MapDriver())
    const { storage } = prepared(driver)
    await storage.move("a.txt", "b.txt")
    expect([driver.text("b.txt"), driver.files.has("a.txt")]).toEqual(["content of a", false])
  })

  test("leaves the source when the copy is not whole", async () => {
    const driver = new FullMapDriver()
    const copy = driver.copy.bind(driver)
    Object.assign(driver, {
      move: undefined,
      copy: async (...given: Parameters<typeof copy>) => ({ ...(await copy(...given))!, size: 5 }),
    })
    const { storage } = prepared(driver)
    expect((await failureOf(storage.move("a.txt", "b.txt"))).code).toBe("conflict")
    expect(driver.text("a.txt")).toBe("content of a")
  })

  test("leaves the source when the copy fails", async () => {
    const { driver, storage } = prepared(new MapDriver())
    driver.fail = (member) => (member === "put" ? new MapError("no-space") : undefined)
    expect((await failureOf(storage.move("a.txt", "b.txt"))).code).toBe("no-space")
    expect(driver.text("a.txt")).toBe("content of a")
  })
})

describe("across storages", () => {
  test("a file goes with its headers and metadata, and a wrong body is not stored", async () => {
    const { storage } = prepared(new MapDriver())
    const target = new MapDriver()
    const info = await new DriverStorage(target).write("b.bin", storage.open("a.txt"))
    expect(info).toMatchObject({ size: 12, ...HEADERS })
    expect(target.text("b.bin")).toBe("content of a")
  })
})

/** Makes the driver tell no entity tags. */
function withoutEtags(driver: MapDriver): MapDriver {
  const [head, put] = [driver.head.bind(driver), driver.put.bind(driver)]
  driver.head = async (...given) => {
    const info = await head(...given)
    return info && { ...info, etag: undefined }
  }
  driver.put = async (...given) => ({ ...(await put(...given)), etag: undefined })
  return driver
}
