import { setImmediate } from "node:timers/promises"
import { describe, expect, test } from "vitest"
import type { PutBody, PutOptions } from "../driver.ts"
import { DriverStorage } from "../driver-storage.ts"
import type { Storage } from "../storage.ts"
import { failureOf } from "../testing/failure.ts"
import { ALL_FEATURES, FullMapDriver, MapDriver, MapError } from "../testing/map-driver.ts"
import type { TransferProgress } from "./transfer-options.ts"
import { transfer } from "./transfer.ts"

const NAMES = ["a.txt", "b/c.txt", "b/d.txt", "b0.txt", "é.txt"]
const HEADERS = { contentType: "text/x-mine", cacheControl: "no-store", metadata: { owner: "1" } }

/** Two backends, the first one with files, and storages on them that are made when they are asked for. */
function prepared(source: MapDriver = new MapDriver(), target: MapDriver = new MapDriver()) {
  for (const name of NAMES) source.seed(name, `content of ${name}`, HEADERS)
  return { source, target, from: () => new DriverStorage(source), to: () => new DriverStorage(target) }
}

const BYTES = NAMES.reduce((sum, name) => sum + Buffer.byteLength(`content of ${name}`), 0)

describe("transfer", () => {
  test("copies every file with headers and metadata, and reports how many and how much", async () => {
    const { target, from, to } = prepared()
    expect(await transfer(from(), to())).toEqual({ copied: 5, skipped: 0, bytes: BYTES, deleted: [], failures: [] })
    expect([...target.files.keys()].toSorted()).toEqual(NAMES.toSorted())
    for (const name of NAMES) {
      expect(target.text(name)).toBe(`content of ${name}`)
      expect(target.files.get(name)!.info).toMatchObject(HEADERS)
    }
  })

  test("skips what is there, copies what has changed with the same size, and leaves the target's own files", async () => {
    const { source, target, from, to } = prepared()
    target.seed("0 mine.txt", "kept")
    target.seed("z mine.txt", "kept")
    await transfer(from(), to())
    expect(await transfer(from(), to())).toEqual({ copied: 0, skipped: 5, bytes: 0, deleted: [], failures: [] })
    source.seed("b/d.txt", "CONTENT OF b/d.txt", HEADERS)
    expect(await transfer(from(), to())).toMatchObject({ copied: 1, skipped: 4, bytes: 18 })
    expect(target.text("b/d.txt")).toBe("CONTENT OF b/d.txt")
    expect([target.text("0 mine.txt"), target.text("z mine.txt")]).toEqual(["kept", "kept"])
    expect([source.count("remove"), target.count("remove")]).toEqual([0, 0])
  })

  test("asks for one listing of each side, and for nothing more of files whose sizes differ", async () => {
    const { source, target, from, to } = prepared()
    source.pageSize = target.pageSize = 2
    for (const name of NAMES) target.seed(name, "old")
    await transfer(from(), to(), { dryRun: true })
    const asked = ({ calls }: MapDriver) => new Set(calls.map(({ member }) => member))
    expect([asked(source), asked(target)]).toEqual([new Set(["page"]), new Set(["page"])])
    expect([source.count("page"), target.count("page")]).toEqual([3, 3])
  })

  test("takes only what is below the prefix, at both ends", async () => {
    const { target, from, to } = prepared()
    expect(await transfer(from(), to(), { prefix: "b" })).toMatchObject({ copied: 2 })
    expect([...target.files.keys()]).toEqual(["b/c.txt", "b/d.txt"])
    expect(target.calls.find(({ member }) => member === "page")!.keys).toEqual(["b/"])
  })

  test("of nothing is nothing", async () => {
    const empty = new DriverStorage(new MapDriver())
    const report = { copied: 0, skipped: 0, bytes: 0, deleted: [], failures: [] }
    expect(await transfer(empty, new DriverStorage(new MapDriver()))).toEqual(report)
  })

  test("has as many files under way as it is told, and no more", async () => {
    for (const concurrency of [1, 3]) {
      const { target, from, to } = prepared()
      const put = target.put.bind(target)
      let [running, most] = [0, 0]
      target.put = async (key: string, body: PutBody, options: PutOptions) => {
        most = Math.max(most, ++running)
        await setImmediate()
        running--
        return put(key, body, options)
      }
      await transfer(from(), to(), { concurrency })
      expect(most).toBe(concurrency)
    }
  })

  test("works between storages that are no DriverStorage", async () => {
    const { target, from, to } = prepared(new FullMapDriver(), new FullMapDriver())
    const bare = (storage: DriverStorage): Storage => {
      const { list, open, stat, write } = Object.fromEntries(
        (["list", "open", "stat", "write"] as const).map((name) => [name, storage[name].bind(storage)]),
      )
      return { list, open, stat, write } as unknown as Storage
    }
    expect(await transfer(bare(from()), bare(to()))).toMatchObject({ copied: 5, failures: [] })
    expect(await transfer(bare(from()), bare(to()))).toMatchObject({ skipped: 5, failures: [] })
    expect(target.count("copyFrom")).toBe(0)
  })
})

