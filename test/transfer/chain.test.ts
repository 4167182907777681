import { type Storage, transfer } from "@node-storages/core"
import { afterAll, describe, expect, it } from "vitest"
import { ENDS, type OpenEnd } from "./ends.ts"
import { expectSameFiles, fill, namesIn } from "./sample-files.ts"
import { soak } from "../run/soak.ts"

/** More than a page, or ten, of the services that list 1,000 at once. */
const COUNT = soak(10_001, 1_101)
/** Minutes on two cores of their own, and several times that beside others. */
const TIME_LIMIT_MS = 1_800_000
const WAY = ["local disk", "Azure", "GCS", "S3", "local disk"].map((wanted) =>
  ENDS.find(({ title }) => title === wanted)!,
)
const reason = WAY.map((end) => end.reason).find((each) => each !== undefined)

describe.skipIf(reason !== undefined)(`${COUNT} files that go round all services`, () => {
  const opened: OpenEnd[] = []
  afterAll(async () => {
    await Promise.all(opened.map(({ remove }) => remove()))
  }, TIME_LIMIT_MS)

  it(
    "come home byte for byte, with types, headers and metadata, and are listed once and in order everywhere",
    async () => {
      const storages: Storage[] = []
      for (const end of WAY) {
        const made = await end.open()
        opened.push(made)
        storages.push(made.storage)
      }
      const [first, ...others] = storages as [Storage, ...Storage[]]
      const bytes = await fill(first, COUNT)
      const names = await namesIn(first)
      expect(new Set(names).size).toBe(COUNT)
      let from = first
      for (const to of others) {
        expect(await transfer(from, to, { concurrency: 16 })).toEqual({
          copied: COUNT,
          skipped: 0,
          bytes,
          deleted: [],
          failures: [],
        })
        expect(await namesIn(to)).toEqual(names)
        from = to
      }
      await expectSameFiles(first, from)
    },
    TIME_LIMIT_MS,
  )
})
