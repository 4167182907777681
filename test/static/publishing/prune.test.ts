import type { Storage } from "@node-storages/core"
import { MemoryStorage } from "@node-storages/memory"
import fc from "fast-check"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { prune, Publisher } from "@node-storages/static"
import {
  contents,
  counted,
  expectRelease,
  filesOf,
  hashedName,
  historyOf,
  publish,
  staticFailureOf,
} from "./support.ts"

const DAY = 86_400_000
const NOON = Date.UTC(2026, 0, 1, 12)

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOON })
})
afterEach(() => {
  vi.useRealTimers()
})

function daysLater(days: number): void {
  vi.setSystemTime(Date.now() + days * DAY)
}

/** Releases "1", "2", …, a day apart. */
async function releases(target: Storage, count: number, encodings: readonly "br"[] = []): Promise<void> {
  for (let i = 1; i <= count; i++) {
    await publish(target, { "app.css": `release ${i}`, "same.css": "same" }, { encodings })
    daysLater(1)
  }
}

function appOf(i: number): string {
  return hashedName("app.css", `release ${i}`)
}

async function appsIn(target: Storage): Promise<number[]> {
  const names = Object.keys(await contents(target))
  return [1, 2, 3, 4, 5, 6].filter((i) => names.includes(appOf(i)))
}

