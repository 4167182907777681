import { inspect } from "node:util"
import { describe, expect, test } from "vitest"
import type { Layer } from "./driver.ts"
import { DriverStorage } from "./driver-storage.ts"
import { intercept } from "./layers/intercept.ts"
import { prefix } from "./layers/prefix.ts"
import { failureOf } from "./testing/failure.ts"
import { ALL_FEATURES, FullMapDriver, MapDriver, MapError } from "./testing/map-driver.ts"

describe("write", () => {
  test("stores under exactly this name, replaces, and answers with what the storage knows", async () => {
    const driver = new MapDriver()
    const storage = new DriverStorage(driver)
    expect(await storage.write("a.txt", "first")).toMatchObject({ name: "a.txt", size: 5, contentType: "text/plain" })
    expect(await storage.write("a.txt", "2nd")).toMatchObject({ name: "a.txt", size: 3 })
    expect(driver.text("a.txt")).toBe("2nd")
  })

  test("with ifAbsent refuses a taken name and takes no other", async () => {
    const driver = new MapDriver()
    driver.seed("a.txt", "old")
    const failure = await failureOf(new DriverStorage(driver).write("a.txt", "new", { ifAbsent: true }))
    expect(failure).toMatchObject({ code: "already-exists", operation: "write", storage: "map:test", key: "a.txt" })
    expect([driver.text("a.txt"), driver.files.size]).toEqual(["old", 1])
  })

  test("with ifMatch replaces only that version", async () => {
    const driver = new MapDriver()
    const storage = new DriverStorage(driver)
    const { etag } = await storage.write("a.txt", "first")
    await storage.write("a.txt", "second", { ifMatch: etag })
    expect((await failureOf(storage.write("a.txt", "third", { ifMatch: etag }))).code).toBe("precondition-failed")
    expect((await failureOf(storage.write("b.txt", "x", { ifMatch: etag }))).code).toBe("precondition-failed")
    expect([driver.text("a.txt"), driver.files.size]).toEqual(["second", 1])
  })
})

describe("names", () => {
  test("are refused by every method before any request, as a rejection where the method is asynchronous", async () => {
    const driver = new FullMapDriver()
    const storage = new DriverStorage(driver)
    for (const name of ["", "../a", "/a", "a//b", "a\0"]) {
      const calls: Promise<unknown>[] = [
        storage.save(name, "x"),
        storage.write(name, "x"),
        storage.stat(name),
        storage.exists(name),
        storage.delete(name),
        storage.copy(name, "b"),
        storage.copy("b", name),
        storage.move(name, "b"),
        storage.move("b", name),
        storage.url(name),
        storage.signedUpload(name),
      ]
      const codes = (await Promise.all(calls.map((call) => failureOf(call)))).map(({ code }) => code)
      expect(codes).toEqual(calls.map(() => "invalid-name"))
      expect((await failureOf(() => storage.open(name))).code).toBe("invalid-name")
      expect((await failureOf(() => storage.publicUrl(name))).code).toBe("invalid-name")
    }
    expect(driver.calls).toEqual([])
  })

  test("round-trip with any location and any layers", async () => {
    const driver = new FullMapDriver()
    for (const storage of [
      new DriverStorage(driver),
      new DriverStorage(driver, { location: "up" }),
      new DriverStorage(driver, { location: "up\\loads/" }).with(prefix("tenant 1")),
    ]) {
      const name = await storage.save("dir\\naïve (1) 100%.txt", "abc")
      for await (const info of storage.list("dir")) expect(info.name).toBe(name)
      expect((await storage.stat(name)).name).toBe(name)
      expect(await storage.open(name).text()).toBe("abc")
      expect(await storage.exists(name)).toBe(true)
      expect(await storage.url(name)).toContain(name)
      await storage.delete(name)
      await storage.delete(name)
      expect(await storage.exists(name)).toBe(false)
    }
    expect(driver.files.size).toBe(0)
  })

  test("have the room that the location leaves", async () => {
    const storage = new DriverStorage(Object.assign(new MapDriver(), { limits: { keyBytes: 10 } }), {
      location: "abcd",
    })
    await storage.write("a".repeat(5), "x")
    expect((await failureOf(storage.write("a".repeat(6), "x"))).code).toBe("invalid-name")
  })

  test("may begin below a location with what the backend reserves at its root", async () => {
    const limits = { keyBytes: 100, reserved: [".records"] }
    const driver = Object.assign(new MapDriver(), { limits })
    expect((await failureOf(new DriverStorage(driver).write(".records/a", "x"))).code).toBe("invalid-name")
    await new DriverStorage(driver, { location: "up" }).write(".records/a", "x")
    expect(driver.files.has("up/.records/a")).toBe(true)
  })
})

