import { Readable } from "node:stream"
import { setImmediate } from "node:timers/promises"
import { describe, expect, test } from "vitest"
import { DriverStorage } from "./driver-storage.ts"
import { prefix } from "./layers/prefix.ts"
import { retry } from "./layers/retry.ts"
import { failureOf } from "./testing/failure.ts"
import { MapDriver, MapError } from "./testing/map-driver.ts"

/** A driver whose puts overlap: each gives way to the others before it commits. */
function slowDriver(usesNextKey: boolean): MapDriver {
  const driver = new MapDriver()
  driver.usesNextKey = usesNextKey
  const put = driver.put.bind(driver)
  driver.put = async (key, body, options) => {
    await setImmediate()
    return put(key, body, options)
  }
  return driver
}

async function* failingSource(): AsyncGenerator<string> {
  yield "new"
  throw new Error("gone")
}

describe("save", () => {
  test("keeps a legal name as it is, and answers with it", async () => {
    const driver = new MapDriver()
    const storage = new DriverStorage(driver)
    expect(await storage.save("My photo (1).jpg", "a")).toBe("My photo (1).jpg")
    expect(await storage.save("dir\\a.txt", "a")).toBe("dir/a.txt")
    expect([...driver.files.keys()]).toEqual(["My photo (1).jpg", "dir/a.txt"])
  })

  test("asks nothing before it creates, and creates by one atomic act", async () => {
    const driver = new MapDriver()
    await new DriverStorage(driver).save("a.txt", "a")
    expect(driver.calls).toMatchObject([{ member: "put", keys: ["a.txt"], options: { ifAbsent: true } }])
  })

  test.each([true, false])(
    "64 times at once under one name gives 64 names with each its own bytes (a driver that takes the next key: %s)",
    async (usesNextKey) => {
      const driver = slowDriver(usesNextKey)
      const storage = new DriverStorage(driver)
      const content = (index: number) => {
        const text = `content ${index}`
        if (index % 3 === 0) return text
        if (index % 3 === 1) return new Blob([text])
        return usesNextKey ? Readable.from([text.slice(0, 3), text.slice(3)]) : Buffer.from(text)
      }
      const names = await Promise.all(
        Array.from({ length: 64 }, (_, index) => storage.save("dir/a.txt", content(index))),
      )
      expect(new Set(names).size).toBe(64)
      expect(names.filter((name) => name === "dir/a.txt")).toHaveLength(1)
      for (const [index, name] of names.entries()) {
        expect(name).toMatch(/^dir\/a(_[A-Za-z0-9]{7})?\.txt$/)
        expect(driver.text(name)).toBe(`content ${index}`)
      }
    },
  )

  test("of a stream under a taken name is refused where the driver can't take the next, and nothing is replaced", async () => {
    const driver = new MapDriver()
    driver.usesNextKey = false
    driver.seed("a.txt", "old")
    const failure = await failureOf(new DriverStorage(driver).save("a.txt", Readable.from(["new"])))
    expect(failure).toMatchObject({ code: "already-exists", operation: "save", key: "a.txt" })
    expect(failure.message).toContain("read twice")
    expect([driver.text("a.txt"), driver.files.size, driver.count("put")]).toEqual(["old", 1, 1])
  })

  test("gives the next names below the location and the prefix of layers", async () => {
    const driver = new MapDriver()
    driver.seed("up/t/a.txt", "old")
    const storage = new DriverStorage(driver, { location: "up" }).with(prefix("t"))
    const name = await storage.save("a.txt", "new")
    expect(name).toMatch(/^a_[A-Za-z0-9]{7}\.txt$/)
    expect([driver.text(`up/t/${name}`), driver.text("up/t/a.txt")]).toEqual(["new", "old"])
  })

  test("gives up on a driver that calls every name taken", async () => {
    const driver = new MapDriver()
    driver.fail = (member) => (member === "put" ? new MapError("already-exists") : undefined)
    expect((await failureOf(new DriverStorage(driver).save("a.txt", "a"))).code).toBe("already-exists")
    expect(driver.count("put")).toBeLessThanOrEqual(100)
  })

  test("does not take another failure for a taken name", async () => {
    for (const code of ["permission-denied", "precondition-failed", "conflict", "network"] as const) {
      const driver = new MapDriver()
      driver.fail = (member) => (member === "put" ? new MapError(code) : undefined)
      expect((await failureOf(new DriverStorage(driver).save("a.txt", "a"))).code).toBe(code)
      expect(driver.count("put")).toBe(1)
    }
  })

  test("after a retry under the next name still gives every byte once", async () => {
    const driver = new MapDriver()
    driver.usesNextKey = false
    driver.seed("a.txt", "old")
    let puts = 0
    driver.fail = (member) => (member === "put" && ++puts === 2 ? new MapError("unavailable") : undefined)
    const storage = new DriverStorage(driver).with(retry({ delay: 0 }))
    const name = await storage.save("a.txt", new Blob(["new"]))
    expect([driver.text(name), driver.text("a.txt")]).toEqual(["new", "old"])
  })

  test("stores the same buffer twice, an empty body, and does not hold on to the caller's bytes", async () => {
    const driver = new MapDriver()
    const storage = new DriverStorage(driver)
    const bytes = Buffer.from("abc")
    const first = await storage.save("a.txt", bytes)
    bytes.write("xyz")
    const second = await storage.save("a.txt", bytes)
    expect([driver.text(first), driver.text(second)]).toEqual(["abc", "xyz"])
    expect((await storage.stat(await storage.save("empty", ""))).size).toBe(0)
  })
})

