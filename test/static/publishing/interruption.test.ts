import type { Layer } from "@node-storages/core"
import { MemoryStorage } from "@node-storages/memory"
import { describe, expect, it } from "vitest"
import { prune } from "@node-storages/static"
import {
  conditionalMatch,
  contents,
  expectRelease,
  historyOf,
  killedAt,
  likeS3,
  listsDigests,
  publish,
  type Release,
} from "./support.ts"

const OLD: Release = { "a.css": "old a", "b.js": "old b", "same.txt": "same" }
const NEW: Release = { "a.css": "new a", "c.js": "new c", "same.txt": "same" }

const TARGETS: Readonly<Record<string, readonly Layer[]>> = {
  memory: [],
  "what lists as S3 does": [likeS3()],
  "what lists digests": [listsDigests()],
  "what writes on conditions": [conditionalMatch()],
}
const CASES = Object.entries(TARGETS).flatMap(([name, layers]) =>
  [false, true].map((afterwards) => ({ name, layers, afterwards })),
)

/** Does it with a death at each possible call in turn, until it gets through. Answers with the number of deaths. */
async function atEachCall(afterwards: boolean, run: (layer: Layer) => Promise<void>): Promise<number> {
  for (let call = 0; ; call++) {
    const { layer, reached } = killedAt(call, afterwards)
    await run(layer)
    if (!reached()) return call
  }
}

async function isRelease(storage: MemoryStorage, release: Release): Promise<boolean> {
  return expectRelease(storage, release).then(
    () => true,
    () => false,
  )
}

describe.each(CASES)("killed at any call to $name (the call done: $afterwards)", ({ layers, afterwards }) => {
  it("publishing leaves the old release or the new one, whole, and the next run completes", async () => {
    const deaths = await atEachCall(afterwards, async (layer) => {
      const bare = new MemoryStorage()
      await publish(bare, OLD, { encodings: ["br"] })
      const before = await contents(bare)
      const outcome = await publish(bare.with(...layers, layer), NEW, { encodings: ["br"] }).then(
        () => "done",
        () => "died",
      )
      const isNew = await isRelease(bare, NEW)
      if (outcome === "done") expect(isNew).toBe(true)
      if (!isNew) {
        await expectRelease(bare, OLD)
        const { "staticfiles.json": manifest } = await contents(bare)
        expect(manifest).toBe(before["staticfiles.json"])
      }
      const report = await publish(bare.with(...layers), NEW, { encodings: ["br"] })
      expect(report.written + report.unchanged).toBe(12)
      await expectRelease(bare, NEW)
      expect(await contents(bare)).toMatchObject({ ...NEW, "a.css.br": "br new a" })
      expect(await publish(bare.with(...layers), NEW, { encodings: ["br"] })).toMatchObject({
        written: 0,
        manifest: "unchanged",
      })
    })
    expect(deaths).toBeGreaterThan(8)
  })

  it("the first publishing leaves no manifest, or the release", async () => {
    await atEachCall(afterwards, async (layer) => {
      const bare = new MemoryStorage()
      await publish(bare.with(...layers, layer), NEW).catch(() => {})
      if (await bare.exists("staticfiles.json")) await expectRelease(bare, NEW)
      await publish(bare.with(...layers), NEW)
      await expectRelease(bare, NEW)
    })
  })

  it("pruning leaves what is needed, and the next one finds the rest", async () => {
    const deaths = await atEachCall(afterwards, async (layer) => {
      const bare = new MemoryStorage()
      for (const release of [OLD, { "x.txt": "in between" }, NEW]) {
        await publish(bare, release, { encodings: ["gzip"] })
        await new Promise((resolve) => setTimeout(resolve, 3))
      }
      await prune(bare.with(...layers, layer), { olderThan: 0, keep: 0 }).catch(() => {})
      await expectRelease(bare, NEW)
      await prune(bare.with(...layers), { olderThan: 0, keep: 0 })
      await expectRelease(bare, NEW)
      const names = Object.keys(await contents(bare)).filter((name) => /\.[0-9a-f]{12}\./.test(name))
      expect(names).toHaveLength(6)
      expect(await historyOf(bare)).toEqual([])
    })
    expect(deaths).toBeGreaterThan(4)
  })
})
