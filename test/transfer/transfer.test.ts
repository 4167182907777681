import { intercept, prefix, type Storage, StorageError, transfer, type TransferProgress } from "@node-storages/core"
import { LocalStorage } from "@node-storages/local"
import { afterEach, describe, expect, it } from "vitest"
import { type End, ENDS, type OpenEnd } from "./ends.ts"
import { expectSameFiles, fill, namesIn, sampleFile } from "./sample-files.ts"

const COUNT = 45
interface Pair {
  readonly from: End
  readonly to: End
}

const ALL_PAIRS: readonly Pair[] = ENDS.flatMap((from) => ENDS.map((to) => ({ from, to })))

/**
 * Pairs in which each end is a source once and a target once. What a test is about happens at one of its ends: how pairs
 * are compared and copied depends on both, and that is what the tests of all pairs hold.
 * @param step from a source to its target in the list of ends: another one for each test, so that more pairs are met
 */
function covering(step: number): readonly Pair[] {
  return ENDS.map((from, index) => ({ from, to: ENDS[(index + step) % ENDS.length]! }))
}

/** Everything that writes or copies to this name fails. */
const failingFor = (name: string) =>
  intercept((call) => {
    if (call.member !== "put" && call.member !== "copyFrom") return call.run(call.signal)
    return call.run(call.signal).then((result) => {
      if ((result as { name: string } | undefined)?.name === name)
        throw new StorageError("no-space", `no room for ${name}`)
      return result
    })
  })