describe("save with overwrite", () => {
  test("replaces what has the name, a shorter body too, without a condition", async () => {
    const driver = new MapDriver()
    driver.seed("a.txt", "a long old content")
    expect(await new DriverStorage(driver).save("a.txt", Readable.from(["new"]), { overwrite: true })).toBe("a.txt")
    expect(driver.text("a.txt")).toBe("new")
    expect((driver.calls[0]!.options as { ifAbsent: unknown }).ifAbsent).toBeUndefined()
  })

  test("that fails leaves the old bytes, whole", async () => {
    const driver = new MapDriver()
    driver.seed("a.txt", "old")
    await failureOf(new DriverStorage(driver).save("a.txt", failingSource(), { overwrite: true }))
    expect(driver.text("a.txt")).toBe("old")
  })

  test("works without an atomic create, which save alone does not", async () => {
    const driver = new MapDriver()
    driver.features = { ...driver.features, conditionalCreate: false }
    const storage = new DriverStorage(driver)
    const failure = await failureOf(storage.save("a.txt", "a"))
    expect(failure.code).toBe("unsupported")
    expect(failure.message).toContain("overwrite: true")
    expect(driver.calls).toEqual([])
    expect(await storage.save("a.txt", "a", { overwrite: true })).toBe("a.txt")
  })
})

describe("save with maxLength", () => {
  test("shortens the stem, never the extension", async () => {
    const driver = new MapDriver()
    expect(await new DriverStorage(driver).save("dir/a long name.tar.gz", "a", { maxLength: 17 })).toBe(
      "dir/a long.tar.gz",
    )
  })

  test.each([true, false])("holds also for the next name (a driver that takes it: %s)", async (usesNextKey) => {
    const driver = new MapDriver()
    driver.usesNextKey = usesNextKey
    const storage = new DriverStorage(driver)
    const names = new Set<string>()
    for (let round = 0; round < 5; round++) names.add(await storage.save("dir/a long name.txt", "a", { maxLength: 18 }))
    expect(names.size).toBe(5)
    for (const name of names) expect(name).toMatch(/^dir\/(a long nam|a _[A-Za-z0-9]{7})\.txt$/)
    for (const name of names) expect(Array.from(name).length).toBeLessThanOrEqual(18)
  })

  test("is refused where nothing of the stem would be left, on the retry too", async () => {
    const driver = new MapDriver()
    const storage = new DriverStorage(driver)
    expect((await failureOf(storage.save("abc.txt", "a", { maxLength: 4 }))).code).toBe("invalid-name")
    expect(await storage.save("abc.txt", "a", { maxLength: 7 })).toBe("abc.txt")
    expect((await failureOf(storage.save("abc.txt", "b", { maxLength: 7 }))).code).toBe("invalid-name")
    expect([driver.text("abc.txt"), driver.files.size]).toEqual(["a", 1])
  })

  test.each([0, -1, 1.5, NaN, Infinity, "7" as never])("is refused when it is %o", async (maxLength) => {
    const driver = new MapDriver()
    expect((await failureOf(new DriverStorage(driver).save("a", "a", { maxLength }))).code).toBe("invalid-option")
    expect(driver.calls).toEqual([])
  })

  test("never makes a name that is not legal", async () => {
    const driver = new MapDriver()
    driver.limits = { keyBytes: 100, reserved: [".re"] }
    const storage = new DriverStorage(driver)
    for (const [name, maxLength] of [
      ["..hidden file", 2],
      ["dir/..hidden file", 6],
      [".re cord", 3],
    ] as const) {
      expect((await failureOf(storage.save(name, "a", { maxLength }))).code).toBe("invalid-name")
    }
    expect(driver.calls).toEqual([])
  })
})

describe("the next name", () => {
  test("keeps to the backend's limits where the first name used them up", async () => {
    const driver = new MapDriver()
    driver.limits = { keyBytes: 60, segmentBytes: 40 }
    const storage = new DriverStorage(driver, { location: "up" })
    const name = `${"d".repeat(16)}/${"日".repeat(12)}.txt`
    expect(await storage.save(name, "a")).toBe(name)
    const next = await storage.save(name, "b")
    expect(next).toMatch(/^d{16}\/日{9}_[A-Za-z0-9]{7}\.txt$/)
    expect(driver.text(`up/${next}`)).toBe("b")
  })
})
