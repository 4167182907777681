import { setImmediate } from "node:timers/promises"
import { describe, expect, test } from "vitest"
import type { PutBody, PutOptions } from "../driver.ts"
import { DriverStorage } from "../driver-storage.ts"
import { prefix } from "../layers/prefix.ts"
import { failureOf } from "../testing/failure.ts"
import { FullMapDriver, MapDriver, MapError } from "../testing/map-driver.ts"
import type { TransferOptions } from "./transfer-options.ts"
import { transfer } from "./transfer.ts"

const NAMES = Array.from({ length: 30 }, (_, index) => `file-${String(index).padStart(2, "0")}`)

function prepared(source: MapDriver = new MapDriver(), target: MapDriver = new MapDriver()) {
  for (const name of NAMES) source.seed(name, `content of ${name}`)
  return { source, target, from: () => new DriverStorage(source), to: () => new DriverStorage(target) }
}

describe("an aborted transfer", () => {
  test("rejects with aborted and the failures so far, and goes on where it was when it is called again", async () => {
    const { target, from, to } = prepared()
    target.fail = (member, key) => (member === "put" && key === "file-03" ? new MapError("conflict") : undefined)
    const controller = new AbortController()
    const { signal } = controller
    const onProgress = ({ copied }: { copied: number }) => {
      if (copied === 10) controller.abort()
    }
    const failure = await failureOf(transfer(from(), to(), { concurrency: 2, signal, onProgress }))
    expect(failure).toMatchObject({ code: "aborted", operation: "transfer" })
    expect(failure.failures!.map(({ name }) => name)).toEqual(["file-03"])
    const arrived = target.files.size
    expect(arrived).toBeGreaterThanOrEqual(10)
    expect(arrived).toBeLessThan(13)
    target.fail = () => undefined
    expect(await transfer(from(), to())).toMatchObject({ copied: 30 - arrived, skipped: arrived, failures: [] })
  })

  test("does not wait for what is under way: that is aborted as well", async () => {
    const { target, from } = prepared()
    target.put = (_key: string, _body: PutBody, { signal }: PutOptions) =>
      new Promise((_, reject) => signal!.addEventListener("abort", () => reject(signal!.reason as Error)))
    const controller = new AbortController()
    const failure = failureOf(transfer(from(), new DriverStorage(target), { signal: controller.signal }))
    for (let turn = 0; turn < 20; turn++) await setImmediate()
    controller.abort()
    expect((await failure).code).toBe("aborted")
  })

  test("has asked for nothing when its signal had aborted before, and says timeout where that was the reason", async () => {
    const { source, target, from, to } = prepared()
    const aborted = AbortSignal.abort(new DOMException("late", "TimeoutError"))
    expect((await failureOf(transfer(from(), to(), { signal: aborted }))).code).toBe("timeout")
    expect([source.calls, target.calls]).toEqual([[], []])
  })

  test("is aborted also while a callback decides", async () => {
    const { target, from, to } = prepared()
    for (const name of NAMES) target.seed(name, "old")
    const controller = new AbortController()
    const compare = () => {
      controller.abort()
      return false
    }
    expect((await failureOf(transfer(from(), to(), { signal: controller.signal, compare }))).code).toBe("aborted")
    expect(target.count("put")).toBe(0)
  })

  test("leaves no warning about listeners, however many files are under way", async () => {
    const warnings: Error[] = []
    const onWarning = (warning: Error) => warnings.push(warning)
    process.on("warning", onWarning)
    const { from, to } = prepared()
    await transfer(from(), to(), { concurrency: 30, signal: new AbortController().signal })
    await setImmediate()
    process.off("warning", onWarning)
    expect(warnings).toEqual([])
  })
})

describe("a listing", () => {
  test.each(["source", "target"] as const)("of the %s that fails rejects, after what is under way", async (end) => {
    const made = prepared()
    const driver = made[end]
    driver.pageSize = 10
    for (const name of NAMES) made.target.seed(name, "old")
    driver.fail = (member) => (member === "page" && driver.count("page") > 1 ? new MapError("unavailable") : undefined)
    expect(await failureOf(transfer(made.from(), made.to()))).toMatchObject({ code: "unavailable", operation: "list" })
    const arrived = NAMES.filter((name) => made.target.text(name) === `content of ${name}`)
    expect(arrived.length).toBe(made.target.count("put"))
    expect(arrived.length).toBeGreaterThanOrEqual(9)
  })

  test.each(["source", "target"] as const)(
    "of the %s that is out of order rejects, unless none is compared",
    async (end) => {
      const made = prepared()
      const driver = made[end]
      made.target.seed("file-01", "content of file-01")
      made.target.seed("file-02", "content of file-02")
      const page = driver.page.bind(driver)
      driver.page = async (options) => {
        const { files, ...rest } = await page(options)
        return { ...rest, files: files.toReversed() }
      }
      const failure = await failureOf(transfer(made.from(), made.to()))
      expect(failure).toMatchObject({ code: "unsupported", storage: "map:test" })
      expect(await transfer(made.from(), made.to(), { compare: false })).toMatchObject({ copied: 30, failures: [] })
    },
  )
})