describe("a transfer", () => {
  const opened: OpenEnd[] = []
  const open = async (end: End): Promise<Storage> => {
    const made = await end.open()
    opened.push(made)
    return made.storage
  }
  afterEach(async () => {
    for (const end of opened.splice(0)) await end.remove()
  })

  /** The pairs of each test, by its title. */
  const met = new Map<string, readonly Pair[]>()

  /** A test for each of these pairs. */
  function test(title: string, pairs: readonly Pair[], body: (pair: Pair) => Promise<void>): void {
    met.set(title, pairs)
    for (const pair of pairs) {
      const { from, to } = pair
      const missing = from.reason !== undefined || to.reason !== undefined
      it.skipIf(missing)(`from ${from.title} to ${to.title} ${title}`, () => body(pair))
    }
  }

  test(
    "carries bytes, types, headers and metadata, and copies nothing the second time",
    ALL_PAIRS,
    async ({ from, to }) => {
      const [source, target] = [await open(from), await open(to)]
      const bytes = await fill(source, COUNT)
      expect(await transfer(source, target)).toEqual({ copied: COUNT, skipped: 0, bytes, deleted: [], failures: [] })
      await expectSameFiles(source, target)
      expect(await transfer(source, target)).toEqual({ copied: 0, skipped: COUNT, bytes: 0, deleted: [], failures: [] })
    },
  )

  test(
    "notices content that has changed and has the same size, and leaves what is the target's own",
    ALL_PAIRS,
    async ({ from, to }) => {
      const [source, target] = [await open(from), await open(to)]
      await fill(source, COUNT)
      await transfer(source, target)
      const { name, bytes, headers } = sampleFile(7)
      const changed = bytes.map((byte, index) => (index === bytes.byteLength - 1 ? byte ^ 1 : byte))
      await source.write(name, changed, headers)
      await target.write("own.txt", "mine")
      const seen: TransferProgress[] = []
      const report = await transfer(source, target, { onProgress: (progress) => seen.push(progress) })
      expect(report).toMatchObject({ copied: 1, skipped: COUNT - 1, failures: [] })
      expect(seen.filter(({ action }) => action === "copied").map((progress) => progress.name)).toEqual([name])
      expect(Buffer.from(await target.open(name).bytes()).equals(changed)).toBe(true)
      expect(await target.open("own.txt").text()).toBe("mine")
    },
  )

  test(
    "that is interrupted at a third copies only the rest when it is called again",
    covering(1),
    async ({ from, to }) => {
      const [source, target] = [await open(from), await open(to)]
      await fill(source, COUNT)
      const controller = new AbortController()
      const interrupted = transfer(source, target, {
        signal: controller.signal,
        concurrency: 4,
        onProgress: ({ copied }) => {
          if (copied === COUNT / 3) controller.abort()
        },
      })
      await expect(interrupted).rejects.toMatchObject({ code: "aborted" })
      const arrived = (await namesIn(target)).length
      expect(arrived).toBeGreaterThanOrEqual(COUNT / 3)
      expect(arrived).toBeLessThan(COUNT)
      expect(await transfer(source, target)).toMatchObject({ copied: COUNT - arrived, skipped: arrived, failures: [] })
      await expectSameFiles(source, target)
    },
  )

  test("in a dry run tells what would be copied, and writes nothing", covering(2), async ({ from, to }) => {
    const [source, target] = [await open(from), await open(to)]
    const bytes = await fill(source, COUNT)
    expect(await transfer(source, target, { dryRun: true })).toEqual({
      copied: COUNT,
      skipped: 0,
      bytes,
      deleted: [],
      failures: [],
    })
    expect(await namesIn(target)).toEqual([])
  })

  test("reports a file that fails, and brings the others", covering(3), async ({ from, to }) => {
    const [source, target] = [await open(from), await open(to)]
    await fill(source, COUNT)
    const { name } = sampleFile(3)
    const report = await transfer(source, target.with(failingFor(name)))
    expect(report).toMatchObject({ copied: COUNT - 1, skipped: 0 })
    expect(report.failures.map((failure) => [failure.name, failure.error.code])).toEqual([[name, "no-space"]])
  })

  test(
    "with delete makes the target the same as the source, and tells what it has deleted",
    covering(4),
    async ({ from, to }) => {
      const [source, target] = [await open(from), await open(to)]
      await fill(source, COUNT)
      const own = ["0.txt", "a/deep/own file.txt", "größe/größe.txt", "zz/z.txt"]
      for (const name of [...own, sampleFile(0).name]) await target.write(name, "the target's own")
      const planned = await transfer(source, target, { delete: true, dryRun: true })
      expect([planned.deleted, (await namesIn(target)).length]).toEqual([own, own.length + 1])
      const report = await transfer(source, target, { delete: true })
      expect(report).toEqual({ ...planned, copied: COUNT, deleted: own, failures: [] })
      await expectSameFiles(source, target)
      expect(await transfer(source, target, { delete: true })).toMatchObject({ skipped: COUNT, deleted: [] })
    },
  )

  test("with delete deletes nothing where a file has failed", covering(1), async ({ from, to }) => {
    const [source, target] = [await open(from), await open(to)]
    await fill(source, COUNT)
    await target.write("own.txt", "mine")
    const report = await transfer(source, target.with(failingFor(sampleFile(3).name)), { delete: true })
    expect([report.failures.length, report.deleted]).toEqual([1, []])
    expect(await target.open("own.txt").text()).toBe("mine")
  })

  test("of a directory goes below another one", covering(2), async ({ from, to }) => {
    const [source, target] = [await open(from), await open(to)]
    await fill(source, COUNT)
    const deep = source.with(prefix("a"))
    const expected = await namesIn(deep)
    await transfer(deep, target.with(prefix("copy/of a")))
    expect(expected.length).toBeGreaterThan(10)
    expect(await namesIn(target)).toEqual(expected.map((name) => `copy/of a/${name}`))
    await expectSameFiles(deep, target.with(prefix("copy/of a")))
  })

  it("is tried with each end as source and as target by every test, and between all ends by the few that cover", () => {
    const covered = [...met.values()].filter((pairs) => pairs.length < ALL_PAIRS.length)
    for (const pairs of met.values()) {
      expect(new Set(pairs.map(({ from }) => from))).toEqual(new Set(ENDS))
      expect(new Set(pairs.map(({ to }) => to))).toEqual(new Set(ENDS))
    }
    const titles = (pairs: readonly Pair[]) => new Set(pairs.map(({ from, to }) => `${from.title} to ${to.title}`))
    expect(titles(covered.flat())).toEqual(titles(ALL_PAIRS.filter(({ from, to }) => from !== to)))
  })
})

describe("a transfer of a folder", () => {
  it("into one below it is refused, also between storages that know nothing of each other; back out of it is not", async () => {
    const { storage, remove } = await ENDS[0]!.open()
    await storage.write("a.txt", "x")
    const root = new URL(`${(storage as LocalStorage).driver.target}/`)
    const below = new LocalStorage(new URL("backup/", root))
    await expect(transfer(storage, below)).rejects.toMatchObject({ code: "invalid-option" })
    await expect(transfer(storage, new LocalStorage(root))).rejects.toMatchObject({ code: "invalid-option" })
    expect(await namesIn(storage)).toEqual(["a.txt"])
    await below.write("b.txt", "y")
    expect(await transfer(below, storage)).toMatchObject({ copied: 1, failures: [] })
    expect(await namesIn(storage)).toEqual(["a.txt", "b.txt", "backup/b.txt"])
    await remove()
  })
})