describe("prune()", () => {
  it("keeps the current release and the last ones, and deletes the files of the others with their siblings", async () => {
    const target = new MemoryStorage()
    await releases(target, 5, ["br"])
    const report = await prune(target, { olderThan: 0, keep: 2 })
    expect(report).toEqual({
      deleted: [appOf(1), `${appOf(1)}.br`, appOf(2), `${appOf(2)}.br`].toSorted(),
      bytesDeleted: 2 * ("release 1".length + "br release 1".length),
      manifestsDeleted: [expect.stringContaining("20260102T"), expect.stringContaining("20260103T")],
      releases: 3,
      dryRun: false,
    })
    expect(JSON.parse(JSON.stringify(report))).toEqual(report)
    expect(await appsIn(target)).toEqual([3, 4, 5])
    expect(await historyOf(target)).toHaveLength(2)
    await expectRelease(target, { "app.css": "release 5", "same.css": "same" })
  })

  it("keeps one earlier release unless told otherwise", async () => {
    const target = new MemoryStorage()
    await releases(target, 4)
    await prune(target, { olderThan: 0 })
    expect(await appsIn(target)).toEqual([3, 4])
  })

  it("keeps what was replaced a short while ago, however old its files are", async () => {
    const target = new MemoryStorage()
    await publish(target, { "app.css": "release 1" })
    daysLater(365)
    await publish(target, { "app.css": "release 2" })
    daysLater(1)
    expect((await prune(target, { olderThan: "2d", keep: 0 })).deleted).toEqual([])
    daysLater(2)
    expect((await prune(target, { olderThan: "2d", keep: 0 })).deleted).toEqual([appOf(1)])
  })

  it("keeps a file that was stored a short while ago, and finds it later", async () => {
    const target = new MemoryStorage()
    await releases(target, 3)
    daysLater(10)
    await target.write(appOf(1), "release 1")
    expect((await prune(target, { olderThan: "5d", keep: 0 })).deleted).toEqual([appOf(2)])
    daysLater(10)
    expect((await prune(target, { olderThan: "5d", keep: 0 })).deleted).toEqual([appOf(1)])
    expect(await historyOf(target)).toEqual([])
  })

  it("never deletes what other tools have put there, nor plain names", async () => {
    const target = new MemoryStorage()
    const foreign = { "app.0123456789ab.css": "foreign", ".staticfiles/note.txt": "x", "index.html": "x" }
    for (const [name, text] of Object.entries(foreign)) await target.write(name, text)
    await publish(target, { "old.css": "old" })
    daysLater(1)
    await releases(target, 2)
    const { deleted } = await prune(target, { olderThan: 0, keep: 0 })
    expect(deleted).toEqual([appOf(1), hashedName("old.css", "old")].toSorted())
    expect(await contents(target, true)).toMatchObject({ ...foreign, "old.css": "old" })
  })

  it("never deletes a file whose only name is a plain one, and that is in the manifest under it", async () => {
    const target = new MemoryStorage()
    const { files, manifest } = filesOf({ "robots.txt": "allow" })
    const publisher = await Publisher.open(target)
    const entry = { ...manifest.files["robots.txt"]!, name: "robots.txt" }
    for (const file of files) if (!file.hashed) await publisher.publish(file)
    await publisher.finish({ version: 1, files: { "robots.txt": entry } })
    daysLater(1)
    await releases(target, 2)
    expect((await prune(target, { olderThan: 0, keep: 0 })).deleted).toEqual([appOf(1)])
    expect(await contents(target)).toHaveProperty(["robots.txt"])
  })

  it("keeps a name that was a hashed one and is a plain one of the current release", async () => {
    const target = new MemoryStorage()
    await releases(target, 1)
    const { files, manifest } = filesOf({ "other.css": "other" })
    const publisher = await Publisher.open(target)
    for (const file of files) await publisher.publish(file)
    await publisher.publish({ ...files[0]!, name: appOf(1), hashed: false })
    await publisher.finish(manifest)
    daysLater(2)
    expect((await prune(target, { olderThan: 0, keep: 0 })).deleted).toEqual([hashedName("same.css", "same")])
    expect(await contents(target)).toHaveProperty([appOf(1)])
  })

  it.each([true, false])(
    "counts a release that was published again once, by the last time (plain: %s)",
    async (plain) => {
      const target = new MemoryStorage()
      for (const i of [1, 2, 1, 3, 4]) {
        await publish(target, { "app.css": `release ${i}` }, { plain })
        daysLater(1)
      }
      expect((await prune(target, { olderThan: 0, keep: 2 })).releases).toBe(3)
      expect(await appsIn(target)).toEqual([1, 3, 4])
    },
  )

  it.each([true, false])("does not count the current release among the earlier ones (plain: %s)", async (plain) => {
    const target = new MemoryStorage()
    for (const i of [4, 3, 1, 2, 1]) {
      await publish(target, { "app.css": `release ${i}` }, { plain })
      daysLater(1)
    }
    expect((await prune(target, { olderThan: 0, keep: 2 })).releases).toBe(3)
    expect(await appsIn(target)).toEqual([1, 2, 3])
  })

  it("a dry run tells the same and deletes nothing", async () => {
    const target = new MemoryStorage()
    await releases(target, 4, ["br"])
    const before = await contents(target, true)
    const { layer, calls } = counted()
    const dry = await prune(target.with(layer), { olderThan: 0, dryRun: true })
    expect(calls).toEqual({ get: 4, page: 1 })
    expect(await contents(target, true)).toEqual(before)
    expect(await prune(target, { olderThan: 0 })).toEqual({ ...dry, dryRun: false })
  })

  it("deletes nothing where the manifest is missing, damaged, or that of another", async () => {
    const target = new MemoryStorage()
    await releases(target, 3)
    await staticFailureOf(prune(target, { olderThan: 0, manifest: "other.json" }), "missing-manifest")
    const [record] = await historyOf(target)
    const text = await target.open(record!).text()
    await target.write(record!, "{}")
    const error = await staticFailureOf(prune(target, { olderThan: 0, keep: 0 }), "invalid-manifest")
    expect(error.message).toContain(record)
    await target.write(record!, text)
    await target.write("staticfiles.json", "{}")
    await staticFailureOf(prune(target, { olderThan: 0, keep: 0 }), "invalid-manifest")
    expect(await appsIn(target)).toEqual([1, 2, 3])
  })

  it("refuses options that it does not know, and durations that are none", async () => {
    await expect(prune(new MemoryStorage(), { olderThen: 1 } as never)).rejects.toThrow('"olderThan"')
    await expect(prune(new MemoryStorage(), { olderThan: "soon" as never })).rejects.toThrow("no duration")
  })

  const contentOf = fc.constantFrom("1", "2", "3")
  const release = fc.dictionary(fc.constantFrom("a.css", "b.js", "c/d.txt", "__proto__"), contentOf)
  const step = fc.oneof(
    fc.record({ release, fails: fc.option(fc.nat(8)) }),
    fc.record({ keep: fc.nat(2), olderThan: fc.constantFrom(0, 100_000, 400_000) }),
  )

  it("after any sequence of publishes, failures and prunes the current release is whole", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const target = new MemoryStorage()
        let current: Record<string, string> | undefined
        for (const each of steps) {
          daysLater(1)
          if ("release" in each) {
            let puts = 0
            const failing = target.with((next) => ({
              ...next,
              put: async (key, body, options) => {
                if (puts++ === each.fails) throw new Error("failed")
                return next.put(key, body, options)
              },
            }))
            const done = await publish(failing, each.release, { encodings: ["gzip"] }).then(
              () => true,
              () => false,
            )
            if (done) current = each.release
          } else if (current) await prune(target, each)
          if (current) await expectRelease(target, current)
        }
        if (current) {
          await publish(target, current)
          expect(await contents(target)).toMatchObject(current)
        }
      }),
      { numRuns: 150 },
    )
  })
})
