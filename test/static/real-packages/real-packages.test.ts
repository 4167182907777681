import { LocalStorage } from "@node-storages/local"
import type { Manifest } from "@node-storages/static"
import { beforeAll, describe, expect, it } from "vitest"
import { temporaryFolder } from "../collect/site.ts"
import { counted } from "../publishing/support.ts"
import { describePages } from "./pages-suite.ts"
import { type CollectedTree, describeReferences } from "./references-suite.ts"
import { collectTwice, type Run } from "./two-runs.ts"

/** What a storage lists at once. */
const PAGE = 1000

const folder = await temporaryFolder()
const { layer, calls } = counted()
const storage = new LocalStorage(folder).with(layer)

let tree: CollectedTree
let first: Run
let second: Run

beforeAll(async () => {
  ;({ first, second } = await collectTwice("a folder", storage, () => calls, { compress: false }))
  const manifest = await storage.open("staticfiles.json").json<Manifest>()
  tree = { storage, manifest, report: first.report }
})

describe("a tree of the published files of real packages", () => {
  it("is collected whole: more than 10,000 files, each written once under its new name and once under its own", () => {
    const { files, published } = first.report
    expect(files).toBeGreaterThan(10_000)
    expect(Object.keys(tree.manifest.files)).toHaveLength(files)
    expect(published.written).toBe(2 * files)
    expect(first.calls).toEqual({ page: 1, put: 2 * files + 1 })
  })

  it("is left alone where nothing has changed: a collect lists, reads the manifest, and no more", () => {
    const unchanged = 2 * first.report.files
    expect(second.report.published).toMatchObject({ written: 0, unchanged, deleted: 0, manifest: "unchanged" })
    expect(second.calls).toEqual({ get: 1, page: Math.ceil((unchanged + 1) / PAGE) })
  })
})

describe("the output of a collect of real packages", async () => {
  describeReferences(() => tree)
  await describePages(folder, () => tree.manifest)
})
