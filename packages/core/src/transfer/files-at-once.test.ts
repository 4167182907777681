import { setImmediate } from "node:timers/promises"
import { describe, expect, test } from "vitest"
import type { PutBody, PutOptions } from "../driver.ts"
import { DriverStorage } from "../driver-storage.ts"
import { failureOf } from "../testing/failure.ts"
import { MapDriver, MapError } from "../testing/map-driver.ts"
import type { TransferOptions } from "./transfer-options.ts"
import { transfer } from "./transfer.ts"

const MiB = 1024 * 1024
const TiB = MiB * MiB

/** A target whose puts run until they are told to end, and a source that lists files of these sizes. */
class Slow {
  /** In the order in which they were begun. */
  readonly begun: string[] = []
  readonly underWay = new Set<string>()
  readonly names: readonly string[]
  readonly target = new MapDriver()
  readonly #source = new MapDriver()
  readonly #ends = new Map<string, () => void>()

  constructor(sizes: readonly number[]) {
    this.names = sizes.map((_, index) => `file-${String(index).padStart(4, "0")}`)
    for (const name of this.names) this.#source.seed(name, "content")
    const page = this.#source.page.bind(this.#source)
    this.#source.page = async (options) => {
      const { files, ...rest } = await page(options)
      return { ...rest, files: files.map((info) => ({ ...info, size: sizes[this.names.indexOf(info.name)]! })) }
    }
    const put = this.target.put.bind(this.target)
    this.target.put = async (key: string, body: PutBody, options: PutOptions) => {
      this.begun.push(key)
      this.underWay.add(key)
      try {
        await new Promise<void>((resolve, reject) => {
          this.#ends.set(key, resolve)
          options.signal!.addEventListener("abort", () => reject(options.signal!.reason as Error))
        })
        return await put(key, body, options)
      } finally {
        this.underWay.delete(key)
      }
    }
  }

  async transfer(options: TransferOptions = {}) {
    let ended = false
    const report = transfer(new DriverStorage(this.#source), new DriverStorage(this.target), options).finally(
      () => (ended = true),
    )
    // Whoever aborts it looks at it later.
    report.catch(() => {})
    // It is loaded first.
    while (this.begun.length === 0 && !ended) await setImmediate()
    await settled()
    return { report }
  }

  async end(name: string): Promise<void> {
    this.#ends.get(name)!()
    await settled()
  }

  async endAll(): Promise<void> {
    while (this.underWay.size > 0) {
      for (const name of this.underWay) this.#ends.get(name)!()
      await settled()
    }
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await setImmediate()
}

const files = (count: number, size: number): number[] => Array.from({ length: count }, () => size)

/** The same numbers at each run, from 0 to 1. */
function numbers(): () => number {
  let state = 7
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
}

describe("by default", () => {
  test.each([
    ["many small files", 1000, 48],
    ["as many of medium size as have 64 MiB together", 4 * MiB, 16],
    ["eight large files", 8 * MiB, 8],
    ["eight of any size above", TiB, 8],
  ])("%s are under way at once: of %i bytes, %i", async (_, size, most) => {
    const slow = new Slow(files(100, size))
    const { report } = await slow.transfer()
    expect(slow.begun).toEqual(slow.names.slice(0, most))
    await slow.end(slow.names[3]!)
    expect(slow.begun).toEqual(slow.names.slice(0, most + 1))
    await slow.endAll()
    expect(await report).toMatchObject({ copied: 100, failures: [] })
  })

  test("files of all sizes are begun in the order of their names, and never have more than there is room for", async () => {
    const random = numbers()
    const sizes = Array.from({ length: 300 }, () => Math.floor(TiB ** random()) * (random() < 0.9 ? 1 : 0))
    const slow = new Slow(sizes)
    const { report } = await slow.transfer()
    const sizeOf = (name: string): number => sizes[slow.names.indexOf(name)]!
    while (slow.underWay.size > 0) {
      const now = [...slow.underWay]
      expect(now.length).toBeLessThanOrEqual(48)
      expect(now.reduce((sum, name) => sum + Math.min(sizeOf(name), 8 * MiB), 0)).toBeLessThanOrEqual(64 * MiB)
      await slow.end(now[Math.floor(random() * now.length)]!)
    }
    expect(slow.begun).toEqual(slow.names)
    expect(await report).toMatchObject({ copied: 300, failures: [] })
  })

  test("a large file among small ones gets its turn, however long the others take", async () => {
    const slow = new Slow([...files(7, TiB), ...files(20, MiB), TiB, ...files(100, MiB)])
    const { report } = await slow.transfer()
    // Seven large ones leave room for eight small ones.
    expect(slow.begun).toEqual(slow.names.slice(0, 15))
    for (let index = 7; index < 27; index++) await slow.end(slow.names[index]!)
    expect(slow.begun).toEqual(slow.names.slice(0, 28))
    await slow.endAll()
    expect(await report).toMatchObject({ copied: 128 })
  })
})

test.each([
  [1, TiB],
  [20, TiB],
  [3, 1000],
  [100, 1000],
])("a given concurrency of %i is that, whatever the sizes: of %i bytes", async (concurrency, size) => {
  const slow = new Slow(files(120, size))
  const { report } = await slow.transfer({ concurrency })
  expect(slow.begun.length).toBe(concurrency)
  await slow.endAll()
  expect(await report).toMatchObject({ copied: 120, failures: [] })
})

describe("while a large file waits for room", () => {
  test("an abort ends what is under way, and begins nothing more", async () => {
    const slow = new Slow(files(20, TiB))
    const controller = new AbortController()
    const { report } = await slow.transfer({ signal: controller.signal })
    controller.abort()
    expect(await failureOf(report)).toMatchObject({ code: "aborted", operation: "transfer" })
    await settled()
    expect(slow.begun).toEqual(slow.names.slice(0, 8))
    expect(slow.underWay.size).toBe(0)
  })

  test("a callback that throws does so as well", async () => {
    const slow = new Slow(files(20, TiB))
    const onProgress = () => {
      throw new Error("boom")
    }
    const { report } = await slow.transfer({ onProgress })
    await slow.end(slow.names[0]!)
    expect(await failureOf(report)).toMatchObject({
      code: "aborted",
      message: expect.stringContaining("boom") as string,
    })
    expect(slow.begun).toEqual(slow.names.slice(0, 8))
    expect(slow.underWay.size).toBe(0)
  })

  test("the place of one that fails is the next one's", async () => {
    const slow = new Slow(files(20, TiB))
    slow.target.fail = (member, key) =>
      member === "put" && key === slow.names[2] ? new MapError("permission-denied") : undefined
    const { report } = await slow.transfer()
    await slow.end(slow.names[2]!)
    expect(slow.begun).toEqual(slow.names.slice(0, 9))
    await slow.endAll()
    const { copied, failures } = await report
    expect([copied, failures.map(({ name }) => name)]).toEqual([19, [slow.names[2]]])
  })
})
