import { intercept, type Layer, StorageError } from "@node-storages/core"
import { MemoryStorage } from "@node-storages/memory"
import { describe, expect, it } from "vitest"
import { prune, Publisher } from "@node-storages/static"
import {
  conditionalMatch,
  contents,
  expectRelease,
  filesOf,
  hashedName,
  publish,
  type Release,
  staticFailureOf,
} from "./support.ts"

const BASE: Release = { "a.css": "base" }
const ONE: Release = { "a.css": "one", "b.css": "both" }
const OTHER: Release = { "a.css": "two", "b.css": "both" }

async function published(target: MemoryStorage, release: Release): Promise<() => Promise<unknown>> {
  const { files, manifest } = filesOf(release, { plain: false })
  const publisher = await Publisher.open(target)
  for (const file of files) await publisher.publish(file)
  return () => publisher.finish(manifest)
}

const TARGETS: Readonly<Record<string, readonly Layer[]>> = {
  "that writes on conditions": [conditionalMatch()],
  "that is read again before": [],
}

describe.each(Object.entries(TARGETS))("two collects into a target %s", (_, layers) => {
  it.each([true, false])("the later one to finish notices the other (a manifest was there: %s)", async (there) => {
    const target = new MemoryStorage().with(...layers) as MemoryStorage
    if (there) await publish(target, BASE)
    const [finishOne, finishOther] = [await published(target, ONE), await published(target, OTHER)]
    await finishOne()
    const error = await staticFailureOf(finishOther(), "collect-in-progress")
    expect(error.message).toContain("Run this again")
    await expectRelease(target, ONE)
    await publish(target, OTHER)
    await expectRelease(target, OTHER)
  })

  it("of the same files both succeed", async () => {
    const target = new MemoryStorage().with(conditionalMatch()) as MemoryStorage
    await publish(target, BASE)
    const [finishOne, finishOther] = [await published(target, ONE), await published(target, ONE)]
    await finishOne()
    await finishOther()
    await expectRelease(target, ONE)
  })
})

describe("a write on a condition", () => {
  it("of two that finish at once lets one through", async () => {
    const target = new MemoryStorage().with(conditionalMatch()) as MemoryStorage
    await publish(target, BASE)
    const finishes = [await published(target, ONE), await published(target, OTHER)].map((finish) => finish())
    const results = await Promise.allSettled(finishes)
    expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"])
    await expectRelease(target, results[0]!.status === "fulfilled" ? ONE : OTHER)
  })

  it("that is refused by its own first attempt, whose answer was lost, has succeeded", async () => {
    const bare = new MemoryStorage().with(conditionalMatch()) as MemoryStorage
    await publish(bare, BASE)
    let puts = 0
    const repeating = intercept(async (call) => {
      const result = await call.run(call.signal)
      // The files, the record of the old manifest, and then the new one.
      if (call.member === "put" && ++puts === 4) throw new StorageError("precondition-failed", "another version")
      return result
    })
    const finish = await published(bare.with(repeating) as MemoryStorage, ONE)
    await expect(finish()).resolves.toMatchObject({ manifest: "written" })
    await expectRelease(bare, ONE)
  })
})

describe("a prune while a collect is under way", () => {
  it("that takes a file which the collect found there is noticed", async () => {
    const target = new MemoryStorage()
    await publish(target, ONE, { plain: false })
    await publish(target, BASE, { plain: false })
    await new Promise((resolve) => setTimeout(resolve, 3))
    const finish = await published(target, ONE)
    expect((await prune(target, { olderThan: 0, keep: 0 })).deleted).toHaveLength(2)
    await staticFailureOf(finish(), "collect-in-progress")
    await expectRelease(target, BASE)
    await publish(target, ONE)
    await expectRelease(target, ONE)
  })

  it("gives up where the collect has finished meanwhile", async () => {
    const bare = new MemoryStorage()
    await publish(bare, ONE, { plain: false })
    await publish(bare, BASE, { plain: false })
    await new Promise((resolve) => setTimeout(resolve, 3))
    let gets = 0
    const meanwhile = intercept(async (call) => {
      if (call.member === "get" && ++gets === 3) await publish(bare, ONE, { plain: false })
      return call.run(call.signal)
    })
    const pruned = prune(bare.with(meanwhile), { olderThan: 0, keep: 0 })
    await staticFailureOf(pruned, "collect-in-progress")
    await expectRelease(bare, ONE)
    expect(await contents(bare)).toHaveProperty([hashedName("a.css", "one")])
  })
})
