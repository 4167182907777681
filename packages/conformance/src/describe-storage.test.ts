import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { describeStorage } from "./describe-storage.ts"
import type { ConformanceOptions } from "./options.ts"
import { SUITES } from "./suites.ts"
import { miniRunner, type TestResult } from "./testing/mini-runner.ts"
import { ObjectServer } from "./testing/object-server.ts"
import { referenceOptions, withoutCapabilities } from "./testing/reference-storage.ts"

const server = new ObjectServer()
beforeAll(() => server.start())
afterAll(() => server.stop())

const WRONG_SLICE = "read > slice(10, 20) gives what a Blob's gives"

/** A driver that reads the whole file for a range: slices are known to fail. */
const withoutRanges = referenceOptions(
  () => server,
  (honest) => Object.assign(honest, { get: (key: string) => Object.getPrototypeOf(honest).get.call(honest, key, {}) }),
)

async function results(options: ConformanceOptions, part: string): Promise<TestResult[]> {
  const { runner, run } = miniRunner()
  describeStorage("storage", { runner, ...options })
  return run((path) => path.includes(part))
}

describe("a gap", () => {
  it("is told in the title, and passes while its test fails", async () => {
    const gaps = [{ test: WRONG_SLICE, reason: "no ranges there" }]
    const [result] = await results({ ...withoutRanges, gaps }, "slice(10, 20)")
    expect(result).toEqual({ path: `storage > ${WRONG_SLICE} [gap: no ranges there]`, outcome: "passed" })
  })

  it("fails when its test passes", async () => {
    const gaps = [{ test: WRONG_SLICE, reason: "no ranges there" }]
    const [result] = await results({ ...referenceOptions(() => server), gaps }, "slice(10, 20)")
    expect(result?.outcome).toBe("failed")
    expect(String(result?.error)).toContain("This gap is closed: remove")
  })

  it("with skip is not run, and told in the title", async () => {
    const gaps = [{ test: WRONG_SLICE, reason: "hangs", skip: true }]
    expect(await results({ ...withoutRanges, gaps }, "slice(10, 20)")).toEqual([
      { path: `storage > ${WRONG_SLICE} [gap, not run: hangs]`, outcome: "skipped" },
    ])
  })

  it("names a test by its title alone, or by a pattern of its path", async () => {
    for (const test of [WRONG_SLICE.slice("read > ".length), /^read > slice\(10, 20/, /SLICE\(10, 20\)/gi]) {
      const [result] = await results({ ...withoutRanges, gaps: [{ test, reason: "no" }] }, "slice(10, 20)")
      expect(result).toMatchObject({ outcome: "passed", path: expect.stringContaining("[gap: no]") })
    }
  })

  it("that names no test is an error", async () => {
    const gaps = [
      { test: "read > there is no such test", reason: "no" },
      { test: WRONG_SLICE, reason: "no" },
    ]
    const [result] = await results({ ...withoutRanges, gaps }, "> gaps >")
    expect(result?.outcome).toBe("failed")
    expect(String(result?.error)).toContain("read > there is no such test")
    expect(String(result?.error)).not.toContain("slice")
    expect((await results({ ...withoutRanges, gaps: gaps.slice(1) }, "> gaps >"))[0]?.outcome).toBe("passed")
  })

  it("of a test that the driver is not held to is told as not run", async () => {
    const gaps = [{ test: "metadata > metadata comes back from stat as it was given", reason: "no" }]
    const [result] = await results(
      { ...referenceOptions(() => server, withoutCapabilities), gaps },
      "metadata > metadata comes",
    )
    expect(result).toMatchObject({ outcome: "skipped", reason: "the driver does not declare metadata" })
  })
})

describe("a choice of suites", () => {
  it("runs these alone, in the order of all, and takes gaps of the others", async () => {
    const gaps = [{ test: WRONG_SLICE, reason: "no ranges there" }]
    const options = { ...referenceOptions(() => server), suites: ["write", "save"], gaps }
    const paths = (await results(options, "")).map(({ path }) => path.split(" > ")[1])
    expect([...new Set(paths)]).toEqual(["save", "write", "gaps"])
    const ofThese = SUITES.filter(({ title }) => ["save", "write"].includes(title)).flatMap(({ tests }) => tests)
    expect(paths).toHaveLength(ofThese.length + 1)
  })

  it("is refused where it is empty or names none, with the nearest title", () => {
    const choose = (...suites: string[]) => describeStorage("x", { ...referenceOptions(() => server), suites })
    expect(() => choose()).toThrow("suites is empty. Leave it out to run all of them.")
    expect(() => choose("save", "url")).toThrow('has "url", and no suite is called so. Did you mean "urls"?')
    expect(() => choose("nothing of this kind")).toThrow("There are: names, save, write,")
  })
})

describe("a test that can't be run", () => {
  it("for want of an option of the suite tells so in its title", async () => {
    const { create } = referenceOptions(() => server)
    const skipped = (await results({ create }, ""))
      .filter(({ outcome }) => outcome === "skipped")
      .map(({ path }) => path)
    const first = (facility: string) =>
      skipped.filter((path) => path.endsWith(` [not run: the suite was given no ${facility}]`))
    for (const facility of [
      "createWithoutAccess",
      "createUnreachable",
      "createOnMissingBucket",
      "foreignKeys",
      "secrets",
      "createWith",
    ]) {
      expect(first(facility), facility).not.toEqual([])
    }
  }, 60_000)

  it("for want of a server at the URLs tells the reason that was given", async () => {
    const options = { ...referenceOptions(() => server), urls: { notServed: "nothing serves it" } }
    const skipped = (await results(options, "urls > ")).filter(({ path }) =>
      path.endsWith(" [not run: nothing serves it]"),
    )
    expect(skipped.length).toBeGreaterThan(50)
    expect(new Set(skipped.map(({ outcome }) => outcome))).toEqual(new Set(["skipped"]))
  })

  it("for want of a capability tells so while it runs", async () => {
    const options = referenceOptions(() => server, withoutCapabilities)
    const [result] = await results(options, "signedUpload > an upload that has expired")
    expect(result).toMatchObject({ outcome: "skipped", reason: "the driver has no signedUpload" })
  })

  it("is an empty test with a runner that has no skip", async () => {
    const titles: string[] = []
    const runner = {
      describe: (_: string, body: () => void) => body(),
      it: (title: string) => titles.push(title),
    }
    describeStorage("storage", { create: referenceOptions(() => server).create, runner })
    expect(titles.filter((title) => title.includes("[not run: ")).length).toBeGreaterThan(20)
  })
})

describe("describeStorage", () => {
  it("has no two tests of the same path", () => {
    const paths = SUITES.flatMap(({ title, tests }) => tests.map((test) => `${title} > ${test.title}`))
    expect(paths.filter((path, index) => paths.indexOf(path) !== index)).toEqual([])
  })

  it("refuses an option that does not exist, and names the nearest", () => {
    const options = { ...referenceOptions(() => server), runner: miniRunner().runner, gap: [] }
    expect(() => describeStorage("storage", options)).toThrow('Did you mean "gaps"?')
  })

  it("takes global describe and it, and says what to do where there are none", () => {
    const { create } = referenceOptions(() => server)
    expect(() => describeStorage("storage", { create })).toThrow('import * as runner from "vitest"')
    const { runner } = miniRunner()
    const spy = vi.spyOn(runner, "describe")
    vi.stubGlobal("describe", spy)
    vi.stubGlobal("it", runner.it)
    describeStorage("storage", { create })
    vi.unstubAllGlobals()
    expect(spy).toHaveBeenCalledWith("storage", expect.anything())
  })

  it("makes storages for each test, and destroys each of them, also after a failure", async () => {
    const made = new Set<unknown>()
    let destroyed = 0
    const { create } = withoutRanges
    const counted: ConformanceOptions = {
      ...withoutRanges,
      async create() {
        const storage = await create()
        made.add(storage)
        return storage
      },
      destroy(storage) {
        expect(made.delete(storage)).toBe(true)
        destroyed++
      },
    }
    const outcomes = await results(counted, "slice(10, 20)")
    expect(outcomes[0]?.outcome).toBe("failed")
    await results(counted, "content > write stores a file of another storage")
    expect({ left: made.size, destroyed }).toEqual({ left: 0, destroyed: 3 })
  })

  it("fails a test that does not end", async () => {
    const never = () => new Promise<never>(() => {})
    const hanging = referenceOptions(
      () => server,
      (honest) => Object.assign(honest, { head: never }),
    )
    const [result] = await results({ ...hanging, timeout: 100 }, "stat and exists > stat of a missing file")
    expect(String(result?.error)).toContain("did not end within 100 ms")
  })

  it("fails a test that leaves a rejection unhandled", async () => {
    const careless = referenceOptions(
      () => server,
      (honest) =>
        Object.assign(honest, {
          async remove(key: string) {
            honest.objects.delete(key)
            void Promise.reject(new Error("nobody waits for me"))
          },
        }),
    )
    // vitest has a listener of its own, which would fail this file.
    const others = process.listeners("unhandledRejection")
    process.removeAllListeners("unhandledRejection")
    const [result] = await results(careless, "delete > succeeds where there is nothing").finally(() => {
      for (const listener of others) process.on("unhandledRejection", listener)
    })
    expect(String(result?.error)).toContain("rejected and nobody handled them")
    expect((result as { error: Error }).error.cause).toEqual(new Error("nobody waits for me"))
  })

  it("needs a driver, and takes it from the option where the storage does not show it", async () => {
    const { create, ...rest } = referenceOptions(() => server)
    const drivers = new Map()
    const hidden = async () => {
      const storage = await create()
      const proxy = new Proxy(storage, {
        get(target, name) {
          if (name === "driver") return undefined
          const value = Reflect.get(target, name)
          return typeof value === "function" ? value.bind(target) : value
        },
      })
      drivers.set(proxy, (storage as unknown as { driver: unknown }).driver)
      return proxy
    }
    const part = "delete > succeeds where there is nothing"
    const [failed] = await results({ ...rest, create: hidden }, part)
    expect(String(failed?.error)).toContain('the option "driver"')
    const [passed] = await results({ ...rest, create: hidden, driver: (storage) => drivers.get(storage) }, part)
    expect(passed).toMatchObject({ outcome: "passed" })
  })
})

describe("the suite catches a server that", () => {
  it("does not look at the clock [urls > a signed URL that has expired is refused]", async () => {
    const careless = await new ObjectServer().start()
    careless.ignoresExpiry = true
    const failed = (
      await results(
        referenceOptions(() => careless),
        "has expired is refused",
      )
    ).map(({ outcome }) => outcome)
    await careless.stop()
    expect(failed).toEqual(["failed", "failed"])
  })
})