describe("compare", () => {
  /** The target has another content of the same size, another size, and the same content. */
  function compared() {
    const made = prepared(new MapDriver())
    made.target.seed("a.txt", "CONTENT OF a.txt")
    made.target.seed("b/c.txt", "another size")
    made.target.seed("b/d.txt", "content of b/d.txt")
    return made
  }

  test.each([
    ["content", ["b/d.txt"]],
    ["size", ["a.txt", "b/d.txt"]],
    [false, []],
  ] as const)("%o skips %o", async (compare, skipped) => {
    const { from, to } = compared()
    const seen: TransferProgress[] = []
    await transfer(from(), to(), { compare, onProgress: (progress) => seen.push(progress) })
    const names = seen.filter(({ action }) => action === "skipped").map(({ name }) => name)
    expect(names).toEqual(skipped)
  })

  test("modified skips what has the size and is not older", async () => {
    const { source, target, from, to } = prepared()
    await transfer(from(), to())
    // The times of a MapDriver count its writes: five at both ends.
    expect(await transfer(from(), to(), { compare: "modified" })).toMatchObject({ copied: 0, skipped: 5 })
    source.seed("a.txt", "content of a.txt")
    target.seed("b0.txt", "another size")
    expect(await transfer(from(), to(), { compare: "modified" })).toMatchObject({ copied: 2, skipped: 3 })
  })

  test("false asks for no listing of the target", async () => {
    const { target, from, to } = compared()
    expect(await transfer(from(), to(), { compare: false })).toMatchObject({ copied: 5 })
    expect(target.count("page")).toBe(0)
  })

  test("a function decides where the target has the name, and is given both", async () => {
    const { from, to } = compared()
    const asked: unknown[] = []
    const report = await transfer(from(), to(), {
      compare: async (source, target) => {
        asked.push([source.name, target.name, source.size === target.size])
        return source.name === "a.txt"
      },
    })
    expect(asked).toEqual([
      ["a.txt", "a.txt", true],
      ["b/c.txt", "b/c.txt", false],
      ["b/d.txt", "b/d.txt", true],
    ])
    expect(report).toMatchObject({ copied: 4, skipped: 1 })
  })
})

describe("dryRun", () => {
  test("reports what would be done, and writes nothing", async () => {
    const { target, from, to } = prepared(new FullMapDriver(), new FullMapDriver())
    target.seed("a.txt", "content of a.txt")
    const planned = await transfer(from(), to(), { dryRun: true })
    expect([...target.files.keys()]).toEqual(["a.txt"])
    expect(planned).toMatchObject({ copied: 4, skipped: 1, failures: [] })
    expect(await transfer(from(), to())).toEqual(planned)
  })
})