describe("options", () => {
  test.each<[string, TransferOptions, string]>([
    ["unknown", { parallel: 3 } as never, "no option"],
    ["concurrency", { concurrency: 0 }, "from 1 to 1000, not 0"],
    ["concurrency", { concurrency: 1.5 }, "not 1.5"],
    ["compare", { compare: "etag" as never }, '"etag"'],
    ["compare", { compare: true as never }, "not true"],
  ])("that are wrong are refused before any request: %s", async (_, options, part) => {
    const { source, target, from, to } = prepared()
    const failure = await failureOf(transfer(from(), to(), options))
    expect(failure.code).toBe("invalid-option")
    expect(failure.message).toContain(part)
    expect([source.calls, target.calls]).toEqual([[], []])
  })

  test("a prefix that is no directory is invalid-name", async () => {
    const { from, to } = prepared()
    expect((await failureOf(transfer(from(), to(), { prefix: "../x" }))).code).toBe("invalid-name")
  })
})

describe("a target that is the source, or within it, is refused before any request", () => {
  const views = (driver: MapDriver) => {
    const storage = new DriverStorage(driver)
    return { storage, twin: new DriverStorage(driver), at: (directory: string) => storage.with(prefix(directory)) }
  }

  for (const [kind, make] of [
    ["views of one backend", () => new MapDriver()],
    ["drivers that tell their place", () => new FullMapDriver()],
  ] as const) {
    test(`told by ${kind}`, async () => {
      const driver = make()
      driver.seed("a", "x")
      const { storage, twin, at } = views(driver)
      const refused: Promise<unknown>[] = [
        transfer(storage, storage),
        transfer(storage, twin),
        transfer(storage, at("backup")),
        transfer(at("in"), at("in/deep")),
        transfer(storage, at("backup"), { prefix: "" }),
        transfer(at("in"), at("in"), { prefix: "x" }),
      ]
      for (const call of refused) {
        const failure = await failureOf(call)
        expect(failure.code).toBe("invalid-option")
        expect(failure.message).toMatch(/map:test/)
      }
      expect(driver.calls).toEqual([])
    })

    test(`but not a target beside it, around it, or of a name that begins alike: told by ${kind}`, async () => {
      const driver = make()
      const { storage, at } = views(driver)
      driver.seed("in/a", "x")
      expect(await transfer(at("in"), at("inside"))).toMatchObject({ copied: 1 })
      expect(await transfer(at("in"), storage)).toMatchObject({ copied: 1 })
      expect(await transfer(storage, at("backup"), { prefix: "in" })).toMatchObject({ copied: 1 })
      expect([...driver.files.keys()].toSorted()).toEqual(["a", "backup/in/a", "in/a", "inside/a"])
    })
  }

  test("also between two drivers, told by their places: of one bucket, or of a folder and one below it", async () => {
    const at = (bucket: string, location = "") => {
      const driver = Object.assign(new MapDriver(), {
        place: (key: string) => ({ service: "disk", bucket, key }),
      })
      driver.seed(location === "" ? "a" : `${location}/a`, "x")
      return new DriverStorage(driver, { location })
    }
    const refused = [
      transfer(at("media"), at("media")),
      transfer(at("media"), at("media", "backup")),
      transfer(at("/srv"), at("/srv/backup")),
      transfer(at("/"), at("/srv")),
      transfer(at("/srv", "a/b"), at("/srv/a", "b/c")),
    ]
    for (const call of refused) expect((await failureOf(call)).code).toBe("invalid-option")
    expect(await transfer(at("/srv"), at("/srv2"), { compare: false })).toMatchObject({ copied: 1 })
    expect(await transfer(at("/srv/backup"), at("/srv"), { compare: false })).toMatchObject({ copied: 1 })
  })

  test("and two backends that call themselves alike are two", async () => {
    const [one, other] = [new MapDriver(), new MapDriver()]
    one.seed("a", "x")
    expect(await transfer(new DriverStorage(one), new DriverStorage(other))).toMatchObject({ copied: 1 })
  })
})
