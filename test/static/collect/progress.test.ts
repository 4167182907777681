import { MemoryStorage } from "@node-storages/memory"
import { collect, type CollectProgress } from "@node-storages/static"
import { describe, expect, it } from "vitest"
import { define } from "./inspect.ts"
import { SITE, writeFiles } from "./site.ts"

describe("the progress of a collect", () => {
  it.each([
    ["compressed", { compress: ["gzip", "br"] }],
    ["under plain names too", { compress: ["gzip"], plain: ["**"] }],
    ["without hashes", { compress: [], unhashed: ["**"] }],
  ] as const)("counts the files of the sources, whatever is made of each: %s", async (_, options) => {
    const storage = new MemoryStorage()
    const folder = await writeFiles(SITE)
    const config = define(storage, folder, { ...options, cacheFolder: false })
    // The second time plain names are there, the third time one of them is replaced, at last.
    for (const change of [{}, {}, { "favicon.ico": "new icon", "css/base.css": "b {}" }]) {
      await writeFiles(change, folder)
      const seen: CollectProgress[] = []
      const { files } = await collect(config, { onProgress: (progress) => seen.push(progress) })
      expect(new Set(seen.map(({ total }) => total))).toEqual(new Set([files]))
      const counts = seen.map(({ collected }) => collected)
      expect(counts).toEqual(counts.toSorted((a, b) => a - b))
      expect(counts.at(-1)).toBe(files)
      expect(seen.filter(({ collected, total }) => collected === total)).toHaveLength(1)
      expect(counts[0]).toBeLessThan(2)
    }
  })

  it("counts a dry run in the same way", async () => {
    const seen: CollectProgress[] = []
    const config = define(new MemoryStorage(), await writeFiles(SITE), { cacheFolder: false })
    const { files } = await collect(config, { dryRun: true, onProgress: (progress) => seen.push(progress) })
    expect(seen.at(-1)).toMatchObject({ collected: files, total: files })
  })
})