describe("a file that fails", () => {
  test("is reported with its name and error, and the others arrive", async () => {
    const { source, target, from, to } = prepared()
    source.fail = (member, key) => (member === "get" && key === "b/c.txt" ? new MapError("network") : undefined)
    target.fail = (member, key) => (member === "put" && key === "é.txt" ? new MapError("no-space") : undefined)
    const { failures, ...counts } = await transfer(from(), to())
    expect(counts).toMatchObject({ copied: 3, skipped: 0 })
    expect(failures.map(({ name, error }) => [name, error.code])).toEqual([
      ["b/c.txt", "network"],
      ["é.txt", "no-space"],
    ])
    expect([...target.files.keys()]).toEqual(["a.txt", "b/d.txt", "b0.txt"])
  })

  test("is one that vanished after it was listed", async () => {
    const { source, from, to } = prepared()
    source.fail = (member, key) => void (member === "get" && key === "b0.txt" && source.files.delete(key))
    const { copied, failures } = await transfer(from(), to())
    expect([copied, failures.map(({ name, error }) => [name, error.code])]).toEqual([4, [["b0.txt", "not-found"]]])
  })

  test("is one with a header that the target can't keep: nothing is dropped in silence", async () => {
    const { target, from, to } = prepared()
    target.features = { ...ALL_FEATURES, cacheControl: false }
    const { copied, failures } = await transfer(from(), to())
    expect([copied, new Set(failures.map(({ error }) => error.code))]).toEqual([0, new Set(["unsupported"])])
    expect(failures).toHaveLength(5)
  })

  test("is one whose name the target can't hold", async () => {
    const { target, from, to } = prepared()
    target.limits = { keyBytes: 1024, segmentBytes: 5 }
    const { failures } = await transfer(from(), to())
    expect(failures.map(({ name, error }) => [name, error.code])).toEqual([
      ["b0.txt", "invalid-name"],
      ["é.txt", "invalid-name"],
    ])
  })

  test("is one that can't be compared", async () => {
    const { source, target, from, to } = prepared()
    target.seed("a.txt", "CONTENT OF a.txt")
    source.fail = (member, key) => (member === "get" && key === "a.txt" ? new MapError("unavailable") : undefined)
    const { failures } = await transfer(from(), to())
    expect(failures.map(({ name, error }) => [name, error.code])).toEqual([["a.txt", "unavailable"]])
    expect(target.text("a.txt")).toBe("CONTENT OF a.txt")
  })
})

describe("onProgress", () => {
  test("is told each file, what became of it, and the counts so far", async () => {
    const { target, from, to } = prepared()
    target.seed("a.txt", "content of a.txt")
    target.fail = (member, key) => (member === "put" && key === "b/c.txt" ? new MapError("conflict") : undefined)
    const seen: TransferProgress[] = []
    await transfer(from(), to(), { concurrency: 1, onProgress: (progress) => seen.push(progress) })
    expect(seen.slice(0, 3)).toEqual([
      { name: "a.txt", action: "skipped", copied: 0, skipped: 1, deleted: 0, failed: 0, bytes: 0 },
      { name: "b/c.txt", action: "failed", copied: 0, skipped: 1, deleted: 0, failed: 1, bytes: 0 },
      { name: "b/d.txt", action: "copied", copied: 1, skipped: 1, deleted: 0, failed: 1, bytes: 18 },
    ])
    expect(seen).toHaveLength(5)
  })

  test.each(["onProgress", "compare"])(
    "that throws stops the transfer with aborted and its error: %s",
    async (option) => {
      const { target, from, to } = prepared()
      for (const name of NAMES) target.seed(name, "old")
      const boom = new Error("boom")
      const calls: unknown[] = []
      const callback = (given: unknown) => {
        calls.push(given)
        throw boom
      }
      const failure = await failureOf(transfer(from(), to(), { concurrency: 1, [option]: callback }))
      expect(failure).toMatchObject({ code: "aborted", operation: "transfer", cause: boom })
      expect(failure.message).toContain(`${option} threw: boom`)
      expect(calls).toHaveLength(1)
      expect(target.count("put")).toBe(option === "compare" ? 0 : 1)
    },
  )
})

test("errors of storages of another making are wrapped, also those of a listing", async () => {
  const { from, to } = prepared()
  const boom = new Error("boom")
  const failing = Object.assign(Object.create(to()) as Storage, { write: () => Promise.reject(boom) })
  const { failures } = await transfer(from(), failing, { compare: false })
  expect(failures[0]!.error).toMatchObject({ name: "StorageError", code: "unknown", cause: boom })
  const list = () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(boom) }) })
  const unlisted = Object.assign(Object.create(from()) as Storage, { list })
  expect(await failureOf(transfer(unlisted, to()))).toMatchObject({ code: "unknown", cause: boom })
})