describe("options", () => {
  test("that are not known are refused by every method, with the nearest", async () => {
    const driver = new FullMapDriver()
    const storage = new DriverStorage(driver)
    const typo = { signl: new AbortController().signal } as never
    for (const call of [
      () => storage.save("a", "x", typo),
      () => storage.write("a", "x", typo),
      () => storage.open("a", typo),
      () => storage.stat("a", typo),
      () => storage.exists("a", typo),
      () => storage.delete("a", typo),
      () => storage.deleteMany(["a"], typo),
      () => storage.list("a", typo),
      () => storage.listdir("a", typo),
      () => storage.copy("a", "b", typo),
      () => storage.move("a", "b", typo),
      () => storage.url("a", typo),
      () => storage.signedUpload("a", typo),
    ]) {
      const failure = await failureOf(call)
      expect(failure.code).toBe("invalid-option")
      expect(failure.message).toContain('"signal"')
    }
    expect(driver.calls).toEqual([])
  })

  test("of save are not those of write", async () => {
    const storage = new DriverStorage(new MapDriver())
    expect((await failureOf(storage.write("a", "x", { overwrite: true } as never))).code).toBe("invalid-option")
    expect((await failureOf(storage.save("a", "x", { ifAbsent: true } as never))).code).toBe("invalid-option")
  })

  test.each(["../up", "/up", "up//loads", "a\0", 5])(
    "with the location %o are refused when the storage is made",
    async (location) => {
      const make = () => new DriverStorage(new MapDriver(), { location: location as string })
      expect((await failureOf(make)).code).toBe("invalid-name")
    },
  )

  test("give every request the caller's signal", async () => {
    const driver = new FullMapDriver()
    driver.seed("a", "x")
    const storage = new DriverStorage(driver)
    const { signal } = new AbortController()
    await storage.save("b", "x", { signal })
    await storage.stat("a", { signal })
    await storage.exists("a", { signal })
    await storage.copy("a", "c", { signal })
    await storage.move("c", "d", { signal })
    await storage.url("a", { signal })
    await storage.signedUpload("a", { signal })
    await storage.listdir("", { signal })
    await storage.delete("a", { signal })
    await storage.deleteMany(["b"], { signal })
    expect(driver.calls.length).toBe(10)
    for (const { member, options } of driver.calls) expect([member, options]).toMatchObject([member, { signal }])
  })
})

describe("layers", () => {
  test("see a call from the first to the last, on names without the location", async () => {
    const seen: string[] = []
    const spy = (label: string): Layer =>
      intercept(async (call) => {
        seen.push(label)
        return call.run(call.signal)
      })
    const driver = new MapDriver()
    const storage = new DriverStorage(driver, { location: "up" }).with(spy("c")).with(spy("a"), prefix("p"), spy("b"))
    await storage.write("x", "1")
    expect(seen).toEqual(["a", "b", "c"])
    expect([...driver.files.keys()]).toEqual(["up/p/x"])
  })

  test("of with(prefix a, prefix b) put a's names below b's", async () => {
    const driver = new MapDriver()
    await new DriverStorage(driver).with(prefix("a"), prefix("b")).write("x", "1")
    await new DriverStorage(driver).with(prefix("a")).with(prefix("b")).write("x", "1")
    expect([...driver.files.keys()]).toEqual(["b/a/x", "a/b/x"])
  })

  test("see errors in the words of every adapter, and can refuse what the gate would let pass", async () => {
    const driver = new MapDriver()
    driver.features = { ...ALL_FEATURES, metadata: false }
    driver.fail = (member) => (member === "head" ? new MapError("permission-denied") : undefined)
    const codes: unknown[] = []
    const spy = intercept(async (call) => {
      try {
        return await call.run(call.signal)
      } catch (error) {
        codes.push((error as { code: string }).code)
        throw error
      }
    })
    const storage = new DriverStorage(driver).with(spy)
    await failureOf(storage.stat("a"))
    await failureOf(storage.write("a", "x", { metadata: { a: "b" } }))
    expect(codes).toEqual(["permission-denied", "unsupported"])
  })

  test("leave the storage that they were added to as it was, and keep its options", async () => {
    const driver = new MapDriver()
    const storage = new DriverStorage(driver, {
      baseUrl: "/media/",
      location: "up",
      defaults: { cacheControl: "no-store" },
    })
    const tenant = storage.with(prefix("t"))
    expect([storage.publicUrl("a"), tenant.publicUrl("a")]).toEqual(["/media/up/a", "/media/up/t/a"])
    expect((await tenant.write("a", "x")).cacheControl).toBe("no-store")
  })
})

describe("a storage", () => {
  test("closes its driver, and is content with one that has nothing to close", async () => {
    const driver = new FullMapDriver()
    await new DriverStorage(driver).with(prefix("a")).close()
    expect(driver.closed).toBe(true)
    await new DriverStorage(new MapDriver()).close()
  })

  test("makes no request when it is made", () => {
    const driver = new FullMapDriver()
    void new DriverStorage(driver, { location: "up", baseUrl: "/m/" }).with(prefix("t"))
    expect(driver.calls).toEqual([])
  })

  test("shows what it is, and no secret, when it is printed or made into JSON", () => {
    class SecretDriver extends MapDriver {
      readonly credentials = { secret: "hunter2" }
    }
    const storage = new DriverStorage(new SecretDriver(), {
      location: "up",
      baseUrl: "https://cdn.test",
      signer: Object.assign(() => "", { key: "hunter2" }),
    })
    for (const shown of [
      inspect(storage, { depth: 9 }),
      inspect({ storage }, { depth: 9 }),
      JSON.stringify({ storage }),
    ]) {
      expect(shown).toContain("map:test/up")
      expect(shown).not.toContain("hunter2")
    }
    expect(JSON.parse(JSON.stringify(storage))).toEqual({ storage: "map", target: "map:test/up" })
  })
})
